// A draw of a fixed number from groups of unknown sizes, equally many of each, in one pass, holding at most that number in memory.
import { WorstFirstHeap, type Ranked } from './worst-first-heap.js';

/**
 * Draws from a stream. Items are ranked by random numbers; of each group the best stay. When there are more than `count` in all, the
 * largest group loses its worst item, so that the groups end with equal numbers as far as possible. The limit of each group only falls, so
 * a rejected item is never needed again.
 */
export class BalancedDraw<Item> {
  readonly #count: number;
  /** In order of preference for a remainder. */
  readonly #groups = new Map<string, WorstFirstHeap<Item>>();
  readonly #order: string[];
  #nHeld = 0;

  /**
   * @param count how many are drawn, 1 or more
   * @param order names of groups; a remainder goes to the first ones. Other groups follow, sorted by name.
   */
  constructor(count: number, order: readonly string[] = []) {
    this.#count = count;
    this.#order = [...order];
  }

  /** Adds an item. @returns the item that is rejected for good, this or another; null while there is room */
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

  /** What was drawn, in the order of the random numbers: any prefix of it is a uniform draw from the whole. */
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
    if (largest === null) throw new RangeError('all groups are empty');
    return largest.held;
  }

  #isBehind(name: string, other: string): boolean {
    const [place, otherPlace] = [this.#order.indexOf(name), this.#order.indexOf(other)];
    if (place >= 0 && otherPlace >= 0) return place > otherPlace;
    if (place >= 0 || otherPlace >= 0) return place < 0;
    return name > other;
  }
}
