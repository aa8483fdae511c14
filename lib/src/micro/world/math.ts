// The math slice: chains of +, - and * on single digits, worked from left to right modulo 10.
import type { Random } from '../../core/random.js';
import {
  expectInstruction,
  pickModified,
  solutionOf,
  type Solution,
  type TaskSlice,
  type WrongAnswer,
} from './task-slice.js';

const operators = ['+', '-', '*'] as const;
type Operator = (typeof operators)[number];
const nSteps = 4;

interface Chain {
  start: number;
  steps: { operator: Operator; operand: number }[];
}

/** `compute 7 + 2 * 6 - 3 * 4` is worked as `9 4 1` and answered by `4`. */
export const math: TaskSlice = {
  name: 'math',
  errorKinds: ['off-by-one', 'slipped-operator', 'random'],

  generate(random) {
    return write({
      start: random.below(10),
      steps: Array.from({ length: nSteps }, () => ({
        operator: random.pick(operators),
        operand: random.below(10),
      })),
    });
  },

  solve(text): Solution | null {
    const chain = read(text);
    if (chain === null) return null;
    const values = run(chain);
    return { work: values.slice(0, -1).join(' '), answer: String(values.at(-1)) };
  },

  // Only the last operand changes: an earlier change is often lost in a multiplication by an even number or by 5.
  modify(random, text) {
    const chain = expectInstruction(read(text), 'math', text);
    const candidates = Array.from({ length: 10 }, (_, operand) => {
      const steps = chain.steps.map((step, i) => (i === nSteps - 1 ? { ...step, operand } : step));
      return write({ start: chain.start, steps });
    });
    return pickModified(math, text, { random, candidates });
  },

  corrupt(random, text): WrongAnswer {
    const { answer } = solutionOf(math, text);
    for (;;) {
      const errorKind = random.pick(math.errorKinds);
      const wrong = String(mistake(text, errorKind, random));
      if (wrong !== answer) return { answer: wrong, errorKind };
    }
  },
};

/** Where a mistake of this kind leads; that may be the right answer after all. */
function mistake(text: string, errorKind: string, random: Random): number {
  if (errorKind === 'random') return random.below(10);
  if (errorKind === 'off-by-one') return (Number(solutionOf(math, text).answer) + random.pick([1, 9])) % 10;
  const chain = expectInstruction(read(text), 'math', text);
  const slipped = random.below(nSteps);
  const steps = chain.steps.map((step, i) =>
    i === slipped
      ? { ...step, operator: random.pick(operators.filter((other) => other !== step.operator)) }
      : step,
  );
  return steps.reduce((value, { operator, operand }) => apply(operator, value, operand), chain.start);
}

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

function write({ start, steps }: Chain): string {
  return ['compute', start, ...steps.flatMap(({ operator, operand }) => [operator, operand])].join(' ');
}

const pattern = new RegExp(String.raw`^compute \d(?: [-+*] \d){${nSteps}}$`);

function read(text: string): Chain | null {
  if (!pattern.test(text)) return null;
  const [, start, ...rest] = text.split(' ');
  const steps: Chain['steps'] = [];
  for (let i = 0; i < rest.length; i += 2) {
    steps.push({ operator: rest[i] as Operator, operand: Number(rest[i + 1]) });
  }
  return { start: Number(start), steps };
}
