// Slices by category: which instructions are `reasoning`, `code` and `math`.
import { own } from '../core/own.js';
import type { SELECTION_CATEGORIES } from '../prompt/selection-categories.js';

type Category = (typeof SELECTION_CATEGORIES)[number];

/**
 * The slices that need no definition.
 *
 * DEVIATION: the paper trains on 20,582 "reasoning" instructions of WildChat and compares them with coding ones and with GSM8K; which of
 * the 15 categories its reasoning ones have is not known here. These are the two whose names contain "reasoning".
 */
export const NAMED_SLICES = {
  reasoning: ['Knowledge and Reasoning', 'Mathematical reasoning'],
  code: ['Coding'],
  math: ['Mathematical reasoning'],
} as const satisfies Record<string, readonly Category[]>;

/** Slices by name, each with its categories. */
export type SliceDefinitions = Readonly<Record<string, readonly string[]>>;

/**
 * The slice of a category among the requested slices, null where none has it. Of several it is the one with the fewest categories: with
 * `reasoning` and `math`, mathematics is `math`, and with `reasoning` alone it is `reasoning`.
 */
export function sliceOfCategory(
  category: string,
  names: readonly string[],
  definitions: SliceDefinitions,
): string | null {
  const categoriesOf = (name: string): readonly string[] => own(definitions, name) ?? [];
  const fitting = names.filter((name) => categoriesOf(name).some((each) => isSame(each, category)));
  const [narrowest] = fitting.sort((a, b) => categoriesOf(a).length - categoriesOf(b).length);
  return narrowest ?? null;
}

/** Compares categories without case. */
export function isSame(a: string, b: string): boolean {
  return a === b || a.toLowerCase() === b.toLowerCase();
}
