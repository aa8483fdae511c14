// A benchmark item: a pair with a gold winner on which judges are measured.
import { z } from 'zod';

export const benchmarkItemSchema = z.strictObject({
  itemId: z.string().min(1),
  instruction: z.string().min(1),
  slice: z.string().min(1),
  /** What is wrong with the loser, where that is known; groups like the subsets of RewardBench. */
  errorKind: z.string().min(1),
  winner: z.string().min(1),
  loser: z.string().min(1),
});
/** One held-out pair. */
export type BenchmarkItem = z.infer<typeof benchmarkItemSchema>;
