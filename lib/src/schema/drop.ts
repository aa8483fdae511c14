// A drop: an input that a stage did not keep, with its reason. Kept + dropped = input, always.
import { z } from 'zod';

export const dropSchema = z.strictObject({
  /** The id of the instruction, pair or judgment that was dropped. */
  subjectId: z.string().min(1),
  /** A short, countable cause, e.g. `identical-responses`. */
  reason: z.string().min(1),
  /** Details for the reader. */
  detail: z.string().optional(),
});
/** An input that a stage dropped. */
export type Drop = z.infer<typeof dropSchema>;

/** The outcome of one input of a stage: the record made from it, or why it was dropped. */
export type Outcome<Kept> = { kind: 'kept'; record: Kept } | { kind: 'dropped'; drop: Drop };

/** An outcome that keeps. */
export function kept<Kept>(record: Kept): Outcome<Kept> {
  return { kind: 'kept', record };
}

/** An outcome that drops. */
export function dropped(subjectId: string, reason: string, detail?: string): Outcome<never> {
  return { kind: 'dropped', drop: { subjectId, reason, ...(detail === undefined ? {} : { detail }) } };
}
