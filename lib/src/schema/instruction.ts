// An instruction: the unlabeled input from which the loop makes everything else.
import { z } from 'zod';
import { contentHash } from '../core/hash.js';

export const instructionLabelsSchema = z.strictObject({
  category: z.string().min(1),
  /** 1 (anybody could answer at once) to 10; absent where the pool names categories alone. */
  complexity: z.int().min(1).max(10).optional(),
  /** Of a good answer, as the prompt's own scale names it; absent as complexity. */
  expectedLength: z.string().min(1).optional(),
});
/** What a model, or the pool itself, said about an instruction (paper, section 3.1). */
export type InstructionLabels = z.infer<typeof instructionLabelsSchema>;

export const instructionSchema = z.strictObject({
  instructionId: z.string().min(1),
  text: z.string().min(1),
  /** The named part of the pool it belongs to, e.g. `reasoning`, `code`, `math`. */
  slice: z.string().min(1),
  /** Where it was read; absent where no file holds it. */
  source: z.strictObject({ file: z.string().min(1), line: z.int().min(1) }).optional(),
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
