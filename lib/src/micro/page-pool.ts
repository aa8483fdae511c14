// Counts who uses which page of the cache of keys and values. Completions of one prompt share its full pages.

/** Positions in a page; the kernels compute eight scores at a time. */
export const positionsPerPage = 8;

/** Hands out page numbers 0 to nPages - 1. */
export class PagePool {
  readonly #free: number[];
  readonly #nUsers: Int32Array;

  constructor(nPages: number) {
    this.#free = Array.from({ length: nPages }, (_, i) => nPages - 1 - i);
    this.#nUsers = new Int32Array(nPages);
  }

  get nFree(): number {
    return this.#free.length;
  }

  /** `count` pages with one user each. @throws RangeError when there are not so many; look at {@link nFree} first. */
  take(count: number): number[] {
    if (count > this.#free.length)
      throw new RangeError(`PagePool: ${count} pages wanted, ${this.#free.length} free`);
    const pages = this.#free.splice(this.#free.length - count);
    for (const page of pages) this.#nUsers[page] = 1;
    return pages;
  }

  /** One more user for each of these pages. */
  share(pages: readonly number[]): void {
    for (const page of pages) this.#nUsers[page] = (this.#nUsers[page] ?? 0) + 1;
  }

  /** One user less; a page without users is free again. */
  release(pages: readonly number[]): void {
    for (const page of pages) {
      const left = (this.#nUsers[page] ?? 0) - 1;
      this.#nUsers[page] = left;
      if (left === 0) this.#free.push(page);
    }
  }
}
