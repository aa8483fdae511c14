// Selection: which instructions of a pool an iteration works on.
import { dropped, kept, type Outcome } from '../schema/drop.js';
import type { Instruction } from '../schema/instruction.js';
import { normalisedText } from './normalised-text.js';

/** What to take. */
export interface SelectOptions {
  /** Slices to take from, the same number from each. */
  slices: readonly string[];
  /** How many instructions in all, 1 or more; a remainder goes to the slices named first. */
  count: number;
  /** Number of earlier rounds, 0 or more: the instructions that they took are skipped and are not inputs of this round. */
  round: number;
}

/**
 * Takes instructions in the order in which the pool offers them, equally many per slice, without repeats; no two rounds take the same.
 * Reading stops when every slice is full; instructions that were read and not taken, by this round or an earlier one, are drops.
 *
 * The slice of an instruction comes from the pool or from {@link chooseInstructions}, by a model's labels (the paper's method).
 */
export async function* selectInstructions(
  pool: AsyncIterable<Instruction> | Iterable<Instruction>,
  { slices, count, round }: SelectOptions,
): AsyncGenerator<Outcome<Instruction>> {
  const open = new Map(
    slices.map((slice, i) => {
      const room = quota(count, slices.length, i);
      return [slice, { passOver: round * room, room }];
    }),
  );
  let missing = count;
  const seen = new Set<string>();
  for await (const instruction of pool) {
    const { instructionId, slice } = instruction;
    const state = open.get(slice);
    const text = normalisedText(instruction.text);
    if (state === undefined) yield dropped(instructionId, 'slice-not-selected', slice);
    else if (seen.has(text)) yield dropped(instructionId, 'duplicate');
    else {
      seen.add(text);
      if (state.passOver > 0) state.passOver--;
      else if (state.room === 0) yield dropped(instructionId, 'slice-full', slice);
      else {
        state.room--;
        missing--;
        yield kept(instruction);
        if (missing === 0) return;
      }
    }
  }
}

function quota(count: number, nSlices: number, index: number): number {
  return Math.floor(count / nSlices) + (index < count % nSlices ? 1 : 0);
}
