// A benchmark item: a pair with a gold label on which judges are measured.
import { z } from 'zod';

export const benchmarkItemSchema = z.strictObject({
  itemId: z.string().min(1),
  instruction: z.string().min(1),
  slice: z.string().min(1),
  /** What is wrong with the loser, where that is known; groups like the subsets of RewardBench. */
  errorKind: z.string().min(1),
  /** A response may be empty, since models sometimes return nothing. */
  winner: z.string(),
  loser: z.string(),
  /** The gold label is a tie; `winner` and `loser` are then the first and the second response as they were given. */
  goldTie: z.literal(true).optional(),
  /** Which response the benchmark lists first; absent: the winner. It defines the order "as given" when verdicts are compared. */
  givenFirst: z.enum(['winner', 'loser']).optional(),
  /** The models that wrote the responses, where known. */
  winnerModel: z.string().optional(),
  loserModel: z.string().optional(),
  /** Items of one cluster are not independent, as the turns of one question; absent: those with the same instruction are one. */
  cluster: z.string().min(1).optional(),
  /** A reference answer that the judge is shown with the instruction. */
  reference: z.string().optional(),
});
/** One held-out pair. */
export type BenchmarkItem = z.infer<typeof benchmarkItemSchema>;
