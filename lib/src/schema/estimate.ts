// An estimate: a value with its n, the number of unscored observations, and an interval.
import { z } from 'zod';
import { wordRecord } from '../core/own.js';

export const estimateSchema = z.strictObject({
  /** null when nothing could be scored; never 0 for an empty set. */
  value: z.number().nullable(),
  /** How many observations were scored. */
  n: z.int().min(0),
  /** In how many clusters they came, which the interval takes for independent; absent where it does not say. */
  nClusters: z.int().min(0).optional(),
  /** How many observations could not be scored (unparsed), counted separately. */
  unscored: z.int().min(0),
  /** Those by reason, whose sum is `unscored`; absent where there are none or the reasons are not known. */
  unscoredReasons: wordRecord(z.int().min(1)).optional(),
  /** What counts as right, in a few words, where it is not the project's own convention. */
  convention: z.string().optional(),
  /** 95% interval; null where nothing was scored, and where what was scored shows no spread to make one from. */
  low: z.number().nullable(),
  high: z.number().nullable(),
  /** How the interval was made, or why there is none. */
  method: z.string(),
});
/** A figure with its uncertainty. */
export type Estimate = z.infer<typeof estimateSchema>;

export const comparisonSchema = z.strictObject({
  /** Paired difference, later minus earlier; null when no item was scored by both. */
  difference: z.number().nullable(),
  /** How many items were scored by both. */
  n: z.int().min(0),
  /** In how many clusters they come, which interval and test take for independent; absent in records of earlier versions. */
  nClusters: z.int().min(0).optional(),
  /** Items that at least one of the two could not be scored on. */
  unscored: z.int().min(0),
  low: z.number().nullable(),
  high: z.number().nullable(),
  /** Two-sided p of the paired test. */
  pValue: z.number().nullable(),
  /** The smallest true difference that this many items detect at p < 0.05 in four of five cases; null if unknown. */
  minimumDetectable: z.number().nullable(),
  method: z.string(),
});
/** A paired comparison of two judges on the same items. */
export type Comparison = z.infer<typeof comparisonSchema>;
