// McNemar's test of two judges on the same items, exact and mid-p
// (M. W. Fagerland, S. Lydersen and P. Laake 2013, BMC Medical Research Methodology 13:91).
import { logBinomial } from './binomial.js';
import { checkNumber, COUNT } from './checks.js';

/** Two-sided p of both forms, each in (0, 1]. */
export interface McNemarResult {
  /** Exact conditional test: twice the smaller binomial tail, at most 1. Conservative. */
  exact: number;
  /** Mid-p: the exact p less the probability of the split observed. The paper's recommendation. */
  midP: number;
}

/**
 * Tests whether two judges are right equally often. Only discordant items count, those that one judge alone has right; under the null
 * hypothesis they split as fair coins do.
 *
 * The work grows with the square root of the counts, so that 10^6 of each is quick. A p below 5e-324, the smallest positive number, is
 * returned as that rather than as 0.
 * @param counts.onlyFirst items that only the first judge has right; whole, from 0
 * @param counts.onlySecond items that only the second judge has right
 * @returns p = 1 for no discordant items
 * @throws RangeError for counts that are not whole numbers from 0
 */
export function mcnemarTest({
  onlyFirst,
  onlySecond,
}: {
  onlyFirst: number;
  onlySecond: number;
}): McNemarResult {
  checkNumber(onlyFirst, 'mcnemarTest(onlyFirst)', COUNT);
  checkNumber(onlySecond, 'mcnemarTest(onlySecond)', COUNT);
  const n = onlyFirst + onlySecond;
  const fewer = Math.min(onlyFirst, onlySecond);
  if (n === 0) return { exact: 1, midP: 1 };
  const observed = Math.exp(logBinomial(fewer, n, 0.5));
  if (onlyFirst === onlySecond) return { exact: 1, midP: 1 - observed / 2 };
  let beyond = 0;
  let probability = observed;
  for (let k = fewer; k > 0; k--) {
    probability *= k / (n - k + 1);
    const sum = beyond + probability;
    if (sum === beyond) break;
    beyond = sum;
  }
  return { exact: asP(2 * (observed + beyond)), midP: asP(observed + 2 * beyond) };
}

function asP(probability: number): number {
  return Math.min(1, Math.max(probability, Number.MIN_VALUE));
}
