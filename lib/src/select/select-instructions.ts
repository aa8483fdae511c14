// Selection: which instructions of a pool the loop works on (paper, section 3.1).
import { dropped, kept, type Outcome } from '../schema/drop.js';
import type { Instruction } from '../schema/instruction.js';

/** What to take. */
export interface SelectOptions {
  /** Slices to take from, equally many from each. */
  slices: readonly string[];
  /** How many instructions in all, 1 or more; an amount that does not divide favours the slices named first. */
  count: number;
}

/**
 * Takes instructions in the order in which the pool offers them, equally many per slice, without repeats. Reading stops when
 * every slice is full; whatever was read and not taken is a drop.
 */
export async function* selectInstructions(
  pool: AsyncIterable<Instruction> | Iterable<Instruction>,
  { slices, count }: SelectOptions,
): AsyncGenerator<Outcome<Instruction>> {
  const open = new Map(slices.map((slice, i) => [slice, quota(count, slices.length, i)]));
  let missing = count;
  const seen = new Set<string>();
  for await (const instruction of pool) {
    const { instructionId, slice } = instruction;
    const room = open.get(slice);
    const text = normalised(instruction.text);
    if (room === undefined) yield dropped(instructionId, 'slice-not-selected', slice);
    else if (seen.has(text)) yield dropped(instructionId, 'duplicate');
    else if (room === 0) yield dropped(instructionId, 'slice-full', slice);
    else {
      seen.add(text);
      open.set(slice, room - 1);
      missing--;
      yield kept(instruction);
      if (missing === 0) return;
    }
  }
}

function quota(count: number, nSlices: number, index: number): number {
  return Math.floor(count / nSlices) + (index < count % nSlices ? 1 : 0);
}

/** The text by which two instructions count as the same: case and white space do not distinguish. */
function normalised(text: string): string {
  return text.toLowerCase().replace(/\s+/g, ' ').trim();
}
