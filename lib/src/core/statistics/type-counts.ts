// Items counted by type: those with the same sum of scores and the same size are one type, so that millions of items take little memory.
import { checkNumber, checkNumbers, COUNT, FINITE, refuse, SIZE } from './checks.js';

/** Items that every statistic over clusters treats alike. */
export interface ItemType {
  /** Sum of the item's scores. */
  readonly sum: number;
  /** How many scores the item holds, above 0. */
  readonly size: number;
  /** How many such items there are, from 1. */
  readonly times: number;
}

/**
 * Counts items by (sum, size). Judging an item in both orders gives sums 0, 1/2, 1, 3/2, 2 of size 2 or less: a
 * handful of types, however many items.
 *
 * @example
 * const types = new TypeCounts();
 * types.add(1.5, 2); // an item with scores 1 and 1/2
 */
export class TypeCounts {
  readonly #bySize = new Map<number, Map<number, number>>();
  #nItems = 0;
  #nEmpty = 0;
  #nTypes = 0;

  /**
   * Counts `times` items with this sum of scores over `size` scores. Items of size 0 are skipped and counted in {@link nEmpty}.
   * @param sum any number from -1e100 to 1e100
   * @param size 0, or 1e-100 to 1e100; 1 for plain values
   * @param times whole, from 0
   * @throws RangeError for anything else
   */
  add(sum: number, size = 1, times = 1): void {
    checkNumber(sum, 'TypeCounts(sum)', FINITE);
    checkNumber(size, 'TypeCounts(size)', SIZE);
    checkNumber(times, 'TypeCounts(times)', COUNT);
    if (size === 0) this.#nEmpty += times;
    if (size === 0 || times === 0) return;
    const bySum = this.#bySize.get(size) ?? new Map<number, number>();
    this.#bySize.set(size, bySum);
    const before = bySum.get(sum) ?? 0;
    if (before === 0) this.#nTypes++;
    bySum.set(sum, before + times);
    this.#nItems += times;
  }

  /** Items counted, without the empty ones. */
  get nItems(): number {
    return this.#nItems;
  }

  /** Items of size 0, which are in no type. */
  get nEmpty(): number {
    return this.#nEmpty;
  }

  /** Distinct types. */
  get nTypes(): number {
    return this.#nTypes;
  }

  /**
   * The types, most frequent first, then by size and sum: an order that depends on what was counted, not on when, so
   * that a seeded resample is the same for the same items in any order.
   */
  types(): ItemType[] {
    return [...this.#bySize]
      .flatMap(([size, bySum]) => [...bySum].map(([sum, times]) => ({ sum, size, times })))
      .sort((a, b) => b.times - a.times || a.size - b.size || a.sum - b.sum);
  }

  /** Sum of all sums over sum of all sizes; null for no items. */
  ratio(): number | null {
    const types = this.types();
    if (types.length === 0) return null;
    const sum = types.reduce((total, type) => total + type.sum * type.times, 0);
    return sum / types.reduce((total, type) => total + type.size * type.times, 0);
  }
}

/**
 * Plain values as types of size 1. Counts are returned unchanged if all have size 1. @param subject the caller's name, for the message
 * @throws RangeError for values that are not finite, and for counts of items whose size is not 1
 */
export function countsOfValues(values: readonly number[] | TypeCounts, subject: string): TypeCounts {
  if (values instanceof TypeCounts) {
    const odd = values.types().find(({ size }) => size !== 1);
    if (odd) refuse(subject, 'one value per item', `an item of size ${odd.size}`);
    return values;
  }
  checkNumbers(values, subject);
  const counts = new TypeCounts();
  for (const value of values) counts.add(value);
  return counts;
}
