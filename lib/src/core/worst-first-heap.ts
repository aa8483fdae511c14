// A binary heap with the worst item on top.

/** An item with its rank; equal ranks are ordered by id, so the order of arrival makes no difference. */
export interface Ranked<Item> {
  item: Item;
  /** Smaller is better. */
  rank: number;
  /** Different for every item. */
  id: string;
}

/** Holds ranked items and removes the worst first. */
export class WorstFirstHeap<Item> {
  readonly #items: Ranked<Item>[] = [];

  get size(): number {
    return this.#items.length;
  }

  add(item: Ranked<Item>): void {
    let at = this.#items.push(item) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#isWorse(at, parent)) return;
      this.#swap(at, parent);
      at = parent;
    }
  }

  /** @throws RangeError when the heap is empty */
  takeWorst(): Item {
    const [worst] = this.#items;
    const last = this.#items.pop();
    if (worst === undefined || last === undefined) throw new RangeError('the heap is empty');
    if (this.#items.length > 0) {
      this.#items[0] = last;
      this.#sink();
    }
    return worst.item;
  }

  /** All items, in no order. */
  all(): readonly Ranked<Item>[] {
    return this.#items;
  }

  #sink(): void {
    let at = 0;
    for (;;) {
      let worst = at;
      for (const child of [2 * at + 1, 2 * at + 2]) {
        if (child < this.#items.length && this.#isWorse(child, worst)) worst = child;
      }
      if (worst === at) return;
      this.#swap(at, worst);
      at = worst;
    }
  }

  #isWorse(a: number, b: number): boolean {
    const [one, other] = [this.#items[a], this.#items[b]];
    if (one === undefined || other === undefined) return false;
    return one.rank > other.rank || (one.rank === other.rank && one.id > other.id);
  }

  #swap(a: number, b: number): void {
    const [one, other] = [this.#items[a], this.#items[b]];
    if (one === undefined || other === undefined) return;
    this.#items[a] = other;
    this.#items[b] = one;
  }
}
