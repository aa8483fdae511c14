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

/** What is particular to a slice; {@link taskSlice} makes the rest of it. All functions are pure. */
interface SliceParts<Parsed> extends Pick<TaskSlice, 'name' | 'errorKinds'> {
  /** A random instruction. */
  draw: (random: Random) => Parsed;
  write: (parsed: Parsed) => string;
  /** The inverse of `write`; null for a text that is not well-formed. */
  read: (text: string) => Parsed | null;
  /** The solution, or null where the instruction has none. */
  solve: (parsed: Parsed) => Solution | null;
  /** Instructions that differ in one element, those with the same answer included. */
  changes: (parsed: Parsed) => Parsed[];
  /** Where a mistake of this kind leads; that may be the right answer after all. */
  mistake: (errorKind: string, made: { parsed: Parsed; solution: Solution; random: Random }) => string;
}

/** A slice from its parts. */
export function taskSlice<Parsed>(parts: SliceParts<Parsed>): TaskSlice {
  const { name, errorKinds, draw, write, read, mistake } = parts;
  const solve = (text: string): Solution | null => {
    const parsed = read(text);
    return parsed === null ? null : parts.solve(parsed);
  };
  const solved = (text: string): { parsed: Parsed; solution: Solution } => {
    const parsed = read(text);
    const solution = parsed === null ? null : parts.solve(parsed);
    if (parsed !== null && solution !== null) return { parsed, solution };
    throw new RangeError(`${name}: expected an instruction of this slice, received "${text}"`);
  };
  return {
    name,
    errorKinds,
    generate: (random) => write(draw(random)),
    solve,
    modify: (random, text) => {
      const { parsed, solution } = solved(text);
      // The first in random order that has another answer.
      const candidates = random.shuffled(parts.changes(parsed).map(write));
      return candidates.find((one) => (solve(one)?.answer ?? solution.answer) !== solution.answer) ?? null;
    },
    corrupt: (random, text) => {
      const made = { ...solved(text), random };
      for (;;) {
        const errorKind = random.pick(errorKinds);
        const answer = mistake(errorKind, made);
        if (answer !== made.solution.answer) return { answer, errorKind };
      }
    },
  };
}

/** A random digit, or for the mistake `off-by-one` a digit next to the answer, modulo 10. */
export function mistakenDigit(errorKind: string, { answer }: Solution, random: Random): string {
  return String(errorKind === 'off-by-one' ? (Number(answer) + random.pick([1, 9])) % 10 : random.below(10));
}
