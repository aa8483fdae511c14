// What a slice of the task world can do; math, code and reasoning each implement it.
import type { Random } from '../../core/random.js';

/** The three slices, in the order in which they are reported. */
export const sliceNames = ['reasoning', 'code', 'math'] as const;
/** Name of a slice. */
export type SliceName = (typeof sliceNames)[number];

/** A solved instruction: the steps as written down, and the one word that answers it. */
export interface Solution {
  work: string;
  answer: string;
}

/** A wrong answer and the kind of mistake that leads to it. */
export interface WrongAnswer {
  answer: string;
  errorKind: string;
}

/** One family of tasks. Instructions are texts in the words of the tokenizer; all functions are pure. */
export interface TaskSlice {
  readonly name: SliceName;
  /** The kinds of mistake that {@link TaskSlice.corrupt} makes. */
  readonly errorKinds: readonly string[];
  /** A random instruction. */
  generate(random: Random): string;
  /** The solution, or null where the text is not a well-formed instruction of this slice. */
  solve(text: string): Solution | null;
  /**
   * Another instruction that differs in one element and has another answer, or null where no change gives one.
   * @throws RangeError when `text` is not an instruction of this slice.
   */
  modify(random: Random, text: string): string | null;
  /**
   * A wrong answer that does not come from a modified instruction: for held-out pairs.
   * @throws RangeError when `text` is not an instruction of this slice.
   */
  corrupt(random: Random, text: string): WrongAnswer;
}

/** What was read from a text that must be an instruction of a slice. @throws RangeError when nothing could be read. */
export function expectInstruction<Parsed>(parsed: Parsed | null, name: SliceName, text: string): Parsed {
  if (parsed === null)
    throw new RangeError(`${name}: expected an instruction of this slice, received "${text}"`);
  return parsed;
}

/** The solution of a text that must be an instruction of this slice. @throws RangeError when it is not. */
export function solutionOf(slice: TaskSlice, text: string): Solution {
  return expectInstruction(slice.solve(text), slice.name, text);
}

/**
 * The first of the candidate instructions, in random order, that has another answer than `text`; null where none has.
 * @throws RangeError when `text` is not an instruction of this slice.
 */
export function pickModified(
  slice: TaskSlice,
  text: string,
  { random, candidates }: { random: Random; candidates: readonly string[] },
): string | null {
  const { answer } = solutionOf(slice, text);
  for (const candidate of random.shuffled(candidates)) {
    const solution = slice.solve(candidate);
    if (solution !== null && solution.answer !== answer) return candidate;
  }
  return null;
}
