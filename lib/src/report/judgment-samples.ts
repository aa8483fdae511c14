// Judgments that a report shows in full: samples of right, wrong and unparsed ones.
import type { FiguresOf } from './counted-judgments.js';
import { winnerLabel, type Order, type Verdict } from '../schema/verdict.js';

/** The outcome of a judgment against the known winner. */
export const JUDGMENT_OUTCOMES = ['right', 'wrong', 'tie', 'unparsed'] as const;
export type JudgmentOutcome = (typeof JUDGMENT_OUTCOMES)[number];

/** One judgment of a pair. */
export interface ShownJudgment {
  /** The judge's name in the report, e.g. `seed`. */
  judge: string;
  text: string;
  verdict: Verdict;
  outcome: JudgmentOutcome;
}

/** A pair with the judgments of several judges in the same order. */
export interface ShownPair {
  itemId: string;
  slice: string;
  errorKind: string;
  order: Order;
  /** The pair; null where the benchmark is not available. */
  texts: { instruction: string; winner: string; loser: string } | null;
  judgments: readonly ShownJudgment[];
}

/** The pair as the judge saw it, and the label of the better response; texts are null where the benchmark is not available. */
export function asShown({ order, texts }: Pick<ShownPair, 'order' | 'texts'>) {
  const better = winnerLabel(order);
  if (texts === null) return { better, texts: null };
  const { instruction, winner, loser } = texts;
  const [a, b] = better === 'A' ? [winner, loser] : [loser, winner];
  return { better, texts: { instruction, a, b } };
}

/** Pairs by the outcome of the last judge's judgment. */
export interface JudgmentSamples {
  /** The judge whose outcomes group the pairs. */
  judge: string;
  /** Where its judgments are found; absent: not told. */
  of?: FiguresOf;
  groups: readonly {
    outcome: JudgmentOutcome;
    /** The judge's number of judgments with this outcome; the pairs are drawn from them. */
    n: number;
    pairs: readonly ShownPair[];
  }[];
}
