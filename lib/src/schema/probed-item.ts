// A held-out pair as a probe changed it, with a judge's verdicts.
import { z } from 'zod';
import { evaluatedItemSchema } from './evaluation.js';
import { probeSideSchema } from './judge-audit.js';

export const probedItemSchema = evaluatedItemSchema.extend({
  /** Name of the probe, e.g. `length`; `plain` for the pair as it is. */
  probe: z.string().min(1),
  side: probeSideSchema,
});
/** The verdicts of a judge on a pair that a probe changed. */
export type ProbedItem = z.infer<typeof probedItemSchema>;
