// Logarithms of factorials, and how far Stirling's formula is from them.

/** 170! is the largest factorial that a double can hold. */
const MOST_IN_TABLE = 170;
const LOG_FACTORIALS = logFactorialsUpTo(MOST_IN_TABLE);
/** From here on the series below is exact to the last bits; before, it is not. */
const LEAST_FOR_SERIES = 16;
const HALF_LOG_TWO_PI = 0.5 * Math.log(2 * Math.PI);

function logFactorialsUpTo(most: number): Float64Array {
  const logs = new Float64Array(most + 1);
  let factorial = 1;
  for (let n = 1; n <= most; n++) {
    factorial *= n;
    logs[n] = Math.log(factorial);
  }
  return logs;
}

/** log(n!), by table up to 170 and by Stirling's series beyond. @param n whole, from 0 */
export function logFactorial(n: number): number {
  return LOG_FACTORIALS[n] ?? (n + 0.5) * Math.log(n) - n + HALF_LOG_TWO_PI + stirlingError(n);
}

/** log of n! / (k! (n - k)!). @param k whole, 0 to n */
export function logBinomialCoefficient(n: number, k: number): number {
  return logFactorial(n) - logFactorial(k) - logFactorial(n - k);
}

/**
 * log(n!) less Stirling's formula, log(sqrt(2 pi n) (n / e)^n): 1 / (12 n) - 1 / (360 n^3) + ...
 * (M. Abramowitz and I. A. Stegun 1964, 6.1.41).
 * @param n whole, from 1
 */
export function stirlingError(n: number): number {
  if (n < LEAST_FOR_SERIES) {
    return (LOG_FACTORIALS[n] ?? 0) - ((n + 0.5) * Math.log(n) - n + HALF_LOG_TWO_PI);
  }
  const square = n * n;
  return (1 / 12 - (1 / 360 - (1 / 1260 - (1 / 1680 - 1 / (1188 * square)) / square) / square) / square) / n;
}
