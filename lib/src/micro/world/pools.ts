// Instructions without labels for the loop, and held-out pairs to measure a judge with.
import { deriveRandom, type Random } from '../../core/random.js';
import { generateFrom, type Split } from './split.js';
import { answerText } from './prompts.js';
import { type SliceName, type Solution, type TaskSlice, slices } from './tasks.js';

/** An instruction without an answer. */
export interface UnlabeledInstruction {
  text: string;
  slice: SliceName;
}

/** An instruction with its right answer and a wrong one, for measuring a judge. */
export interface HeldOutPair {
  instruction: string;
  slice: SliceName;
  winner: string;
  loser: string;
  /** How the loser came about; the kinds of a slice are in {@link TaskSlice.errorKinds}. */
  errorKind: string;
}

/** What {@link unlabeledInstructions} and {@link heldOutPairs} are asked for; the slices take turns. */
export interface PoolRequest {
  seed: string | number;
  slices: readonly SliceName[];
  count: number;
}

/** After so many repeats in a row a slice is taken to be used up. */
const maxRepeats = 10_000;

/**
 * Instructions of the unlabeled pool, none of them twice. The first k of them are the same whatever `count` is.
 * @throws RangeError when a slice has no more instructions that were not used (reasoning has about 12,000 in the pool).
 */
export function* unlabeledInstructions(request: PoolRequest): Generator<UnlabeledInstruction> {
  for (const { text, slice } of distinctInstructions('pool', deriveRandom('pool', request.seed), request)) {
    yield { text, slice: slice.name };
  }
}

/**
 * Held-out pairs of a right and a wrong answer, no instruction twice. The mistakes are of kinds that do not come from modified
 * instructions, so that a judge is not measured on the negatives that it was trained with. Where responses are `worked`, both show the
 * right work, and the loser slips in the answer behind it.
 * @throws RangeError as {@link unlabeledInstructions}
 */
export function* heldOutPairs(
  request: PoolRequest & { split: 'dev' | 'test'; responses?: 'answer' | 'worked' | undefined },
): Generator<HeldOutPair> {
  const { responses = 'answer' } = request;
  const shown = (solution: Solution): string =>
    responses === 'worked' ? answerText(solution) : solution.answer;
  const random = deriveRandom('held-out', request.split, request.seed);
  for (const { text, slice } of distinctInstructions(request.split, random, request)) {
    const solution = slice.solve(text);
    if (solution === null) continue;
    const { answer, errorKind } = slice.corrupt(random, text);
    yield {
      instruction: text,
      slice: slice.name,
      winner: shown(solution),
      loser: shown({ ...solution, answer }),
      errorKind,
    };
  }
}

function* distinctInstructions(
  split: Split,
  random: Random,
  { slices: names, count }: PoolRequest,
): Generator<{ text: string; slice: TaskSlice }> {
  const used = new Set<string>();
  for (let i = 0; i < count; i++) {
    const name = names[i % names.length];
    if (name === undefined)
      throw new RangeError('pool of instructions: expected at least one slice, received none');
    const slice = slices[name];
    let text = generateFrom(split, slice, random);
    for (let nRepeats = 0; used.has(text); nRepeats++) {
      if (nRepeats >= maxRepeats) {
        throw new RangeError(
          `pool of ${name} instructions: expected ${count} in all, found only ${i} before it was used up`,
        );
      }
      text = generateFrom(split, slice, random);
    }
    used.add(text);
    yield { text, slice };
  }
}
