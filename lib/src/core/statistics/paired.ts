// Paired comparison of two judges on the same items: bootstrap interval and permutation test.
import type { Random } from '../random.js';
import { drawBinomial, logBinomial } from './binomial.js';
import { bootstrapMean } from './bootstrap.js';
import { checkNumber, checkRandom, REPEATS } from './checks.js';
import type { Interval } from './interval.js';
import { countsOfValues, type TypeCounts } from './type-counts.js';

/** Up to this many distinct outcomes of flipping signs are enumerated. */
const MOST_OUTCOMES_TO_ENUMERATE = 20_000;

/**
 * Share of the sum of all |difference| below which two sums count as equal: sums of the same terms in another order
 * differ in their last bits.
 */
const ROUNDING = 1e-10;

/** Differences of one absolute value, which is above 0. */
interface Magnitude {
  readonly value: number;
  nItems: number;
}

/** Result of a sign-flip test. */
export interface SignFlipResult {
  /** Two-sided, in (0, 1]. */
  pValue: number;
  /**
   * The same with half the probability of what was observed, as McNemar's mid-p, which it is where all differences are -1, 0 or 1. Of the
   * sums of clusters, it takes the place of McNemar's test where items are not independent.
   */
  midP: number;
  /** Whether all sign patterns were enumerated; otherwise p has Monte Carlo error. */
  exact: boolean;
}

/**
 * Percentile bootstrap interval, 95%, of the mean of per-item differences (B. Efron and R. Tibshirani 1993, chapter 13).
 * Items are resampled whole, so both orders of an item stay together.
 * @param differences one difference per item, later judge minus earlier; or counts of them (items of size 1), so that
 * millions of items need no list
 * @returns nulls for no items
 * @throws RangeError as {@link bootstrapMean}
 */
export function pairedBootstrapInterval(
  differences: readonly number[] | TypeCounts,
  options: { random: Random; nResamples?: number },
): Interval {
  return bootstrapMean(differences, options);
}

/**
 * The p of {@link signFlipTestResult} alone.
 * @returns p in (0, 1], exact wherever the test can be exact; null for no items
 * @throws RangeError as there
 */
export function signFlipTest(
  differences: readonly number[] | TypeCounts,
  options: { random: Random; nPermutations?: number },
): number | null {
  return signFlipTestResult(differences, options)?.pValue ?? null;
}

/**
 * Two-sided paired permutation test: under the null hypothesis each item's difference is as likely with either sign
 * (R. A. Fisher 1935). Items that are not independent come as the sums of their clusters, whose signs flip whole; with cluster means, its
 * normal approximation is the test of V. L. Durkalski et al. (2003, Statistics in Medicine 22:2417-2428).
 *
 * The sum depends only on how many differences of each absolute value v are positive, sum of v (2 B - m), where B is binomial (m, 1/2)
 * over the m items with that value. So p is exact, by enumeration, as long as the product of all m + 1 is at most 20,000; beyond, it is
 * Monte Carlo with the +1 correction of B. Phipson and G. K. Smyth (2010, Statistical Applications in Genetics and Molecular Biology 9:39),
 * so p is never 0.
 * @param differences one difference per item, or one sum per cluster; or counts of them (items of size 1)
 * @param options.random not used where the test is exact
 * @param options.nPermutations random sign patterns otherwise, 1 to 100,000,000; default 5000
 * @returns null for no items; p = 1 where nothing differs. An exact p below 5e-324 is given as 5e-324.
 * @throws RangeError for differences that are not finite, counts of items of another size, or another number of permutations
 */
