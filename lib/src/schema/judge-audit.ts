// The audit of a judge: how its verdicts on held-out pairs move when the pairs are changed in ways that change no answer.
import { z } from 'zod';
import { estimateSchema } from './estimate.js';

/** What a probe does to a pair. */
export const probeKindSchema = z.enum([
  /** A surface feature goes to the right response, and to the wrong one. */
  'feature',
  /** Nothing: the two orders of a pair are compared. */
  'position',
  /** A constant text takes the place of the wrong response. */
  'constant',
  /** A text that says nothing takes the place of the instruction. */
  'hidden-instruction',
  /** The right response is shown beside itself. */
  'same-response',
]);
/** See {@link probeKindSchema}. */
export type ProbeKind = z.infer<typeof probeKindSchema>;

/** What a changed pair is, by the response that the probe speaks for; `plain` is the pair as it is. */
export const probeSideSchema = z.enum(['plain', 'agreeing', 'contradicting', 'changed']);
/** See {@link probeSideSchema}. `changed`: of probes other than a feature, which have one side. */
export type ProbeSide = z.infer<typeof probeSideSchema>;

export const probeResultSchema = z.strictObject({
  probe: z.string().min(1),
  kind: probeKindSchema,
  /**
   * Accuracy where the probe speaks for the right response and where it speaks for the wrong one. Of `position`: where the right response is
   * shown first, and second. Of `constant` and `hidden-instruction`: of the pair as it is, and as it is changed. Of `same-response`: the share
   * of verdicts for the response shown first, and for the other; a tie is half of each.
   */
  agreeing: estimateSchema,
  contradicting: estimateSchema,
  /** The first minus the second over the same pairs; its interval is of the paired difference, clustered as the items are. */
  difference: estimateSchema,
  /** Of the verdicts that are right on the pair as it is, the share that the change turns into another; absent of `same-response`. */
  flipped: estimateSchema.optional(),
  /** `difference` minus that of the seed model on the same pairs; absent for the seed itself. */
  againstSeed: estimateSchema.optional(),
});
/** What one probe found. */
export type ProbeResult = z.infer<typeof probeResultSchema>;

export const judgeAuditSchema = z.strictObject({
  /** Held-out pairs that were drawn. */
  nPairs: z.int().min(0),
  nClusters: z.int().min(0),
  /** Changed pairs that could not be judged, by reason. */
  nDropped: z.record(z.string(), z.int().min(1)),
  /** Accuracy on the pairs as they are, in both orders. */
  plain: estimateSchema,
  probes: z.array(probeResultSchema),
});
/** The audit of one judge. */
export type JudgeAudit = z.infer<typeof judgeAuditSchema>;
