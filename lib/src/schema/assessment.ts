// Whether a judge can be trusted: its checks, each with what was found, in words.
import { z } from 'zod';

/**
 * `red`: do not use this judge, or do not train on, before it is settled. `amber`: know this before you rely on it. `green`: looked at, and nothing found.
 * `unknown`: not looked at, so it stands for nothing.
 */
export const levelSchema = z.enum(['green', 'amber', 'red', 'unknown']);
/** See {@link levelSchema}. */
export type Level = z.infer<typeof levelSchema>;

/** What a check looks at. */
export const checkKindSchema = z.enum([
  /** Whether the judge is better than the seed model. */
  'gain',
  /** Whether it is better than judges that understand nothing. */
  'trivial-judges',
  /** A shortcut of the judge, by probes or by the evaluation itself. */
  'shortcut',
  /** Whether it gives the same verdict in both orders of a pair. */
  'consistency',
  /** What the surface of the pairs, or of the examples that it was trained on, gives away about their winners. */
  'training-set',
  /** Items without a verdict. */
  'lost-items',
  /** Whether an iteration judges exactly as the one before it. */
  'identical-iterations',
  /** Whether training texts and benchmark overlap. */
  'overlap',
  /** What people say. */
  'people',
]);
/** See {@link checkKindSchema}. */
export type CheckKind = z.infer<typeof checkKindSchema>;

export const acceptanceSchema = z.strictObject({
  /** When it was accepted, ISO 8601. */
  at: z.iso.datetime(),
  /** The iteration at which the run had stopped. */
  iteration: z.int().min(0),
  /** Ids of the checks that were red there. */
  checks: z.array(z.string().min(1)).min(1),
  /** Why, in the words of who accepted it: hostile text. */
  reason: z.string().min(1),
});
/** That somebody lets a run go on in spite of red checks. */
export type Acceptance = z.infer<typeof acceptanceSchema>;

export const closedGateSchema = acceptanceSchema.pick({ iteration: true, checks: true });
/** That a gate has ended a run, which goes on once its checks are accepted. */
export type ClosedGate = z.infer<typeof closedGateSchema>;

export const assessmentCheckSchema = z.strictObject({
  /** Unique in an assessment and stable over iterations, e.g. `shortcut: length`. */
  id: z.string().min(1),
  kind: checkKindSchema,
  level: levelSchema,
  /** What was found, a sentence with its figures (n, interval), printable. */
  found: z.string().min(1),
  /** What to do; null where nothing is. */
  remedy: z.string().min(1).nullable(),
  /** Absent: nobody accepted it. It stays red. */
  accepted: acceptanceSchema.optional(),
});
/** One check of a judge. */
export type AssessmentCheck = z.infer<typeof assessmentCheckSchema>;

export const assessmentSchema = z.strictObject({
  iteration: z.int().min(0),
  model: z.string(),
  /**
   * The worst of the checks; those that are unknown are left out. Unknown where all are, and where nothing is red or amber but trivial judges or
   * every shortcut is unknown.
   */
  level: levelSchema,
  /** Red first, then amber, unknown, green; of one level by kind, in the order of the kinds. */
  checks: z.array(assessmentCheckSchema),
});
/** The assessment of a judge. */
export type Assessment = z.infer<typeof assessmentSchema>;
