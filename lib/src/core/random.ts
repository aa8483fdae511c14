// Seeded random numbers: independent streams named by labels, the same on every machine.
import { createHash } from 'node:crypto';
import { checkNumber, checkNumbers, refuse, wholeFrom } from './statistics/checks.js';

const BOUND = wholeFrom(1, 0xffffffff);

/**
 * A stream of random numbers: sfc32 (Chris Doty-Humphrey, PractRand), 128 bits of state, seeded from SHA-256.
 *
 * Streams are named, not shared: `deriveRandom(seed, 'judge', pairId)` gives the same numbers wherever and in whatever order it is used, so
 * no result depends on scheduling.
 */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  /** @param state three 32-bit words; use {@link deriveRandom} unless a kernel needs the raw form. */
  constructor(state: readonly [number, number, number]) {
    checkNumbers(state, 'Random(state)');
    [this.#a, this.#b, this.#c] = state;
    for (let i = 0; i < 12; i++) this.uint32();
  }

  /** A whole number in [0, 2^32). */
  uint32(): number {
    const t = (((this.#a + this.#b) | 0) + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + t) | 0;
    return t >>> 0;
  }

  /** A number in [0, 1) with 32 random bits. */
  next(): number {
    return this.uint32() / 4294967296;
  }

  /** A whole number in [0, `bound`); `bound` is a positive whole number below 2^32. Unbiased to within 2^-32. @throws RangeError */
  below(bound: number): number {
    checkNumber(bound, 'below(bound)', BOUND);
    return Math.floor(this.next() * bound);
  }

  /** A standard normal number (Box-Muller, one of the pair). */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.next()));
    return radius * Math.cos(2 * Math.PI * this.next());
  }

  /** One element, all equally likely. @throws RangeError on an empty list. */
  pick<T>(items: readonly T[]): T {
    if (items.length === 0) refuse('pick', 'at least one item', items);
    return items[this.below(items.length)] as T;
  }

  /** A new list with the items in random order (Fisher-Yates). */
  shuffled<T>(items: readonly T[]): T[] {
    const order = [...items];
    for (let i = order.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      const held = order[i] as T;
      order[i] = order[j] as T;
      order[j] = held;
    }
    return order;
  }
}

function digestOf(labels: readonly (string | number)[]): Buffer {
  if (labels.length === 0) refuse('deriveRandom', 'at least one label', labels);
  // A misspelt setting would otherwise name one and the same stream for all seeds.
  const bad = labels.findIndex((label) => typeof label !== 'string' && !Number.isFinite(label));
  if (bad !== -1) refuse('deriveRandom', `a text or a finite number as label ${bad}`, labels[bad]);
  return createHash('sha256').update(labels.map(String).join('\u0000')).digest();
}

/**
 * The random stream of this name. The same labels always give the same stream.
 * @throws RangeError for no labels, and for one that is neither text nor a finite number
 */
export function deriveRandom(...labels: readonly (string | number)[]): Random {
  const digest = digestOf(labels);
  return new Random([digest.readInt32LE(0), digest.readInt32LE(4), digest.readInt32LE(8)]);
}

/** A whole number in [0, 2^31) of this name, for APIs that take a `seed`. @throws RangeError as {@link deriveRandom} */
export function deriveSeed(...labels: readonly (string | number)[]): number {
  return digestOf(labels).readUInt32LE(12) >>> 1;
}
