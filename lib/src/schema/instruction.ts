// An instruction: the unlabeled input from which the loop makes everything else.
import { z } from 'zod';

export const instructionSchema = z.strictObject({
  instructionId: z.string().min(1),
  text: z.string().min(1),
  /** The named part of the pool it belongs to, e.g. `reasoning`, `code`, `math`. */
  slice: z.string().min(1),
});
/** An unlabeled instruction x. */
export type Instruction = z.infer<typeof instructionSchema>;
