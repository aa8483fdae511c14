// Agreement beyond chance between raters: Cohen's kappa, Fleiss' kappa, Krippendorff's alpha. Each is 1 for perfect agreement, about 0 for
// agreement by chance, below 0 for less; and null where chance alone gives perfect agreement, since it is undefined there.
import { checkLabels, checkList, checkNumbers, checkOneOf, checkSameLength, COUNT } from './checks.js';

/** How two values differ: whether they are equal, their distance, or its square. */
export type KappaWeights = 'none' | 'linear' | 'quadratic';

const DISAGREEMENT: Record<KappaWeights, (a: unknown, b: unknown) => number> = {
  none: (a, b) => Number(a !== b),
  linear: (a, b) => Math.abs(Number(a) - Number(b)),
  quadratic: (a, b) => (Number(a) - Number(b)) ** 2,
};

/**
 * Cohen's kappa of two raters (J. Cohen 1960, Educational and Psychological Measurement 20:37-46); weighted by how far
 * apart two numbers are (J. Cohen 1968, Psychological Bulletin 70:213-220). kappa = 1 - observed / expected
 * disagreement.
 * @param first labels of the first rater; leave out items that either rater has no label for
 * @param second labels of the second rater, for the same items in the same order
 * @param options.weights `linear` and `quadratic` need numbers as labels and use their differences, not their ranks
 * @param options.times how many items each place of the lists stands for; absent: one
 * @returns at most 1; null for no items, and where both raters give one and the same label throughout (scikit-learn
 * gives nan there)
 * @throws RangeError for lists of unequal length, for labels that are missing, and with weights for labels that are no numbers
 */
export function cohensKappa(
  first: readonly number[],
  second: readonly number[],
  options?: { weights?: KappaWeights; times?: readonly number[] },
): number | null;
export function cohensKappa<Label extends string | number | boolean>(
  first: readonly Label[],
  second: readonly Label[],
  options?: { weights?: 'none'; times?: readonly number[] },
): number | null;
export function cohensKappa(
  first: readonly unknown[],
  second: readonly unknown[],
  { weights = 'none', times }: { weights?: KappaWeights; times?: readonly number[] } = {},
): number | null {
  checkOneOf(weights, 'cohensKappa(weights)', Object.keys(DISAGREEMENT));
  for (const labels of [first, second])
    (weights === 'none' ? checkLabels : checkNumbers)(labels, 'cohensKappa');
  checkSameLength(first, second, 'cohensKappa');
  const disagreement = DISAGREEMENT[weights];
  checkTimes(times, first, 'cohensKappa');
  const n = times ? sumOf(times) : first.length;
  const observed = sumOf(first.map((label, i) => (times?.[i] ?? 1) * disagreement(label, second[i])));
  let expected = 0;
  const timesInSecond = [...countsOf(second, times)];
  for (const [a, nFirst] of countsOf(first, times)) {
    for (const [b, nSecond] of timesInSecond) expected += nFirst * nSecond * disagreement(a, b);
  }
  return expected === 0 ? null : 1 - (n * observed) / expected;
}

/**
 * Fleiss' kappa of a fixed number of raters per subject, not always the same ones (J. L. Fleiss 1971, Psychological
 * Bulletin 76:378-382).
 * @param counts one row per subject: how many raters chose each category; whole numbers from 0
 * @returns at most 1; null for no subjects, for fewer than two raters, and where all raters choose one category
 * throughout
 * @throws RangeError for counts that are not whole numbers from 0, rows of unequal length or unequal numbers of raters
 */
export function fleissKappa(counts: readonly (readonly number[])[]): number | null {
  checkList(counts, 'fleissKappa');
  counts.forEach((row, i) => checkNumbers(row, `fleissKappa(counts[${i}])`, { expected: COUNT }));
  const [firstRow] = counts;
  if (firstRow === undefined) return null;
  const nRaters = sumOf(firstRow);
  for (const row of counts) {
    if (row.length === firstRow.length && sumOf(row) === nRaters) continue;
    throw new RangeError(
      `fleissKappa: expected ${firstRow.length} categories and ${nRaters} raters per subject, ` +
        `received ${row.length} and ${sumOf(row)}`,
    );
  }
  if (nRaters < 2) return null;
  const nRatings = counts.length * nRaters;
  const pairsAlike = sumOf(counts.map((row) => sumOf(row.map((count) => count * (count - 1)))));
  const observed = pairsAlike / (nRatings * (nRaters - 1));
  const perCategory = firstRow.map((_, category) => sumOf(counts.map((row) => row[category] ?? 0)));
  const chance = sumOf(perCategory.map((count) => (count / nRatings) ** 2));
  return perCategory.includes(nRatings) ? null : (observed - chance) / (1 - chance);
}

