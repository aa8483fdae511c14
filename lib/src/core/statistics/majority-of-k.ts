// The outcome of a majority of k votes, given N sampled votes: exact over all subsets of k, so independent of the order of the votes.
import { checkNumber, wholeFrom } from './checks.js';
import { logBinomialCoefficient } from './factorial.js';

/** How many sampled verdicts name the first candidate, the second, a tie, or none. Whole, from 0 to 65,535. */
export interface SampledVerdicts {
  first: number;
  second: number;
  tie: number;
  none: number;
}

/** As many verdicts of one kind as a table of verdicts holds. */
const SAMPLED = wholeFrom(0, 0xffff);

/** Probability of each outcome of the vote; they sum to 1. */
export type MajorityProbabilities = SampledVerdicts;

/**
 * The chance of each majority when k of the N sampled verdicts are drawn without replacement, all subsets equally likely (multivariate
 * hypergeometric). The rule: the verdict is the label with strictly more votes than each other label, where 'tie' is a label like the other
 * two; without such a label it is a tie; without any vote it is none.
 * @param counts what was sampled; `none` are votes that name nothing
 * @param k votes drawn, whole, 1 to N; k = N gives the majority of all, with certainty
 * @throws RangeError for other counts, and for k outside 1 to N
 */
export function majorityOfK(counts: SampledVerdicts, k: number): MajorityProbabilities {
  const { first, second, tie, none } = counts;
  checkNumber(first, 'majorityOfK(first)', SAMPLED);
  checkNumber(second, 'majorityOfK(second)', SAMPLED);
  checkNumber(tie, 'majorityOfK(tie)', SAMPLED);
  checkNumber(none, 'majorityOfK(none)', SAMPLED);
  const n = first + second + tie + none;
  checkNumber(k, 'majorityOfK(k)', wholeFrom(1, n));
  const logWays = { first: logWaysOf(first, k), second: logWaysOf(second, k), tie: logWaysOf(tie, k) };
  const logWaysOfNone = logWaysOf(none, k);
  const logSubsets = logBinomialCoefficient(n, k);
  let total = 0;
  const probabilities: MajorityProbabilities = { first: 0, second: 0, tie: 0, none: 0 };
  logWays.first.forEach((logFirst, nFirst) => {
    logWays.second.slice(0, k - nFirst + 1).forEach((logSecond, nSecond) => {
      const nLeft = k - nFirst - nSecond;
      const least = Math.max(0, nLeft - none);
      for (let nTie = least; nTie <= Math.min(tie, nLeft); nTie++) {
        const logNoneAndTie = (logWays.tie[nTie] ?? 0) + (logWaysOfNone[nLeft - nTie] ?? 0);
        const outcome = outcomeOf(nFirst, nSecond, nTie);
        const probability = Math.exp(logFirst + logSecond + logNoneAndTie - logSubsets);
        probabilities[outcome] += probability;
        total += probability;
      }
    });
  });
  // The total is 1 except for rounding; dividing makes certain outcomes exactly 1.
  return {
    first: probabilities.first / total,
    second: probabilities.second / total,
    tie: probabilities.tie / total,
    none: probabilities.none / total,
  };
}

/** log of the number of ways to choose 0, 1, ... up to k of n. */
function logWaysOf(count: number, k: number): Float64Array {
  return Float64Array.from({ length: Math.min(count, k) + 1 }, (_, i) => logBinomialCoefficient(count, i));
}

function outcomeOf(nFirst: number, nSecond: number, nTie: number): keyof MajorityProbabilities {
  if (nFirst + nSecond + nTie === 0) return 'none';
  if (nFirst > nSecond && nFirst > nTie) return 'first';
  if (nSecond > nFirst && nSecond > nTie) return 'second';
  return 'tie';
}
