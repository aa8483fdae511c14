// Student's t distribution, and the interval and test of a mean over a few repetitions.
import { checkNumber, checkNumbers, type Expected, wholeFrom } from './checks.js';
import { normalQuantile } from './normal.js';
import { mean, standardDeviation } from './summary.js';

/** The sum below has as many terms, so that more take seconds. */
const DEGREES = wholeFrom(1, 10_000_000);
const T: Expected = { words: 'a number from 0, which may be infinite', holds: (t) => t >= 0 };
const PROBABILITY: Expected = { words: 'a number from 0 to below 1', holds: (p) => p >= 0 && p < 1 };

/**
 * P(|T| <= t) of Student's t distribution with whole degrees of freedom, by the finite trigonometric sums of M. Abramowitz and
 * I. A. Stegun 1964, 26.7.3 and 26.7.4.
 * @param t from 0
 * @param degrees whole, from 1 to 10,000,000
 * @throws RangeError for anything else
 */
export function studentTWithin(t: number, degrees: number): number {
  checkNumber(t, 'studentTWithin(t)', T);
  checkNumber(degrees, 'studentTWithin(degrees)', DEGREES);
  const angle = Math.atan(t / Math.sqrt(degrees));
  const isOdd = degrees % 2 === 1;
  const cosine = Math.cos(angle);
  let term = isOdd ? cosine : 1;
  let sum = degrees === 1 ? 0 : term;
  for (let power = isOdd ? 3 : 2; power <= degrees - 2; power += 2) {
    term *= ((power - 1) / power) * cosine * cosine;
    sum += term;
  }
  const within = isOdd ? (2 / Math.PI) * (angle + Math.sin(angle) * sum) : Math.sin(angle) * sum;
  return Math.min(1, Math.max(0, within));
}

/** Halvings after which an interval of doubles gets no smaller. */
const N_BISECTIONS = 60;

/** With more degrees, and up to this many standard deviations, the expansion of {@link studentTBound} has 11 digits and more. */
const DEGREES_TO_EXPAND = 300;
const Z_TO_EXPAND = 4;

/**
 * The t that |T| does not exceed with this probability, e.g. 4.303 for 0.95 and 2 degrees of freedom; by bisection of
 * {@link studentTWithin}, and for many degrees by the expansion in 1 / degrees of M. Abramowitz and I. A. Stegun 1964, 26.7.5, to about 11
 * digits.
 * @param probability from 0 to below 1
 * @param degrees whole, from 1; to 10,000,000 where the probability is above 0.9999
 * @throws RangeError for anything else
 */
export function studentTBound(probability: number, degrees: number): number {
  checkNumber(probability, 'studentTBound(probability)', PROBABILITY);
  checkNumber(degrees, 'studentTBound(degrees)', wholeFrom(1));
  const z = normalQuantile((1 + probability) / 2);
  if (degrees > DEGREES_TO_EXPAND && z <= Z_TO_EXPAND) return expanded(z, degrees);
  let [low, high] = [0, 1];
  while (studentTWithin(high, degrees) < probability) high *= 2;
  for (let step = 0; step < N_BISECTIONS; step++) {
    const middle = (low + high) / 2;
    if (studentTWithin(middle, degrees) < probability) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

function expanded(z: number, degrees: number): number {
  const z2 = z * z;
  const terms = [
    (z2 + 1) / 4,
    ((5 * z2 + 16) * z2 + 3) / 96,
    (((3 * z2 + 19) * z2 + 17) * z2 - 15) / 384,
    ((((79 * z2 + 776) * z2 + 1482) * z2 - 1920) * z2 - 945) / 92160,
  ];
  return z * (1 + terms.reduceRight((sum, term) => (sum + term) / degrees, 0));
}

/** A mean over independent repetitions. */
export interface RepeatedMean {
  /** null for no repetition. */
  mean: number | null;
  low: number | null;
  high: number | null;
  /** n - 1; null for fewer than two. */
  standardDeviation: number | null;
  n: number;
}

/**
 * The mean of a few repetitions with Student's 95% interval, mean ± t(0.95, n - 1) s / sqrt(n) ("Student" 1908, Biometrika 6:1-25): they
 * are assumed to be normally distributed. Ends are null for fewer than two, and for repetitions that are all the same value: their spread
 * is no estimate, and an interval without width would claim certainty.
 * @throws RangeError for a value that is not finite, null too
 */
export function repeatedMean(values: readonly number[]): RepeatedMean {
  checkNumbers(values, 'repeatedMean');
  const n = values.length;
  const [first] = values;
  // Not by their standard deviation, which rounding can leave above 0.
  if (first !== undefined && values.every((value) => value === first))
    return { mean: first, standardDeviation: n < 2 ? null : 0, n, low: null, high: null };
  const [centre, spread] = [mean(values), standardDeviation(values)];
  if (centre === null || spread === null)
    return { mean: centre, standardDeviation: null, n, low: null, high: null };
  const margin = (studentTBound(0.95, n - 1) * spread) / Math.sqrt(n);
  return { mean: centre, standardDeviation: spread, n, low: centre - margin, high: centre + margin };
}

/**
 * Two-sided p of Student's one-sample test that a few repetitions have the mean 0. Null for fewer than two, and for repetitions that are
 * all the same value other than 0, whose spread is no estimate.
 * @throws RangeError for a value that is not finite, null too
 */
export function repeatedMeanTest(values: readonly number[]): number | null {
  const { mean: centre, standardDeviation: spread, n } = repeatedMean(values);
  if (centre === null || spread === null) return null;
  if (spread === 0) return centre === 0 ? 1 : null;
  return 1 - studentTWithin(Math.abs(centre) / (spread / Math.sqrt(n)), n - 1);
}
