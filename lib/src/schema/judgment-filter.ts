// Which of a run's judgments are meant: those that a view lists, and those that a figure of a report counts.
import { z } from 'zod';
import { CHANGES, JUDGMENT_KINDS, OUTCOMES, PAIR_OUTCOMES } from './judgment-outcome.js';
import { orderSchema } from './verdict.js';

const words = z.array(z.string()).optional();

export const judgmentFilterSchema = z.strictObject({
  kind: z.enum(JUDGMENT_KINDS).optional(),
  iteration: z.array(z.int().min(0)).optional(),
  benchmark: words,
  slice: words,
  errorKind: words,
  order: orderSchema.optional(),
  /** A, B, tie, or why there is none. */
  verdict: words,
  outcome: z.array(z.enum(OUTCOMES)).optional(),
  bothOrders: z.array(z.enum(PAIR_OUTCOMES)).optional(),
  sinceSeed: z.array(z.enum(CHANGES)).optional(),
  sinceBefore: z.array(z.enum(CHANGES)).optional(),
  /** Most of the share of votes for the known winner, 0 to 1; judgments without votes are left out. */
  mostWinnerVotes: z.number().min(0).max(1).optional(),
  /** The id of the pair, whole. */
  subject: z.string().optional(),
  /** In the judgment, the instruction or a response; letter case does not matter. */
  text: z.string().optional(),
});
/** What judgments have to be; what is absent does not matter. */
export type JudgmentFilter = z.output<typeof judgmentFilterSchema>;

/** What a figure counts. */
export interface CountedJudgments {
  /** Of a report of several runs, the one that they are of: its folder below the results, `<experiment>/<run>`. */
  run?: string | undefined;
  filter: JudgmentFilter;
  /** In words, e.g. `the 240 verdicts of iteration 2`. */
  inWords: string;
}
