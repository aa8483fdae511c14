// Published figures of the Self-Taught Evaluator, and corresponding figures measured here.
import { z } from 'zod';
import { estimateSchema } from './estimate.js';

export const overallScaleSchema = z.enum(['four-sections', 'with-prior-sets']);
/**
 * What a RewardBench "overall" is the mean of: the four sections; or the four and, at half weight, the prior sets:
 * (sum + prior / 2) / 4.5.
 */
export type OverallScale = z.infer<typeof overallScaleSchema>;

export const sectionCountsSchema = z.enum(['current', 'before-2024-09-10']);

export const supportSchema = z.enum(['A', 'B', 'C']);
/**
 * How well a published figure is supported: A stated in the abstract or recomputed from published results by subset; B two
 * independent notes of the paper agree; C one note.
 */
export type Support = z.infer<typeof supportSchema>;

const figureKeyShape = {
  /** The system: `seed`, `iteration-3`, `majority-vote-32`, ... */
  system: z.string().min(1),
  /** Name of the benchmark, as on the command line. */
  benchmark: z.enum(['rewardbench', 'mt-bench', 'helpsteer2']),
  /** `overall`, a section, `accuracy`, ... */
  metric: z.string().min(1),
  /** Of RewardBench's overall only; absent where it is not known. */
  scale: overallScaleSchema.optional(),
  /** Which counts of XSTest weigh RewardBench's Safety and overall; absent where it makes no difference or is not known. */
  counts: sectionCountsSchema.optional(),
};

export const publishedFigureSchema = z.strictObject({
  ...figureKeyShape,
  /** Percent points, with the decimals that were published. */
  value: z.number().min(0).max(100),
  /** Number of items that were measured; absent where unknown. */
  n: z.int().min(1).optional(),
  support: supportSchema,
  /** Its source, or how it is derived from its source. */
  source: z.string().min(1),
});
/** A figure of the paper. */
export type PublishedFigure = z.infer<typeof publishedFigureSchema>;

export const ourFigureSchema = z.strictObject({ ...figureKeyShape, estimate: estimateSchema });
/** A figure measured here; it is compared with the published figure of the same key. */
export type OurFigure = z.infer<typeof ourFigureSchema>;
