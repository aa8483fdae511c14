// Judgments that a report shows in full: some of the right, of the wrong and of those without a verdict.
import { winnerLabel, type Order, type Verdict } from '../schema/verdict.js';

/** What a judgment came to against the known winner. */
export const JUDGMENT_OUTCOMES = ['right', 'wrong', 'tie', 'unparsed'] as const;
export type JudgmentOutcome = (typeof JUDGMENT_OUTCOMES)[number];

/** One judgment of a pair. */
export interface ShownJudgment {
  /** Who judged, as the report names it, e.g. `seed`. */
  judge: string;
  text: string;
  verdict: Verdict;
  outcome: JudgmentOutcome;
}

/** A pair with what several judges said of it in the same order. */
export interface ShownPair {
  itemId: string;
  slice: string;
  errorKind: string;
  order: Order;
  /** The pair itself; null where the benchmark is not at hand. */
  texts: { instruction: string; winner: string; loser: string } | null;
  judgments: readonly ShownJudgment[];
}

/** The pair as the judge saw it, and the label of the better response; texts are null where the benchmark is not at hand. */
export function asShown({ order, texts }: Pick<ShownPair, 'order' | 'texts'>) {
  const better = winnerLabel(order);
  if (texts === null) return { better, texts: null };
  const { instruction, winner, loser } = texts;
  const [a, b] = better === 'A' ? [winner, loser] : [loser, winner];
  return { better, texts: { instruction, a, b } };
}

/** Pairs by the outcome of the last judge's judgment. */
export interface JudgmentSamples {
  /** Whose outcome sorts them. */
  judge: string;
  groups: readonly {
    outcome: JudgmentOutcome;
    /** How many judgments of the last judge ended so; the pairs are drawn from them. */
    n: number;
    pairs: readonly ShownPair[];
  }[];
}
