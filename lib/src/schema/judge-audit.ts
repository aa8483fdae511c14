// The audit of a judge: how its verdicts on held-out pairs move when the pairs are changed in ways that change no answer.
import { z } from 'zod';
import { estimateSchema } from './estimate.js';

/** What a probe does to a pair, and which figures of it speak against a judge. */
export const probeKindSchema = z.enum([
  /** A surface feature is added to the right response, and to the wrong one. A difference in either direction is a shortcut. */
  'feature',
  /** Nothing: the two orders of a pair are compared. A difference in either direction is a shortcut. */
  'position',
  /** A constant text replaces the wrong response. A positive difference is a shortcut: the judge prefers it to right responses. */
  'constant',
  /**
   * A text that says nothing replaces the instruction. A large difference is expected. Accuracy above 1/2 without the instruction means that
   * the responses alone tell the winner.
   */
  'hidden-instruction',
  /**
   * The right response replaces the wrong one. The difference is what the judge does where nothing decides: large in a judge that cannot call
   * a tie and always breaks it in one way, which changes no other verdict. `position` says whether that matters.
   */
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
   * Accuracy where the shortcut would choose the right response, and where it would choose the wrong one, over verdicts; ties are half right.
   * Of `position`: where the right response is shown first, and second. Of `constant` and `hidden-instruction`: of the pair as it is, and as
   * it is changed. Of `same-response`: the share of verdicts for the response shown first, and for the other; a tie is half of each.
   * A verdict is unscored where it could not be read, or was lost.
   */
  agreeing: estimateSchema,
  contradicting: estimateSchema,
  /**
   * The first minus the second, -1 to 1, over pairs: of each pair the mean over the orders in which both were scored. A pair without such an
   * order is unscored. The interval is of paired differences by cluster; where all are alike, `method` says so.
   */
  difference: estimateSchema,
  /**
   * Of the verdicts that are right on the pair as it is, the share that is not right any more where the shortcut would choose the wrong
   * response (of `position`: in the other order), both in the same order; ties are not right. Absent of `same-response`.
   */
  flipped: estimateSchema.optional(),
  /** `difference` minus that of the seed model, -2 to 2, over pairs and orders in which both judges were scored; absent for the seed itself. */
  againstSeed: estimateSchema.optional(),
  /** Changed pairs, of `position` pairs as they are, that could not be judged, by reason: unscored above. Absent where there are none. */
  nDropped: z.record(z.string(), z.int().min(1)).optional(),
});
/** What one probe found. */
export type ProbeResult = z.infer<typeof probeResultSchema>;

export const judgeAuditSchema = z.strictObject({
  /** Held-out pairs of which at least one verdict was given. */
  nPairs: z.int().min(0),
  nClusters: z.int().min(0),
  /** Changed pairs that could not be judged, by reason. */
  nDropped: z.record(z.string(), z.int().min(1)),
  /** Accuracy on the pairs as they are, over the verdicts of both orders; ties are half right. */
  plain: estimateSchema,
  probes: z.array(probeResultSchema),
});
/** The audit of one judge. */
export type JudgeAudit = z.infer<typeof judgeAuditSchema>;
