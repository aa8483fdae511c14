// Percentile bootstrap of a ratio over items, at a cost that depends on the number of distinct items, not on the number of items.
import type { Random } from '../random.js';
import { drawBinomial } from './binomial.js';
import {
  checkList,
  checkNumber,
  checkRandom,
  FINITE,
  INSIDE_0_TO_1,
  refuse,
  REPEATS,
  wholeFrom,
} from './checks.js';
import type { Interval } from './interval.js';
import { normalCdf } from './normal.js';
import { studentTBound } from './student-t.js';
import { quantile } from './summary.js';
import { countsOfValues, type ItemType, TypeCounts } from './type-counts.js';

/** How to resample. */
export interface BootstrapOptions {
  random: Random;
  /** How often to resample, from 1 to 100,000,000; default 2000. */
  nResamples?: number;
  /** Confidence level, between 0 and 1; default 0.95. */
  level?: number;
}

/** One binomial number costs about as much as drawing this many items one by one (measured). */
const ITEMS_PER_BINOMIAL = 8;

/** Sum of sums and sum of sizes of one resample. */
interface Totals {
  sum: number;
  size: number;
}

/**
 * Percentile bootstrap interval of sum of sums / sum of sizes, items resampled whole (B. Efron and R. Tibshirani 1993,
 * An Introduction to the Bootstrap, chapter 13; percentile only, no bias correction); see {@link percentileInterval}. A
 * resample of m items out of m is
 * a multinomial draw over the types, so it costs as many binomial numbers as there are types; where nearly every item is
 * a type of its own, items are drawn one by one instead, which gives the same distribution.
 * @param types items, or clusters of them; their order of arrival makes no difference
 * @returns nulls for fewer than two items, and where all have the same ratio, which is no estimate of their spread
 * @throws RangeError for a number of resamples or a level out of range
 */
export function bootstrapRatio(types: TypeCounts, options: BootstrapOptions): Interval {
  const { random, nResamples, level } = checked(options);
  if (!(types instanceof TypeCounts)) refuse('bootstrapRatio', 'TypeCounts', types);
  if (types.nItems === 0) return { low: null, high: null };
  const resample =
    types.nTypes * ITEMS_PER_BINOMIAL > types.nItems
      ? resamplerByItem(types.types(), random)
      : resamplerByType(types.types(), random);
  const ratios = new Float64Array(nResamples);
  for (let i = 0; i < nResamples; i++) {
    const { sum, size } = resample();
    ratios[i] = sum / size;
  }
  return percentileInterval(ratios, { level, nItems: types.nItems });
}

/**
 * Percentile bootstrap interval of a mean; see {@link bootstrapRatio}.
 * @param values numbers, or counts of them (items of size 1)
 * @returns nulls for fewer than two values, and where all are the same
 * @throws RangeError for values that are not finite, and for counts of items of another size
 */
export function bootstrapMean(values: readonly number[] | TypeCounts, options: BootstrapOptions): Interval {
  return bootstrapRatio(countsOfValues(values, 'bootstrapMean'), options);
}

/** Equal items and their number. */
export interface Repeated<Item> {
  readonly item: Item;
  /** Whole, from 1. */
  readonly times: number;
}

/**
 * Percentile bootstrap interval of any statistic of items with few distinct values, such as the cells of a confusion matrix; see {@link
 * bootstrapRatio}.
 * @param statistic of a resample, given the items drawn with their counts. Resamples for which it is null are left out.
 * @returns nulls for fewer than two items, and where all resamples give the same, or null
 * @throws RangeError for a number of resamples or a level out of range, and for a statistic that is neither finite nor null
 */
