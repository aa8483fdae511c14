// The code slice: programs of three operations on a list of four digits; the answer is the first element of the result.
import type { Random } from '../../core/random.js';
import {
  expectInstruction,
  pickModified,
  solutionOf,
  type Solution,
  type TaskSlice,
  type WrongAnswer,
} from './task-slice.js';

type List = readonly number[];

/** The operations. Each takes the list of four digits to the next. */
const operations = {
  rev: (list: List): List => [...list].reverse(),
  inc: (list: List): List => list.map((digit) => (digit + 1) % 10),
  dec: (list: List): List => list.map((digit) => (digit + 9) % 10),
  rot: ([head, ...tail]: List): List => (head === undefined ? [] : [...tail, head]),
  swp: ([first, second, ...tail]: List): List =>
    first === undefined || second === undefined ? [] : [second, first, ...tail],
  srt: (list: List): List => [...list].sort((a, b) => a - b),
} as const;
type Operation = keyof typeof operations;
const operationNames = Object.keys(operations) as Operation[];
const nOperations = 3;
const nDigits = 4;

interface Program {
  steps: Operation[];
  list: List;
}

/** `run rev inc rot on 3 1 4 1` is worked as `1 4 1 3 , 2 5 2 4` (the list after each step but the last) and answered by `5`. */
export const code: TaskSlice = {
  name: 'code',
  errorKinds: ['off-by-one', 'skipped-step', 'random'],

  generate(random) {
    return write({
      steps: Array.from({ length: nOperations }, () => random.pick(operationNames)),
      list: Array.from({ length: nDigits }, () => random.below(10)),
    });
  },

  solve(text): Solution | null {
    const program = read(text);
    if (program === null) return null;
    const lists = run(program);
    return {
      work: lists
        .slice(0, -1)
        .map((list) => list.join(' '))
        .join(' , '),
      answer: String(firstOfLast(lists)),
    };
  },

  // Only the last operation changes: most other changes do not reach the first element of the result.
  modify(random, text) {
    const program = expectInstruction(read(text), 'code', text);
    const candidates = operationNames.map((operation) =>
      write({ ...program, steps: [...program.steps.slice(0, -1), operation] }),
    );
    return pickModified(code, text, { random, candidates });
  },

  corrupt(random, text): WrongAnswer {
    const { answer } = solutionOf(code, text);
    for (;;) {
      const errorKind = random.pick(code.errorKinds);
      const wrong = String(mistake(text, errorKind, random));
      if (wrong !== answer) return { answer: wrong, errorKind };
    }
  },
};

/** Where a mistake of this kind leads; that may be the right answer after all. */
function mistake(text: string, errorKind: string, random: Random): number {
  if (errorKind === 'random') return random.below(10);
  if (errorKind === 'off-by-one') return (Number(solutionOf(code, text).answer) + random.pick([1, 9])) % 10;
  const program = expectInstruction(read(text), 'code', text);
  const skipped = random.below(nOperations);
  const lists = run({ ...program, steps: program.steps.filter((_, i) => i !== skipped) });
  return firstOfLast(lists);
}

/** The list after each step. */
function run({ steps, list }: Program): List[] {
  let current = list;
  return steps.map((step) => (current = operations[step](current)));
}

/** First element of the last list: the answer. */
function firstOfLast(lists: readonly List[]): number {
  const first = lists.at(-1)?.[0];
  if (first === undefined) throw new RangeError('firstOfLast: expected lists of digits, received none');
  return first;
}

function write({ steps, list }: Program): string {
  return ['run', ...steps, 'on', ...list].join(' ');
}

const pattern = new RegExp(
  String.raw`^run(?: (?:${operationNames.join('|')})){${nOperations}} on(?: \d){${nDigits}}$`,
);

function read(text: string): Program | null {
  if (!pattern.test(text)) return null;
  const words = text.split(' ');
  return {
    steps: words.slice(1, 1 + nOperations) as Operation[],
    list: words.slice(-nDigits).map(Number),
  };
}
