// A synthetic preference pair: the winner answers the instruction, the loser answers a modified one (paper, section 3.1).
import { z } from 'zod';

export const responseSchema = z.strictObject({
  text: z.string().min(1),
  /** The model that wrote it. */
  model: z.string(),
  /** How it was made: an answer to the instruction, or to a modified instruction. */
  method: z.enum(['answer', 'answer-to-modified-instruction']),
  /** The instruction that it answers, where that is not the pair's own. */
  modifiedInstruction: z.string().optional(),
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
