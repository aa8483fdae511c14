// A draw of a fixed number from groups of unknown sizes, equally many of each, in one pass and with no more than that number in memory.
import { WorstFirstHeap, type Ranked } from './worst-first-heap.js';

/**
 * Draws from a stream. Items are ranked by random numbers; of each group the best stay. When there are more than `count` in all, the
 * largest group loses its worst, so that in the end the groups have equally many, as far as they have so many: the level to which each
 * is filled only falls as items come, and what was given up is never wanted again.
 */
export class BalancedDraw<Item> {
  readonly #count: number;
  /** In the order in which they are preferred where a count does not divide. */
  readonly #groups = new Map<string, WorstFirstHeap<Item>>();
  readonly #order: string[];
  #nHeld = 0;

  /**
   * @param count how many are drawn, 1 or more
   * @param order names of groups; where the count does not divide, the first get one more. Groups that are not named come behind them, in
   * the order of their names.
   */
  constructor(count: number, order: readonly string[] = []) {
    this.#count = count;
    this.#order = [...order];
  }

  /** Takes an item in. @returns the item that is out for good, this or another; null while there is room */
  add(group: string, item: Ranked<Item>): Item | null {
    const held = this.#groups.get(group) ?? new WorstFirstHeap<Item>();
    this.#groups.set(group, held);
    held.add(item);
    if (this.#nHeld < this.#count) {
      this.#nHeld++;
      return null;
    }
    return this.#largest().takeWorst();
  }

  /** What was drawn, in the order of the random numbers: any beginning of it is drawn evenly from the whole. */
  drawn(): Item[] {
    const all = [...this.#groups.values()].flatMap((held) => held.all());
    return all.sort((a, b) => a.rank - b.rank || (a.id < b.id ? -1 : 1)).map(({ item }) => item);
  }

  #largest(): WorstFirstHeap<Item> {
    let largest: { name: string; held: WorstFirstHeap<Item> } | null = null;
    for (const [name, held] of this.#groups) {
      if (
        largest === null ||
        held.size > largest.held.size ||
        (held.size === largest.held.size && this.#isBehind(name, largest.name))
      )
        largest = { name, held };
    }
    if (largest === null) throw new RangeError('no group holds anything');
    return largest.held;
  }

  #isBehind(name: string, other: string): boolean {
    const [place, otherPlace] = [this.#order.indexOf(name), this.#order.indexOf(other)];
    if (place >= 0 && otherPlace >= 0) return place > otherPlace;
    if (place >= 0 || otherPlace >= 0) return place < 0;
    return name > other;
  }
}
