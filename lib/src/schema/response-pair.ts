// A synthetic preference pair: the winner answers the instruction, the loser was made to be worse (paper, section 3.1).
import { z } from 'zod';

/** How a response was made; all but `answer` make losers. */
export const responseMethodSchema = z.enum([
  /** An answer to the instruction. */
  'answer',
  /** A good answer to a modified instruction (the paper's method). */
  'answer-to-modified-instruction',
  /** An answer that the model was asked to make worse. */
  'worse-answer',
  /** An answer of a weaker model to the same instruction. */
  'weaker-model-answer',
  /** The winner, damaged by a fixed rule. */
  'corruption',
]);
/** See {@link responseMethodSchema}. */
export type ResponseMethod = z.infer<typeof responseMethodSchema>;

export const responseSchema = z.strictObject({
  text: z.string().min(1),
  /** The model that wrote it; of a corruption, the model of the damaged text. */
  model: z.string(),
  method: responseMethodSchema,
  /** The instruction that it answers, if not the pair's own. */
  modifiedInstruction: z.string().optional(),
  /** The rule that damaged it, for a corruption. */
  corruption: z.string().min(1).optional(),
  /** Surface features that were added on purpose, in the order in which they were. */
  planted: z.array(z.string().min(1)).optional(),
  /** The version of the prompt pack and the index of the sample that it was read from. */
  promptVersion: z.string().min(1).optional(),
  sampleIndex: z.int().min(0).optional(),
  /** Present where the model's thinking stood before it; a corruption has that of the damaged text. */
  thinkingRemoved: z.literal(true).optional(),
});
/** A response with its lineage. */
export type Response = z.infer<typeof responseSchema>;

export const responsePairSchema = z.strictObject({
  pairId: z.string().min(1),
  instructionId: z.string().min(1),
  instruction: z.string().min(1),
  slice: z.string().min(1),
  winner: responseSchema,
  loser: responseSchema,
});
/** An instruction with two responses of which one is known to be better. */
export type ResponsePair = z.infer<typeof responsePairSchema>;
