// A comparison of several judges on the same items: what `autodidact compare --json` prints.
import { z } from 'zod';
import { comparisonSchema, estimateSchema } from './estimate.js';

export const findingSchema = z.enum(['better', 'worse', 'within-noise', 'not-compared']);
/**
 * The conclusion about the judge against its baseline. `better` and `worse` need both a Holm-corrected p below 0.05 and an interval without
 * 0; `not-compared` means that no item was scored by both.
 */
export type Finding = z.infer<typeof findingSchema>;

export const unscoredReasonsSchema = z.strictObject({
  /** Items that only one of the two was shown. */
  oneJudgeOnly: z.int().min(0),
  /** Items without a gold label. */
  noGold: z.int().min(0),
  /** Items that were never shown to both in the same order. */
  noCommonOrder: z.int().min(0),
  /** Items without a parsed verdict of one of the two, in any order that both were shown. */
  noVerdict: z.int().min(0),
});
/** Items that are not compared, by reason; the sum is `unscored`. */
export type UnscoredReasons = z.infer<typeof unscoredReasonsSchema>;

export const judgeComparisonSchema = comparisonSchema.extend({
  /** The later judge; a positive difference means that it is better. */
  judge: z.string(),
  /** The earlier judge. */
  baseline: z.string(),
  /** null: over all subsets. */
  subset: z.string().nullable(),
  finding: findingSchema,
  /** `pValue` corrected for all comparisons of its family; null where there is none. */
  pHolm: z.number().nullable(),
  /**
   * McNemar's mid-p; null unless each item has one single score, 0 or 1, by each judge. Where items come in clusters, the mid-p of the
   * sign-flip test of whole clusters, which is McNemar's for clusters of one.
   */
  mcNemarMidP: z.number().nullable(),
  /** Mean score on the n items that both were scored on; their difference is `difference`. */
  judgeAccuracy: estimateSchema,
  baselineAccuracy: estimateSchema,
  unscoredReasons: unscoredReasonsSchema,
});
/**
 * One judge against another, over all items or on one subset.
 * @example const isBetter = ({ finding }: JudgeComparison) => finding === 'better';
 */
export type JudgeComparison = z.infer<typeof judgeComparisonSchema>;

export const trivialReportSchema = z.strictObject({
  judge: z.string(),
  /** The judge against each trivial judge as its baseline, in one family of tests; those that cannot be computed are absent. */
  comparisons: z.array(judgeComparisonSchema),
});
/** A judge beside the trivial ones (see {@link TRIVIAL_JUDGES}). */
export type TrivialReport = z.infer<typeof trivialReportSchema>;

export const comparedJudgeSchema = z.strictObject({
  name: z.string(),
  /** The input that it comes from, e.g. `results/quickstart/seed-1-0123abcd@5`. */
  source: z.string(),
  /** The model that judged, and the iteration that made it; only of runs. */
  model: z.string().optional(),
  iteration: z.int().min(0).optional(),
  /** Which of the benchmarks of its run is compared, where that has several. */
  measuredOn: z.string().optional(),
  nItems: z.int().min(0),
  /** Benchmark items that could not be judged and are not compared; null where that is not recorded. */
  nDropped: z.int().min(0).nullable(),
});
/** A judge of a comparison. */
export type ComparedJudge = z.infer<typeof comparedJudgeSchema>;

export const comparisonReportSchema = z.strictObject({
  judges: z.array(comparedJudgeSchema).min(2),
  baseline: z.string(),
  /** The rule of the scores, where it is a benchmark's own. Absent: accuracy, with a tie as half right. */
  by: z.string().optional(),
  /** Whether every judge is compared with every other, or only with the baseline. */
  allPairs: z.boolean(),
  seed: z.int(),
  nResamples: z.int().min(1),
  /** One family of tests. */
  overall: z.array(judgeComparisonSchema),
  /** Another family of tests. */
  bySubset: z.array(judgeComparisonSchema),
  /** Each judge beside the trivial ones, on all items that it judged; judges of which nothing is known are absent. */
  trivial: z.array(trivialReportSchema).optional(),
});
/** The report of `autodidact compare`. */
export type ComparisonReport = z.infer<typeof comparisonReportSchema>;
