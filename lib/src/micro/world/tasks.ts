// The three slices of the task world, found by name or by the text of an instruction.
import { code } from './code.js';
import { math } from './math.js';
import { reasoning } from './reasoning.js';
import type { SliceName, TaskSlice } from './task-slice.js';

export { sliceNames, type SliceName, type Solution, type TaskSlice, type WrongAnswer } from './task-slice.js';

/** The slices by name. */
export const slices: Readonly<Record<SliceName, TaskSlice>> = { reasoning, code, math };

/** The slice to which a text belongs, or null where no slice can solve it. */
export function sliceOf(text: string): TaskSlice | null {
  return Object.values(slices).find((slice) => slice.solve(text) !== null) ?? null;
}
