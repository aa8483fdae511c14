// An instruction: the unlabeled input from which the loop makes everything else.
import { z } from 'zod';
import { contentHash } from '../core/hash.js';

export const instructionLabelsSchema = z.strictObject({
  category: z.string().min(1),
  /** 1 (trivial) to 10; absent where the pool has categories only. */
  complexity: z.int().min(1).max(10).optional(),
  /** Of a good answer, on the prompt's own scale; absent like complexity. */
  expectedLength: z.string().min(1).optional(),
});
/** Labels of an instruction, by a model or the pool (paper, section 3.1). */
export type InstructionLabels = z.infer<typeof instructionLabelsSchema>;

export const instructionSchema = z.strictObject({
  instructionId: z.string().min(1),
  text: z.string().min(1),
  /** The named part of the pool it belongs to, e.g. `reasoning`, `code`, `math`. */
  slice: z.string().min(1),
  /** Its file and line; absent for instructions without a file. */
  source: z.strictObject({ file: z.string().min(1), line: z.int().min(1) }).optional(),
  /** The system prompt of the conversation that it opens; kept apart from the text, and sent to no model. */
  systemPrompt: z.string().min(1).optional(),
  /** Absent before a model has classified it. */
  labels: instructionLabelsSchema.optional(),
});
/**
 * An unlabeled instruction x.
 * @example const instruction: Instruction = { instructionId: 'q1', text: 'Explain tides.', slice: 'science' };
 */
export type Instruction = z.infer<typeof instructionSchema>;

/** The id of an instruction: the same text has the same one in every run. */
export function instructionIdOf(text: string): string {
  return `instruction-${contentHash(text).slice(0, 16)}`;
}
