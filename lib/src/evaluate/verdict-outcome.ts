// What a verdict says of a pair whose gold label is known.
import type { JudgmentOutcome } from '../schema/judgment-outcome.js';
import { verdictScore, type Order, type Verdict } from '../schema/verdict.js';

/** The outcome of a verdict. @param isGoldTie where neither response is better: a tie is right, and anything else wrong */
export function verdictOutcome(verdict: Verdict, order: Order, isGoldTie = false): JudgmentOutcome {
  const score = verdictScore(verdict, order);
  if (score === null) return 'unscored';
  if (isGoldTie) return verdict.kind === 'tie' ? 'right' : 'wrong';
  return score === 1 ? 'right' : score === 0 ? 'wrong' : 'tie';
}
