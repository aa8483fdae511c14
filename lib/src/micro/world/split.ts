// Which instructions are for what: the hash of an instruction's text decides, so no instruction can be in two splits.
import { sha256 } from '../../core/hash.js';
import type { Random } from '../../core/random.js';
import type { TaskSlice } from './task-slice.js';

/**
 * `seed` (70%): demonstrations in the seed model's training. `pool` (15%): unlabeled instructions for the loop.
 * `dev` (5%): held-out, looked at while tuning. `test` (10%): held-out, for published numbers only.
 */
export type Split = 'seed' | 'pool' | 'dev' | 'test';

const shares: readonly (readonly [Split, number])[] = [
  ['seed', 0.7],
  ['pool', 0.15],
  ['dev', 0.05],
  ['test', 0.1],
];

/** The split of an instruction. */
export function splitOf(instruction: string): Split {
  let place = Number.parseInt(sha256(instruction).slice(0, 8), 16) / 2 ** 32;
  for (const [split, share] of shares) {
    place -= share;
    if (place < 0) return split;
  }
  return 'test';
}

/** A random instruction of a slice that belongs to a split. */
export function generateFrom(split: Split, slice: TaskSlice, random: Random): string {
  for (;;) {
    const text = slice.generate(random);
    if (splitOf(text) === split) return text;
  }
}
