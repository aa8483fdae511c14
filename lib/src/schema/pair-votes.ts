// What votes on pairs of systems say: win rates, a ranking, and how far raters agree.
import { z } from 'zod';
import { estimateSchema } from './estimate.js';
import { badRowSchema } from './scoring.js';

export const winRateSchema = z.strictObject({
  /** Raters of one kind: a judge, or people. */
  raters: z.string(),
  system: z.string(),
  opponent: z.string(),
  /** Mean of the system's points: a win 1, a tie 0.5, a probability itself. */
  winRate: estimateSchema,
  /** Standard error of the win rate: sample standard deviation by the root of n; null below two votes. */
  standardError: z.number().nullable(),
  /** The same with every vote counted by the side that it is on. */
  discreteWinRate: estimateSchema,
  /** Arena-Hard's own: votes of significantly better count three times, in n too; absent where no vote says so. */
  weightedWinRate: estimateSchema.optional(),
});
/** The win rate of one system against another. */
export type WinRate = z.infer<typeof winRateSchema>;

export const ratingSchema = z.strictObject({
  raters: z.string(),
  system: z.string(),
  /** Bradley-Terry rating: 400 points are odds of ten to one, 1000 is the mean; the interval is a bootstrap over clusters of items. */
  rating: estimateSchema,
});
/** The place of a system among those that were compared. */
export type Rating = z.infer<typeof ratingSchema>;

export const agreementSchema = z.strictObject({
  raters: z.string(),
  /** Equal to `raters` for their agreement with each other. */
  others: z.string(),
  subset: z.string(),
  /** Of all pairs of votes on one item and pair of systems, the share that is equal; two ties are. */
  agreement: estimateSchema,
  /** The same where neither vote is a tie. */
  withoutTies: estimateSchema,
  /** Cohen's kappa of those pairs of votes; null within one kind of raters, whose pairs have no order, and where undefined. */
  kappa: z.number().nullable(),
  kappaWithoutTies: z.number().nullable(),
  /** Krippendorff's nominal alpha: within one kind over its votes on each item, between two over those pairs; null where undefined. */
  alpha: z.number().nullable(),
  alphaWithoutTies: z.number().nullable(),
});
/** How far raters agree. */
export type RaterAgreement = z.infer<typeof agreementSchema>;

export const pairVoteReportSchema = z.strictObject({
  files: z.array(z.string()),
  nVotes: z.int().min(0),
  /** Raters and their votes, by kind. */
  raters: z.record(z.string(), z.strictObject({ nRaters: z.int().min(1), nVotes: z.int().min(1) })),
  winRates: z.array(winRateSchema),
  ratings: z.array(ratingSchema),
  agreements: z.array(agreementSchema),
  /** Systems that answer many items with one text, as an attack on a judge does. */
  repeatedAnswers: z.array(
    z.strictObject({ system: z.string(), nEqual: z.int().min(2), nAnswers: z.int().min(2) }),
  ),
  dropped: z.record(z.string(), z.int().min(1)),
  badRows: z.array(badRowSchema),
});
/** The report of `autodidact votes`. */
export type PairVoteReport = z.infer<typeof pairVoteReportSchema>;
