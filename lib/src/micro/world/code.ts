// The code slice: programs of three operations on a list of four digits; the answer is the first element of the result.
import { mistakenDigit, taskSlice } from './task-slice.js';

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

const pattern = new RegExp(
  String.raw`^run(?: (?:${operationNames.join('|')})){${nOperations}} on(?: \d){${nDigits}}$`,
);

interface Program {
  steps: Operation[];
  list: List;
}

/** `run rev inc rot on 3 1 4 1` is worked as `1 4 1 3 , 2 5 2 4` (the list after each step but the last) and answered by `5`. */
export const code = taskSlice<Program>({
  name: 'code',
  errorKinds: ['off-by-one', 'skipped-step', 'random'],
  draw: (random) => ({
    steps: Array.from({ length: nOperations }, () => random.pick(operationNames)),
    list: Array.from({ length: nDigits }, () => random.below(10)),
  }),
  write: ({ steps, list }) => ['run', ...steps, 'on', ...list].join(' '),
  read: (text) => {
    if (!pattern.test(text)) return null;
    const words = text.split(' ');
    return {
      steps: words.slice(1, 1 + nOperations) as Operation[],
      list: words.slice(-nDigits).map(Number),
    };
  },
  solve: (program) => {
    const lists = run(program);
    const work = lists.slice(0, -1).map((list) => list.join(' '));
    return { work: work.join(' , '), answer: String(firstOfLast(lists)) };
  },
  // Only the last operation changes: most other changes do not reach the first element of the result.
  changes: (program) =>
    operationNames.map((operation) => ({ ...program, steps: [...program.steps.slice(0, -1), operation] })),
  mistake: (errorKind, { parsed, solution, random }) => {
    if (errorKind !== 'skipped-step') return mistakenDigit(errorKind, solution, random);
    const skipped = random.below(nOperations);
    return String(firstOfLast(run({ ...parsed, steps: parsed.steps.filter((_, i) => i !== skipped) })));
  },
});

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
