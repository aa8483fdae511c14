// A prompt pack: templates and parsers for everything that the loop says to a model.
import { z } from 'zod';
import { contentHash } from '../core/hash.js';
import { chatMessageSchema, type ChatMessage, type Completion } from '../schema/chat.js';
import type { Verdict } from '../schema/verdict.js';
import { parseText, textRuleSchema, type Parsed } from './parsers.js';
import { parseRating, ratingRuleSchema, type ParsedRating, type RatingRule } from './rating.js';
import { SELECTION_CATEGORIES } from './selection-categories.js';
import { parseSelection, type SelectionLabels } from './selection-labels.js';
import { parseVerdict, verdictRuleSchema, type VerdictRule } from './verdict-rules.js';

/** Messages that must use exactly these placeholders, written `{{name}}`. */
function templateSchema(placeholders: readonly string[]) {
  return z
    .array(chatMessageSchema)
    .min(1)
    .superRefine((messages, context) => {
      const used = new Set(
        messages.flatMap(({ content }) => [...content.matchAll(PLACEHOLDER)].map((m) => m[1])),
      );
      for (const name of placeholders) {
        if (!used.has(name))
          context.addIssue({ code: 'custom', message: `expected the placeholder {{${name}}}` });
      }
      for (const name of used) {
        if (name !== undefined && !placeholders.includes(name)) {
          const known = placeholders.map((placeholder) => `{{${placeholder}}}`).join(', ');
          context.addIssue({ code: 'custom', message: `unknown placeholder {{${name}}}; known: ${known}` });
        }
      }
    });
}
const PLACEHOLDER = /\{\{(\w+)\}\}/g;

const TEXT_PLACEHOLDERS = ['instruction'];
const JUDGE_PLACEHOLDERS = ['instruction', 'responseA', 'responseB'];
const RESPONSE_PLACEHOLDERS = ['instruction', 'response'];

export const packDefinitionSchema = z.strictObject({
  name: z.string().min(1),
  answer: z.strictObject({ messages: templateSchema(TEXT_PLACEHOLDERS), parse: textRuleSchema }),
  modifiedInstruction: z.strictObject({ messages: templateSchema(TEXT_PLACEHOLDERS), parse: textRuleSchema }),
  /** Makes a good answer worse in a way that is not obvious; absent where the model cannot. */
  worseAnswer: z
    .strictObject({ messages: templateSchema(RESPONSE_PLACEHOLDERS), parse: textRuleSchema })
    .optional(),
  judge: z.strictObject({ messages: templateSchema(JUDGE_PLACEHOLDERS), parse: verdictRuleSchema }),
  /** Grading of a single response; absent where the model only compares. */
  grade: z
    .strictObject({ messages: templateSchema(RESPONSE_PLACEHOLDERS), parse: ratingRuleSchema })
    .optional(),
  /** Absent where the model cannot classify instructions. */
  selection: z
    .strictObject({
      messages: templateSchema(TEXT_PLACEHOLDERS),
      /** The categories that the prompt offers; absent: the paper's. */
      categories: z.array(z.string().min(1)).min(1).optional(),
    })
    .optional(),
});
/** A pack as it is written down: in this folder, or in a YAML file of the user's. */
export type PackDefinition = z.infer<typeof packDefinitionSchema>;

/** A pair as a judge sees it. */
export interface JudgePromptParts {
  instruction: string;
  responseA: string;
  responseB: string;
}

/** An instruction and one response to it, to be graded or made worse. */
export interface ResponsePromptParts {
  instruction: string;
  response: string;
}

/** A prompt and the parser that belongs to it. */
export interface Prompt<Input, Output> {
  render(input: Input): ChatMessage[];
  parse(completion: Completion): Output;
}

/** A pack, ready to use. */
export interface PromptPack {
  name: string;
  /** Content hash of templates and rules: a changed pack never reuses completions of the old one. */
  version: string;
  answer: Prompt<string, Parsed<string>>;
  modifiedInstruction: Prompt<string, Parsed<string>>;
  worseAnswer: Prompt<ResponsePromptParts, Parsed<string>> | null;
  judge: Prompt<JudgePromptParts, Verdict> & { rule: VerdictRule };
  grade: (Prompt<ResponsePromptParts, ParsedRating> & { rule: RatingRule }) | null;
  selection: (Prompt<string, Parsed<SelectionLabels>> & { categories: readonly string[] }) | null;
}

/** Makes a pack from its definition. */
export function compilePack(definition: PackDefinition): PromptPack {
  const { answer, modifiedInstruction, worseAnswer, judge, grade, selection } = definition;
  return {
    name: definition.name,
    version: contentHash(definition).slice(0, 16),
    answer: {
      render: (instruction) => fill(answer.messages, { instruction }),
      parse: (completion) => parseText(answer.parse, completion),
    },
    modifiedInstruction: {
      render: (instruction) => fill(modifiedInstruction.messages, { instruction }),
      parse: (completion) => parseText(modifiedInstruction.parse, completion),
    },
    worseAnswer: worseAnswer
      ? {
          render: (parts) => fill(worseAnswer.messages, { ...parts }),
          parse: (completion) => parseText(worseAnswer.parse, completion),
        }
      : null,
    judge: {
      render: (parts) => fill(judge.messages, { ...parts }),
      parse: (completion) => parseVerdict(judge.parse, completion),
      rule: judge.parse,
    },
    grade: grade
      ? {
          render: (parts) => fill(grade.messages, { ...parts }),
          parse: (completion) => parseRating(grade.parse, completion),
          rule: grade.parse,
        }
      : null,
    selection: selection
      ? {
          render: (instruction) => fill(selection.messages, { instruction }),
          parse: parseSelection,
          categories: selection.categories ?? SELECTION_CATEGORIES,
        }
      : null,
  };
}

/** Fills all placeholders in one pass, so that a placeholder inside an instruction stays what it is: text. */
function fill(messages: readonly ChatMessage[], values: Record<string, string>): ChatMessage[] {
  return messages.map(({ role, content }) => ({
    role,
    content: content.replace(PLACEHOLDER, (whole, name: string) => values[name] ?? whole),
  }));
}
