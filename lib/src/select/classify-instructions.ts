// Classification: a model labels every instruction with category, complexity and expected length (paper, section 3.1).
import { z } from 'zod';
import { section } from '../core/config-section.js';
import { ConfigError } from '../core/errors.js';
import { deriveSeed } from '../core/random.js';
import { printable } from '../core/text.js';
import type { ChatModel } from '../model/chat-model.js';
import { categoryNamed, type PromptPack } from '../prompt/index.js';
import { samplingSchema } from '../schema/chat.js';
import { dropped, kept, type Outcome } from '../schema/drop.js';
import type { Instruction } from '../schema/instruction.js';

export const classifySchema = section(
  {
    temperature: samplingSchema.shape.temperature.default(0),
    topP: samplingSchema.shape.topP.default(1),
    maxTokens: samplingSchema.shape.maxTokens.default(512),
    unknownCategory: z.enum(['drop', 'other']).default('drop'),
  },
  {
    unknownCategory: 'Instructions whose category the pack does not have: drop them, or call it Other.',
  },
);
/** How instructions are classified. */
export type ClassifyConfig = z.output<typeof classifySchema>;

/** The category for instructions that fit no other. */
export const OTHER_CATEGORY = 'Other';

/** The model that classifies, and how. */
export interface ClassifyOptions extends ClassifyConfig {
  chatModel: ChatModel;
  /** Must have a selection prompt. */
  pack: PromptPack;
  model: string;
  seed: number;
  signal: AbortSignal;
}

/**
 * Labels every instruction, in input order; drops pass through. Instructions that already have both category and complexity are not sent.
 * Without readable labels an instruction is dropped as `label-missing`, `complexity-out-of-range`, `category-unknown` or `truncated`.
 * @throws ConfigError for a pack without a selection prompt; ModelError when the endpoint as a whole fails
 */
export function classifyInstructions(
  instructions: AsyncIterable<Outcome<Instruction>> | Iterable<Outcome<Instruction>>,
  options: ClassifyOptions,
): AsyncGenerator<Outcome<Instruction>> {
  const { chatModel, pack, signal } = options;
  const { selection } = pack;
  if (selection === null)
    throw new ConfigError({
      subject: `pack ${pack.name}`,
      expected: 'a selection prompt, by which instructions are classified',
      remedy: 'Use the pack general, or add `selection` to yours.',
    });
  return chatModel.outcomes(
    instructions,
    (outcome, workSignal) =>
      outcome.kind === 'dropped' || isClassified(outcome.record)
        ? Promise.resolve(outcome)
        : classify(outcome.record, selection, { ...options, signal: workSignal }),
    {
      subjectOf: (outcome) =>
        outcome.kind === 'kept' ? outcome.record.instructionId : outcome.drop.subjectId,
      signal,
    },
  );
}

function isClassified({ labels }: Instruction): boolean {
  return labels?.complexity !== undefined;
}

async function classify(
  instruction: Instruction,
  selection: NonNullable<PromptPack['selection']>,
  options: ClassifyOptions,
): Promise<Outcome<Instruction>> {
  const { chatModel, pack, model, seed, signal, temperature, topP, maxTokens, unknownCategory } = options;
  const { instructionId, text } = instruction;
  const [completion] = await chatModel.sample(
    {
      model,
      messages: selection.render(text),
      sampling: { temperature, topP, maxTokens },
      nSamples: 1,
      seed: deriveSeed(seed, 'select', instructionId),
      promptVersion: pack.version,
    },
    signal,
  );
  if (completion === undefined) throw new RangeError('the model gave no completion and no error');
  const parsed = selection.parse(completion);
  if (!parsed.ok) return dropped(instructionId, parsed.reason, printable(completion.text));
  const { category, complexity, expectedLength } = parsed.value;
  const known =
    categoryNamed(category, selection.categories) ?? (unknownCategory === 'other' ? OTHER_CATEGORY : null);
  if (known === null) return dropped(instructionId, 'category-unknown', printable(category));
  return kept({ ...instruction, labels: { category: known, complexity, expectedLength } });
}
