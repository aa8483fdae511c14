// The math slice: chains of +, - and * on single digits, worked from left to right modulo 10.
import { mistakenDigit, taskSlice } from './task-slice.js';

const operators = ['+', '-', '*'] as const;
type Operator = (typeof operators)[number];
const nSteps = 4;

const pattern = new RegExp(String.raw`^compute \d(?: [-+*] \d){${nSteps}}$`);

interface Chain {
  start: number;
  steps: { operator: Operator; operand: number }[];
}

/** `compute 7 + 2 * 6 - 3 * 4` is worked as `9 4 1` and answered by `4`. */
export const math = taskSlice<Chain>({
  name: 'math',
  errorKinds: ['off-by-one', 'slipped-operator', 'random'],
  draw: (random) => ({
    start: random.below(10),
    steps: Array.from({ length: nSteps }, () => ({
      operator: random.pick(operators),
      operand: random.below(10),
    })),
  }),
  write: ({ start, steps }) =>
    ['compute', start, ...steps.flatMap(({ operator, operand }) => [operator, operand])].join(' '),
  read: (text) => {
    if (!pattern.test(text)) return null;
    const [, start, ...rest] = text.split(' ');
    const steps: Chain['steps'] = [];
    for (let i = 0; i < rest.length; i += 2) {
      steps.push({ operator: rest[i] as Operator, operand: Number(rest[i + 1]) });
    }
    return { start: Number(start), steps };
  },
  solve: (chain) => {
    const values = run(chain);
    return { work: values.slice(0, -1).join(' '), answer: String(values.at(-1)) };
  },
  // Only the last operand changes: an earlier change is often lost in a multiplication by an even number or by 5.
  changes: ({ start, steps }) =>
    Array.from({ length: 10 }, (_, operand) => ({
      start,
      steps: steps.map((step, i) => (i === nSteps - 1 ? { ...step, operand } : step)),
    })),
  mistake: (errorKind, { parsed: { start, steps }, solution, random }) => {
    if (errorKind !== 'slipped-operator') return mistakenDigit(errorKind, solution, random);
    const slipped = random.below(nSteps);
    const mistaken = steps.map((step, i) =>
      i === slipped
        ? { ...step, operator: random.pick(operators.filter((other) => other !== step.operator)) }
        : step,
    );
    return String(run({ start, steps: mistaken }).at(-1));
  },
});

/** The value after each step. */
function run({ start, steps }: Chain): number[] {
  let value = start;
  return steps.map(({ operator, operand }) => (value = apply(operator, value, operand)));
}

function apply(operator: Operator, left: number, right: number): number {
  switch (operator) {
    case '+':
      return (left + right) % 10;
    case '-':
      return (left - right + 10) % 10;
    case '*':
      return (left * right) % 10;
  }
}
