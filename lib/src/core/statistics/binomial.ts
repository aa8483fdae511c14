// The binomial distribution: its probabilities, accurate for any n, and random numbers from it at a cost independent of n.
import type { Random } from '../random.js';
import { checkNumber, checkRandom, COUNT, SHARE, wholeFrom } from './checks.js';
import { stirlingError } from './factorial.js';

/** Below this expectation inversion is quicker; the rejection below needs at least this much. */
const LEAST_EXPECTATION_FOR_REJECTION = 10;

/**
 * log of the probability of k successes in n trials, by C. Loader's saddle-point form (2000, "Fast and Accurate
 * Computation of Binomial Probabilities"), which does not lose digits to the difference of large logarithms.
 * @param k whole, 0 to n
 * @param n whole, from 0
 * @param p chance of success, 0 to 1
 * @returns -Infinity where the probability is 0
 * @throws RangeError for another k, n or p
 */
export function logBinomialProbability(k: number, n: number, p: number): number {
  checkNumber(n, 'logBinomialProbability(n)', COUNT);
  checkNumber(k, 'logBinomialProbability(k)', wholeFrom(0, n));
  checkNumber(p, 'logBinomialProbability(p)', SHARE);
  return logBinomial(k, n, p);
}

/** {@link logBinomialProbability} without its checks, for loops. */
export function logBinomial(k: number, n: number, p: number): number {
  if (p === 0) return k === 0 ? 0 : -Infinity;
  if (p === 1) return k === n ? 0 : -Infinity;
  if (k === 0) return n * Math.log1p(-p);
  if (k === n) return n * Math.log(p);
  const nFailures = n - k;
  return (
    stirlingError(n) -
    stirlingError(k) -
    stirlingError(nFailures) -
    deviance(k, n * p) -
    deviance(nFailures, n * (1 - p)) +
    0.5 * Math.log(n / (2 * Math.PI * k * nFailures))
  );
}

/** x log(x / expected) + expected - x, without cancellation where the two are close. Both above 0. */
function deviance(x: number, expected: number): number {
  const difference = x - expected;
  const ratio = difference / (x + expected);
  if (Math.abs(ratio) >= 0.1) return x * Math.log(x / expected) - difference;
  // log(x / expected) = 2 atanh(ratio); its first term and -difference together are difference * ratio.
  let sum = difference * ratio;
  let power = 2 * x * ratio;
  for (let odd = 3; ; odd += 2) {
    power *= ratio * ratio;
    const next = sum + power / odd;
    if (next === sum) return sum;
    sum = next;
  }
}

/**
 * The number of successes in n trials: W. Hörmann's transformed rejection with squeeze, BTRS (1993, Journal of
 * Statistical Computation and Simulation 46:101-110), and inversion where fewer than 10 successes or failures are
 * expected. Exact up to the 32 bits of `random.next()`; about as quick for n = 10^7 as for n = 100.
 * @param n whole, from 0
 * @param p chance of success, 0 to 1
 * @throws RangeError for another n or p
 */
export function sampleBinomial(random: Random, n: number, p: number): number {
  checkRandom(random, 'sampleBinomial');
  checkNumber(n, 'sampleBinomial(n)', COUNT);
  checkNumber(p, 'sampleBinomial(p)', SHARE);
  return drawBinomial(random, n, p);
}

/** {@link sampleBinomial} without its checks, for loops. */
export function drawBinomial(random: Random, n: number, p: number): number {
  if (n === 0 || p === 0) return 0;
  if (p > 0.5) return n - drawBinomial(random, n, 1 - p);
  return n * p < LEAST_EXPECTATION_FOR_REJECTION ? byInversion(random, n, p) : byRejection(random, n, p);
}

/** Walks up from 0 until the probabilities passed reach a uniform number. @param p above 0, at most 1/2 */
function byInversion(random: Random, n: number, p: number): number {
  const odds = p / (1 - p);
  const none = Math.exp(n * Math.log1p(-p));
  for (;;) {
    let left = random.next();
    let probability = none;
    for (let k = 0; k <= n; k++) {
      if (left < probability) return k;
      left -= probability;
      probability *= ((n - k) / (k + 1)) * odds;
    }
    // Rounding left a sliver above the sum of all probabilities: draw again.
  }
}

/** BTRS. The constants are those of the paper's table of hat parameters. @param p at most 1/2, n p at least 10 */
function byRejection(random: Random, n: number, p: number): number {
  const deviation = Math.sqrt(n * p * (1 - p));
  const b = 1.15 + 2.53 * deviation;
  const a = -0.0873 + 0.0248 * b + 0.01 * p;
  const centre = n * p + 0.5;
  const squeeze = 0.92 - 4.2 / b;
  let logOfMode: number | null = null;
  for (;;) {
    const u = random.next() - 0.5;
    const v = random.next();
    const distanceToEdge = 0.5 - Math.abs(u);
    const k = Math.floor(((2 * a) / distanceToEdge + b) * u + centre);
    // Nearly every draw ends inside the squeeze, without a logarithm.
    if (distanceToEdge >= 0.07 && v <= squeeze) return k;
    if (!(k >= 0 && k <= n)) continue;
    logOfMode ??= logBinomial(Math.floor((n + 1) * p), n, p);
    const height = ((2.83 + 5.1 / b) * deviation * v) / (a / (distanceToEdge * distanceToEdge) + b);
    if (Math.log(height) <= logBinomial(k, n, p) - logOfMode) return k;
  }
}