export function bootstrapStatistic<Item>(
  kinds: readonly Repeated<Item>[],
  statistic: (resample: Repeated<Item>[]) => number | null,
  options: BootstrapOptions,
): Interval {
  const { random, nResamples, level } = checked(options);
  checkList(kinds, 'bootstrapStatistic');
  kinds.forEach(({ times }, i) => checkNumber(times, `bootstrapStatistic(kinds[${i}].times)`, wholeFrom(1)));
  const nItems = kinds.reduce((total, { times }) => total + times, 0);
  if (nItems === 0) return { low: null, high: null };
  const values: number[] = [];
  for (let i = 0; i < nResamples; i++) {
    const value = statistic(resampled(kinds, { nItems, random }));
    if (value === null) continue;
    checkNumber(value, `bootstrapStatistic(statistic)`, FINITE);
    values.push(value);
  }
  return percentileInterval(Float64Array.from(values), { level, nItems });
}

/** Sums of the same terms in another order differ in their last bits. */
const ROUNDING = 1e-12;

/**
 * Percentile interval of a statistic's values in resamples, expanded for few items, so that it is as wide as Student's (T. C. Hesterberg
 * 2015, The American Statistician 69:371-386): its tails are those of the normal distribution beyond t sqrt(m / (m - 1)), where t is
 * Student's of m - 1 degrees.
 * @param values sorted by this function
 * @param options.nItems m, the independent items, or clusters of them, that were resampled; whole
 * @param options.level default 0.95
 * @returns nulls for fewer than two items, for no values, and where all values are the same: what shows no spread has no interval
 */
export function percentileInterval(
  values: Float64Array,
  { nItems, level = 0.95 }: { nItems: number; level?: number },
): Interval {
  values.sort();
  const [least = 0, most = 0] = [values[0], values.at(-1)];
  const isAlike = most - least <= ROUNDING * Math.max(Math.abs(least), Math.abs(most));
  if (nItems < 2 || isAlike) return { low: null, high: null };
  const tail = normalCdf(-studentTBound(level, nItems - 1) * Math.sqrt(nItems / (nItems - 1)));
  return { low: quantile(values, tail), high: quantile(values, 1 - tail) };
}

function resampled<Item>(
  kinds: readonly Repeated<Item>[],
  { nItems, random }: { nItems: number; random: Random },
): Repeated<Item>[] {
  const drawn: Repeated<Item>[] = [];
  let nToDraw = nItems;
  let nLeft = nItems;
  for (const { item, times } of kinds) {
    const n = drawBinomial(random, nToDraw, times / nLeft);
    if (n > 0) drawn.push({ item, times: n });
    nToDraw -= n;
    nLeft -= times;
  }
  return drawn;
}

function checked({ random, nResamples = 2000, level = 0.95 }: BootstrapOptions): Required<BootstrapOptions> {
  checkRandom(random, 'bootstrap(random)');
  checkNumber(nResamples, 'bootstrap(nResamples)', REPEATS);
  checkNumber(level, 'bootstrap(level)', INSIDE_0_TO_1);
  return { random, nResamples, level };
}

/** A multinomial draw, as one binomial draw per type out of the items that remain after the types before it. */
function resamplerByType(types: readonly ItemType[], random: Random): () => Totals {
  const nItems = types.reduce((total, { times }) => total + times, 0);
  return () => {
    let sum = 0;
    let size = 0;
    let nToDraw = nItems;
    let nInTypesLeft = nItems;
    for (const type of types) {
      if (nToDraw === 0) break;
      const times = drawBinomial(random, nToDraw, type.times / nInTypesLeft);
      sum += times * type.sum;
      size += times * type.size;
      nToDraw -= times;
      nInTypesLeft -= type.times;
    }
    return { sum, size };
  };
}

function resamplerByItem(types: readonly ItemType[], random: Random): () => Totals {
  const sums = Float64Array.from(types.flatMap(({ sum, times }) => Array<number>(times).fill(sum)));
  const sizes = Float64Array.from(types.flatMap(({ size, times }) => Array<number>(times).fill(size)));
  return () => {
    let sum = 0;
    let size = 0;
    for (let nLeft = sums.length; nLeft > 0; nLeft--) {
      const item = random.below(sums.length);
      sum += sums[item] ?? 0;
      size += sizes[item] ?? 0;
    }
    return { sum, size };
  };
}