export function signFlipTestResult(
  differences: readonly number[] | TypeCounts,
  { random, nPermutations = 5000 }: { random: Random; nPermutations?: number },
): SignFlipResult | null {
  checkRandom(random, 'signFlipTest(random)');
  checkNumber(nPermutations, 'signFlipTest(nPermutations)', REPEATS);
  const counts = countsOfValues(differences, 'signFlipTest');
  if (counts.nItems === 0) return null;
  const { magnitudes, observed } = magnitudesOf(counts);
  const largest = magnitudes.reduce((total, { value, nItems }) => total + value * nItems, 0);
  const threshold = observed - ROUNDING * largest;
  if (largest === 0) return { pValue: 1, midP: 1, exact: true };
  const bounds = { threshold, beyond: observed + ROUNDING * largest };
  const nOutcomes = magnitudes.reduce((product, { nItems }) => product * (nItems + 1), 1);
  return nOutcomes <= MOST_OUTCOMES_TO_ENUMERATE
    ? { ...exactP(magnitudes, bounds), exact: true }
    : { ...monteCarloP(magnitudes, { ...bounds, random, nPermutations }), exact: false };
}

/** The absolute values other than 0, in ascending order, and the absolute value of the sum of differences. */
function magnitudesOf(differences: TypeCounts): { magnitudes: Magnitude[]; observed: number } {
  const byValue = new Map<number, Magnitude>();
  let sum = 0;
  for (const { sum: difference, times } of differences.types()) {
    sum += difference * times;
    const value = Math.abs(difference);
    if (value === 0) continue;
    const magnitude = byValue.get(value) ?? { value, nItems: 0 };
    magnitude.nItems += times;
    byValue.set(value, magnitude);
  }
  return { magnitudes: [...byValue.values()].sort((a, b) => a.value - b.value), observed: Math.abs(sum) };
}

/** A sum from `threshold` on is as extreme as the observed one, and above `beyond` it is more extreme. */
interface Bounds {
  threshold: number;
  beyond: number;
}

type Ps = Pick<SignFlipResult, 'pValue' | 'midP'>;

function exactP(magnitudes: readonly Magnitude[], { threshold, beyond }: Bounds): Ps {
  let outcomes = [{ sum: 0, logProbability: 0 }];
  for (const { value, nItems } of magnitudes) {
    const steps = Array.from({ length: nItems + 1 }, (_, nPositive) => ({
      sum: value * (2 * nPositive - nItems),
      logProbability: logBinomial(nPositive, nItems, 0.5),
    }));
    outcomes = outcomes.flatMap((outcome) =>
      steps.map((step) => ({
        sum: outcome.sum + step.sum,
        logProbability: outcome.logProbability + step.logProbability,
      })),
    );
  }
  let [asExtreme, more] = [0, 0];
  for (const { sum, logProbability } of outcomes) {
    if (Math.abs(sum) >= threshold) asExtreme += Math.exp(logProbability);
    if (Math.abs(sum) > beyond) more += Math.exp(logProbability);
  }
  const asP = (p: number): number => Math.min(1, Math.max(p, Number.MIN_VALUE));
  return { pValue: asP(asExtreme), midP: asP((asExtreme + more) / 2) };
}

function monteCarloP(
  magnitudes: readonly Magnitude[],
  { threshold, beyond, random, nPermutations }: Bounds & { random: Random; nPermutations: number },
): Ps {
  // Values that occur once take one random bit each rather than a binomial number.
  const single = Float64Array.from(magnitudes.filter(({ nItems }) => nItems === 1).map(({ value }) => value));
  const repeated = magnitudes.filter(({ nItems }) => nItems > 1);
  let [nAsExtreme, nMore] = [0, 0];
  for (let permutation = 0; permutation < nPermutations; permutation++) {
    let sum = 0;
    for (const { value, nItems } of repeated) sum += value * (2 * drawBinomial(random, nItems, 0.5) - nItems);
    for (let i = 0; i < single.length;) {
      let bits = random.uint32();
      for (let b = 0; b < 32 && i < single.length; b++, i++, bits >>>= 1) {
        sum += bits & 1 ? (single[i] ?? 0) : -(single[i] ?? 0);
      }
    }
    if (Math.abs(sum) >= threshold) nAsExtreme++;
    if (Math.abs(sum) > beyond) nMore++;
  }
  // What was observed is one of the patterns.
  const [pValue, more] = [(nAsExtreme + 1) / (nPermutations + 1), nMore / (nPermutations + 1)];
  return { pValue, midP: (pValue + more) / 2 };
}
