// A prompt pack: templates and parsers for every request to a model.
import { own } from '../core/own.js';
import { z } from 'zod';
import { contentHash } from '../core/hash.js';
import { chatMessageSchema, type ChatMessage, type Completion } from '../schema/chat.js';
import type { Verdict } from '../schema/verdict.js';
import { parseText, textRuleSchema, type Parsed } from './text-rules.js';
import { parseRating, ratingRuleSchema, type ParsedRating, type RatingRule } from './rating.js';
import { ENGLISH_PROBES } from './english-probes.js';
import { probesSchema, type ProbeTexts } from './probe-texts.js';
import { SELECTION_CATEGORIES } from './selection-categories.js';
import { parseSelection, type SelectionLabels } from './selection-labels.js';
import { parseVerdict, verdictRuleSchema, type VerdictRule } from './verdict-rules.js';

/** A prompt whose messages use exactly these placeholders, written `{{name}}`; further keys say how its completions are read. */
function promptSchema<Reading extends z.core.$ZodLooseShape>(
  placeholders: readonly string[],
  reading: Reading,
) {
  const messages = z
    .array(chatMessageSchema)
    .min(1)
    .superRefine((written, context) => {
      const found = written.flatMap(({ content }) => [...content.matchAll(PLACEHOLDER)]);
      const used = new Set(found.map(([, name = '']) => name));
      const complain = (message: string): void => context.addIssue({ code: 'custom', message });
      for (const name of placeholders) if (!used.has(name)) complain(`expected the placeholder {{${name}}}`);
      for (const name of used) {
        if (placeholders.includes(name)) continue;
        const known = placeholders.map((placeholder) => `{{${placeholder}}}`).join(', ');
        complain(`unknown placeholder {{${name}}}; known: ${known}`);
      }
    });
  return z.strictObject({ messages, ...reading });
}
const PLACEHOLDER = /\{\{(\w+)\}\}/g;

const TEXT_PLACEHOLDERS = ['instruction'] as const;
const JUDGE_PLACEHOLDERS = ['instruction', 'responseA', 'responseB'] as const;
const RESPONSE_PLACEHOLDERS = ['instruction', 'response'] as const;

export const packDefinitionSchema = z.strictObject({
  name: z.string().min(1),
  answer: promptSchema(TEXT_PLACEHOLDERS, { parse: textRuleSchema }),
  modifiedInstruction: promptSchema(TEXT_PLACEHOLDERS, { parse: textRuleSchema }),
  /** Makes a good answer worse in a way that is not obvious. Absent: the model cannot. */
  worseAnswer: promptSchema(RESPONSE_PLACEHOLDERS, { parse: textRuleSchema }).optional(),
  judge: promptSchema(JUDGE_PLACEHOLDERS, { parse: verdictRuleSchema }),
  /** Grades a single response. Absent: the model only compares. */
  grade: promptSchema(RESPONSE_PLACEHOLDERS, { parse: ratingRuleSchema }).optional(),
  /** Classifies an instruction; `categories` are those that the prompt offers, by default those of the paper. Absent: the model cannot. */
  selection: promptSchema(TEXT_PLACEHOLDERS, {
    categories: z.array(z.string().min(1)).min(1).optional(),
  }).optional(),
  /** What is tried on its judges, by name. Absent: the probes in English. It is asked of no model but in an audit, so it is no part of the version. */
  probes: probesSchema.optional(),
});
/** A pack as it is written: in this folder, or in a YAML file of the user. */
export type PackDefinition = z.infer<typeof packDefinitionSchema>;

/** A pair as a judge sees it. */
type JudgePromptParts = Record<(typeof JUDGE_PLACEHOLDERS)[number], string>;
/** An instruction and one response to it, to be graded or made worse. */
type ResponsePromptParts = Record<(typeof RESPONSE_PLACEHOLDERS)[number], string>;

/** A prompt and the parser that belongs to it. */
export interface Prompt<Input, Output> {
  render(input: Input): ChatMessage[];
  parse(completion: Completion): Output;
}

/** A pack, ready to use. */
export interface PromptPack {
  name: string;
  /** Content hash of templates and rules, without probes: a changed pack never reuses completions of the old one. */
  version: string;
  answer: Prompt<string, Parsed<string>>;
  modifiedInstruction: Prompt<string, Parsed<string>>;
  worseAnswer: Prompt<ResponsePromptParts, Parsed<string>> | null;
  judge: Prompt<JudgePromptParts, Verdict> & { rule: VerdictRule };
  grade: (Prompt<ResponsePromptParts, ParsedRating> & { rule: RatingRule }) | null;
  selection: (Prompt<string, Parsed<SelectionLabels>> & { categories: readonly string[] }) | null;
  /** The texts of probes that are tried on its judges. */
  probes: Readonly<Record<string, ProbeTexts>>;
}

/** Makes a pack from its definition. */
export function compilePack(definition: PackDefinition): PromptPack {
  const { probes = ENGLISH_PROBES, ...asked } = definition;
  const { name, answer, modifiedInstruction, worseAnswer, judge, grade, selection } = asked;
  return {
    name,
    version: contentHash(asked).slice(0, 16),
    answer: promptOf(answer, (completion) => parseText(answer.parse, completion)),
    modifiedInstruction: promptOf(modifiedInstruction, (completion) =>
      parseText(modifiedInstruction.parse, completion),
    ),
    worseAnswer: worseAnswer
      ? promptOf(worseAnswer, (completion) => parseText(worseAnswer.parse, completion))
      : null,
    judge: { ...promptOf(judge, (completion) => parseVerdict(judge.parse, completion)), rule: judge.parse },
    grade: grade
      ? { ...promptOf(grade, (completion) => parseRating(grade.parse, completion)), rule: grade.parse }
      : null,
    selection: selection
      ? { ...promptOf(selection, parseSelection), categories: selection.categories ?? SELECTION_CATEGORIES }
      : null,
    probes,
  };
}

/** @param template its messages use the keys of the input as placeholders; an input that is a text is the `instruction` */
function promptOf<Input extends string | object, Output>(
  { messages }: { messages: readonly ChatMessage[] },
  parse: (completion: Completion) => Output,
): Prompt<Input, Output> {
  return {
    render: (input) => fill(messages, typeof input === 'string' ? { instruction: input } : { ...input }),
    parse,
  };
}

/** Fills all placeholders in one pass, so that a placeholder inside an instruction stays text. */
function fill(messages: readonly ChatMessage[], values: Record<string, string>): ChatMessage[] {
  return messages.map(({ role, content }) => ({
    role,
    content: content.replace(PLACEHOLDER, (whole, name: string) => own(values, name) ?? whole),
  }));
}
