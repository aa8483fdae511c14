// Hands out places in the kernels' memory, one after the other, each at the start of a cache line.
import { firstFreeAddress, type Address } from './kernels.js';

const lineBytes = 64;

/**
 * A stack of allocations that is never popped. Allocating touches no memory, so the same sequence of calls first measures how
 * much memory is needed and later, in another thread, finds the same places again.
 */
export class Arena {
  #next: Address;

  /** @param start first address to hand out; a multiple of 64. */
  constructor(start: Address = firstFreeAddress) {
    this.#next = start;
  }

  /** Where the next allocation will stand; also the number of bytes needed so far, counted from address 0. */
  get end(): Address {
    return this.#next;
  }

  /** Room for `count` elements of 4 bytes (f32 or i32). */
  words(count: number): Address {
    const at = this.#next;
    this.#next += Math.ceil((count * 4) / lineBytes) * lineBytes;
    return at;
  }
}
