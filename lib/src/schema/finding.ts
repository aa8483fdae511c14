// What was found out about an experiment before it runs: the lines of `autodidact doctor`.
import { z } from 'zod';
import type { AutodidactError } from '../core/errors.js';

/** `stop`: the run would fail or be useless; `warning`: it would go on, at a price that is named. */
export const verdictOfCheckSchema = z.enum(['ok', 'warning', 'stop']);

export const findingSchema = z.strictObject({
  /** What was checked, e.g. `trainer`. */
  check: z.string().min(1),
  verdict: verdictOfCheckSchema,
  /** What was found; printable and without secrets, as the remedy. */
  found: z.string().min(1),
  /** What to do; null where nothing is. */
  remedy: z.string().min(1).nullable(),
});
/** The result of a check. */
export type Finding = z.infer<typeof findingSchema>;

export const examinationSchema = z.strictObject({
  /** Its name, or its file where the name cannot be read. */
  experiment: z.string().min(1),
  /** Chat requests that were sent to try parameters. */
  nRequests: z.int().min(0),
  findings: z.array(findingSchema),
});
/** All findings about an experiment. */
export type Examination = z.infer<typeof examinationSchema>;

/** Nothing to do. */
export function fine(check: string, found: string): Finding {
  return { check, verdict: 'ok', found, remedy: null };
}

/** Something that a run survives. */
export function warned(check: string, found: string, remedy: string): Finding {
  return { check, verdict: 'warning', found, remedy };
}

/** Something that a run does not survive. */
export function stopped(check: string, found: string, remedy: string): Finding {
  return { check, verdict: 'stop', found, remedy };
}

/** The same for an error. */
export function stopOf(check: string, { subject, expected, received, remedy }: AutodidactError): Finding {
  const what = received === undefined ? '' : `, received ${received}`;
  return stopped(check, `${subject}: expected ${expected}${what}`, remedy);
}
