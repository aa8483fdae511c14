// Statistics of a training set: labels, slices, and lengths in tokens.
import { wordRecord } from '../core/own.js';
import { z } from 'zod';

export const tokenLengthsSchema = z.strictObject({
  /** Of all examples together. */
  total: z.number().min(0),
  /** Null where there are no examples, like all below. */
  mean: z.number().min(0).nullable(),
  /** Nearest-rank percentiles of the length of an example. */
  p50: z.number().min(0).nullable(),
  p90: z.number().min(0).nullable(),
  p99: z.number().min(0).nullable(),
  longest: z.strictObject({ pairId: z.string().min(1), tokens: z.number().min(0) }).nullable(),
});
/** Lengths of the examples of a set, in tokens. */
export type TokenLengths = z.infer<typeof tokenLengthsSchema>;

export const setStatisticsSchema = z.strictObject({
  nExamples: z.int().min(0),
  nPairs: z.int().min(0),
  nInstructions: z.int().min(0),
  /** Examples by the verdict of the judgment that is kept or chosen. */
  labels: z.strictObject({ A: z.int().min(0), B: z.int().min(0) }),
  /** Examples by slice; empty where slices are not known. */
  slices: wordRecord(z.int().min(1)),
  /** Of preference examples: the kinds of rejected judgments. */
  rejected: z
    .strictObject({ wrong: z.int().min(0), tie: z.int().min(0), unparsed: z.int().min(0) })
    .optional(),
  tokens: z.strictObject({
    /** How they were counted, e.g. `characters / 4, about`. */
    counter: z.string().min(1),
    prompt: tokenLengthsSchema,
    /** The judgment that is trained on; of preference examples the chosen and the rejected one together. */
    completion: tokenLengthsSchema,
    /** All tokens of an example in training; the prompt of a preference example counts twice. */
    example: tokenLengthsSchema,
  }),
});
/** See {@link setStatisticsSchema}. */
export type SetStatistics = z.infer<typeof setStatisticsSchema>;