/** The distance between two values. */
export type AlphaMetric = 'nominal' | 'ordinal' | 'interval';

/**
 * Krippendorff's alpha, for any number of raters and missing values (K. Krippendorff 2011, Computing Krippendorff's
 * Alpha-Reliability, https://repository.upenn.edu/asc_papers/43). The squared distance of two values is 0 or 1 (nominal), or
 * that of their middle ranks among all values (ordinal), or that of the values themselves (interval).
 * @param units one row per unit: the value of each rater, null where there is none; rows may differ in length. Units with
 * fewer than two values cannot be paired and are left out, as the source has it.
 * @param options.metric default nominal; the others need numbers
 * @param options.times how many units each row stands for; absent: one
 * @returns at most 1; null when nothing can be paired, and when all paired values are alike
 * @throws RangeError for values that are neither labels nor null, with another metric than nominal neither numbers nor null
 */
export function krippendorffAlpha(
  units: readonly (readonly (number | null)[])[],
  options?: { metric?: AlphaMetric; times?: readonly number[] },
): number | null;
export function krippendorffAlpha(
  units: readonly (readonly (string | number | boolean | null)[])[],
  options?: { metric?: 'nominal'; times?: readonly number[] },
): number | null;
export function krippendorffAlpha(
  units: readonly (readonly unknown[])[],
  { metric = 'nominal', times }: { metric?: AlphaMetric; times?: readonly number[] } = {},
): number | null {
  checkOneOf(metric, 'krippendorffAlpha(metric)', ['nominal', 'ordinal', 'interval']);
  checkList(units, 'krippendorffAlpha');
  const checkValues = metric === 'nominal' ? checkLabels : checkNumbers;
  units.forEach((values, i) => checkValues(values, `krippendorffAlpha(units[${i}])`, { orNull: true }));
  checkTimes(times, units, 'krippendorffAlpha');
  const paired = units
    .map((unit, i) => ({ values: unit.filter((value) => value !== null), nUnits: times?.[i] ?? 1 }))
    .filter(({ values }) => values.length > 1);
  const all = countsOf(
    paired.flatMap(({ values }) => values),
    paired.flatMap(({ values, nUnits }) => values.map(() => nUnits)),
  );
  const n = sumOf([...all.values()]);
  const distances = metric === 'nominal' ? unlikePairs : squaredDistances(positionsOf(all, metric));
  const expected = distances(all);
  if (all.size < 2 || expected === 0) return null;
  const observed = sumOf(
    paired.map(({ values, nUnits }) => (nUnits * distances(countsOf(values))) / (values.length - 1)),
  );
  return 1 - ((n - 1) * observed) / expected;
}

/** Ordered pairs of values that differ. */
function unlikePairs(counts: ReadonlyMap<unknown, number>): number {
  const times = [...counts.values()];
  return sumOf(times) ** 2 - sumOf(times.map((count) => count * count));
}

/** Squared distances summed over ordered pairs of values: 2 n times the sum of squares about the mean. */
function squaredDistances(
  positions: ReadonlyMap<unknown, number>,
): (counts: ReadonlyMap<unknown, number>) => number {
  return (counts) => {
    const placed = [...counts].map(([value, times]) => ({ position: positions.get(value) ?? 0, times }));
    const n = sumOf(placed.map(({ times }) => times));
    const mean = sumOf(placed.map(({ position, times }) => position * times)) / n;
    return 2 * n * sumOf(placed.map(({ position, times }) => times * (position - mean) ** 2));
  };
}

/** The position of each value on the scale: the value itself, or the middle of its ranks. */
function positionsOf(counts: ReadonlyMap<unknown, number>, metric: AlphaMetric): Map<unknown, number> {
  const ascending = [...counts].sort(([a], [b]) => Number(a) - Number(b));
  let nBelow = 0;
  return new Map(
    ascending.map(([value, times]) => {
      nBelow += times;
      return [value, metric === 'ordinal' ? nBelow - times / 2 : Number(value)];
    }),
  );
}

function countsOf(values: readonly unknown[], times?: readonly number[]): Map<unknown, number> {
  const counts = new Map<unknown, number>();
  values.forEach((value, i) => counts.set(value, (counts.get(value) ?? 0) + (times?.[i] ?? 1)));
  return counts;
}

function checkTimes(times: readonly number[] | undefined, of: readonly unknown[], where: string): void {
  if (times === undefined) return;
  checkNumbers(times, `${where}(times)`, { expected: COUNT });
  checkSameLength(times, of, `${where}(times)`);
}

function sumOf(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
