// What the surface of training pairs gives away about their winners: the audit of pairs before training.
import { z } from 'zod';
import { estimateSchema } from './estimate.js';

/** The feature of a training set that a response is shown first. */
export const POSITION_FEATURE = 'shown first';

export const pairAuditSchema = z.strictObject({
  nPairs: z.int().min(0),
  /** Instructions, whose pairs are one cluster in every interval. */
  nClusters: z.int().min(0),
  features: z.array(
    z.strictObject({
      /** What a response has more or less of, e.g. `list items`; or {@link POSITION_FEATURE}. */
      feature: z.string(),
      /** Pairs of which a response has any of it; absent in older records. */
      nWith: z.int().min(0).optional(),
      /** Share of pairs whose winner has more of it; equally much counts half. */
      winnerHasMore: estimateSchema,
      /** How well the difference tells the winner, from 0 to 1; 0.5 is not at all. */
      auc: estimateSchema,
    }),
  ),
  /** Share of winners that a bag of words finds which was trained on other instructions; null for too few instructions. */
  bagOfWords: estimateSchema.nullable(),
  /** The words that tell most, with their weights: above 0 where they stand in winners. Texts of models: hostile. */
  strongestWords: z.array(z.strictObject({ word: z.string(), weight: z.number() })),
  /** Pairs, drawn at random, from which the weights were learnt; absent: from all. */
  nForWords: z.int().min(1).optional(),
  /** Texts that are the whole response of more than one pair, the most frequent first; of the hostile text an excerpt. */
  repeatedTexts: z.array(
    z.strictObject({ role: z.enum(['winner', 'loser']), nPairs: z.int().min(2), excerpt: z.string() }),
  ),
  /** Pairs whose responses share nearly all of their distinct words. */
  nNearIdentical: z.int().min(0),
});
/** The audit of pairs. */
export type PairAudit = z.infer<typeof pairAuditSchema>;
