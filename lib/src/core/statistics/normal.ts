// The standard normal distribution: cumulative probabilities and quantiles.
import { checkNumber, type Expected, SHARE } from './checks.js';

/** The density's factor, 1 / sqrt(2 pi). */
const DENSITY_AT_ZERO = 1 / Math.sqrt(2 * Math.PI);
/** Where the power series is replaced by the continued fraction; both are accurate near this value. */
const SERIES_LIMIT = 2.5;
const ON_THE_LINE: Expected = { words: 'a number, which may be infinite', holds: (z) => !Number.isNaN(z) };
/** Terms of the continued fraction; beyond the limit above, more make no difference. */
const N_FRACTION_TERMS = 80;

/**
 * P(Z <= z), to about 14 significant digits, the lower tail included: by the series z + z^3 / 3 + z^5 / (3 * 5) + ...
 * near 0 and by Laplace's continued fraction in the tails (M. Abramowitz and I. A. Stegun 1964, 26.2.11 and 26.2.14).
 * @param z any number, infinite ones too
 * @throws RangeError for anything else
 */
export function normalCdf(z: number): number {
  checkNumber(z, 'normalCdf(z)', ON_THE_LINE);
  if (Math.abs(z) > SERIES_LIMIT) return z < 0 ? upperTail(-z) : 1 - upperTail(z);
  let sum = z;
  let term = z;
  for (let odd = 3; ; odd += 2) {
    term *= (z * z) / odd;
    const next = sum + term;
    if (next === sum) return 0.5 + DENSITY_AT_ZERO * Math.exp((-z * z) / 2) * sum;
    sum = next;
  }
}

/** P(Z > z) for z above the limit. */
function upperTail(z: number): number {
  if (z === Infinity) return 0;
  let denominator = z;
  for (let term = N_FRACTION_TERMS; term > 0; term--) denominator = z + term / denominator;
  return (DENSITY_AT_ZERO * Math.exp((-z * z) / 2)) / denominator;
}

/** Numerator and denominator of a rational function, constant term first. */
type Rational = readonly [numerator: readonly number[], denominator: readonly number[]];

/** Coefficients of PPND16 (M. J. Wichura 1988): for |p - 1/2| up to 0.425, then for r = sqrt(-log(tail)) up to 5, then beyond; written as the nearest doubles. */
const CENTRE: Rational = [
  [
    3.3871328727963665, 133.14166789178438, 1971.5909503065513, 13731.69376550946, 45921.95393154987,
    67265.7709270087, 33430.57558358813, 2509.0809287301227,
  ],
  [
    1, 42.31333070160091, 687.1870074920579, 5394.196021424751, 21213.794301586597, 39307.89580009271,
    28729.085735721943, 5226.495278852854,
  ],
];
const TAIL: Rational = [
  [
    1.4234371107496835, 4.630337846156546, 5.769497221460691, 3.6478483247632045, 1.2704582524523684,
    0.2417807251774506, 0.022723844989269184, 0.0007745450142783414,
  ],
  [
    1, 2.053191626637759, 1.6763848301838038, 0.6897673349851, 0.14810397642748008, 0.015198666563616457,
    0.0005475938084995345, 1.0507500716444169e-9,
  ],
];
const FAR_TAIL: Rational = [
  [
    6.657904643501103, 5.463784911164114, 1.7848265399172913, 0.29656057182850487, 0.026532189526576124,
    0.0012426609473880784, 2.7115555687434876e-5, 2.0103343992922881e-7,
  ],
  [
    1, 0.599832206555888, 0.1369298809227358, 0.014875361290850615, 0.0007868691311456133,
    1.8463183175100548e-5, 1.421511758316446e-7, 2.0442631033899397e-15,
  ],
];

/**
 * The z with P(Z <= z) = p, to about 16 significant digits (algorithm AS 241: M. J. Wichura 1988, Applied Statistics
 * 37:477-484).
 * @param p 0 to 1; 0 and 1 give -Infinity and Infinity
 * @throws RangeError for another p
 */
export function normalQuantile(p: number): number {
  checkNumber(p, 'normalQuantile(p)', SHARE);
  const fromCentre = p - 0.5;
  if (Math.abs(fromCentre) <= 0.425) {
    return fromCentre * valueOf(CENTRE, 0.180625 - fromCentre * fromCentre);
  }
  const tail = Math.min(p, 1 - p);
  if (tail === 0) return fromCentre < 0 ? -Infinity : Infinity;
  const r = Math.sqrt(-Math.log(tail));
  return Math.sign(fromCentre) * (r <= 5 ? valueOf(TAIL, r - 1.6) : valueOf(FAR_TAIL, r - 5));
}

function valueOf([numerator, denominator]: Rational, x: number): number {
  const horner = (coefficients: readonly number[]): number =>
    coefficients.reduceRight((value, coefficient) => value * x + coefficient, 0);
  return horner(numerator) / horner(denominator);
}
