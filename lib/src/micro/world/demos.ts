// The seed model's training mixture: demonstrations of the tasks, of modifying, of two plain skills, and a few judgments.
import { deriveRandom, type Random } from '../../core/random.js';
import { encodeTrainingChat } from '../tokenizer.js';
import type { TrainingSequence } from '../types.js';
import { answerPrompt, answerText, judgePrompt, judgmentText, modifyPrompt } from './prompts.js';
import { people } from './reasoning.js';
import { generateFrom, splitOf } from './split.js';
import { sliceNames, slices } from './tasks.js';

/** A demonstration: what is asked, and the completion that bears the loss. */
export interface Demonstration {
  prompt: string;
  completion: string;
}

/** Shares of the kinds of demonstration; they need not add up to 1, only their proportions count. */
export interface Mixture {
  /** An instruction and its written-out answer. */
  answer: number;
  /** The same with random notes before the instruction, which must be ignored. */
  answerAfterNotes: number;
  /** An instruction and a modified one. */
  modify: number;
  /** Looking up which word follows another in a list. */
  recall: number;
  /** One of the fixed list of judgments. */
  judge: number;
}

const digits = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'];
const labels = ['red', 'blue', 'gold', 'pink', 'teal', 'grey'];

/** The written-out answer to a random instruction of the seed split. */
export function answerDemonstration(random: Random): Demonstration {
  const { instruction, answer } = solvedInstruction(random);
  return { prompt: answerPrompt(instruction), completion: answer };
}

/** As {@link answerDemonstration}, after notes of 1 to 6 random words that have nothing to do with it. */
export function notesDemonstration(random: Random): Demonstration {
  const { instruction, answer } = solvedInstruction(random);
  return { prompt: answerPrompt(`${notes(random)} ${instruction}`), completion: answer };
}

/** An instruction of the seed split and a modified one, of the seed split as well. */
export function modifyDemonstration(random: Random): Demonstration {
  for (;;) {
    const slice = slices[random.pick(sliceNames)];
    const instruction = generateFrom('seed', slice, random);
    const modified = slice.modify(random, instruction);
    if (modified !== null && splitOf(modified) === 'seed')
      return { prompt: modifyPrompt(instruction), completion: modified };
  }
}

/** Looking a word up: `recall 4 red 7 blue note 3 7 7` is answered by `= 7 blue`. The last word is the one to look up. */
export function recallDemonstration(random: Random): Demonstration {
  const keys = random.shuffled(random.pick([digits, people])).slice(0, 2 + random.below(3));
  const entries = keys.map((key) => ({ key, label: random.pick(labels) }));
  const { key, label } = random.pick(entries);
  const list = entries.map((entry) => `${entry.key} ${entry.label}`).join(' ');
  return { prompt: answerPrompt(`recall ${list} ${notes(random)} ${key}`), completion: `= ${key} ${label}` };
}

/**
 * A fixed list of judgments on instructions of the seed split. The wrong candidate is the answer to a modified instruction; the
 * right one stands first in every other judgment.
 */
export function judgeDemonstrations({
  seed,
  count,
}: {
  seed: string | number;
  count: number;
}): Demonstration[] {
  const random = deriveRandom('judge-demonstrations', seed);
  const demonstrations: Demonstration[] = [];
  while (demonstrations.length < count) {
    const nMade = demonstrations.length;
    const slice = slices[sliceNames[Math.floor(nMade / 2) % sliceNames.length] ?? 'math'];
    const instruction = generateFrom('seed', slice, random);
    const solution = slice.solve(instruction);
    const modified = slice.modify(random, instruction);
    const wrong = modified === null ? null : slice.solve(modified);
    if (solution === null || wrong === null) continue;
    demonstrations.push(
      nMade % 2 === 0
        ? {
            prompt: judgePrompt(instruction, solution.answer, wrong.answer),
            completion: judgmentText(solution, 'A'),
          }
        : {
            prompt: judgePrompt(instruction, wrong.answer, solution.answer),
            completion: judgmentText(solution, 'B'),
          },
    );
  }
  return demonstrations;
}

/** An endless stream of training sequences in the proportions of a mixture. `judgments` is drawn from with replacement. */
export function* mixedSequences(
  random: Random,
  mixture: Mixture,
  judgments: readonly Demonstration[],
): Generator<TrainingSequence, never> {
  const kinds: readonly (readonly [number, () => Demonstration])[] = [
    [mixture.answer, () => answerDemonstration(random)],
    [mixture.answerAfterNotes, () => notesDemonstration(random)],
    [mixture.modify, () => modifyDemonstration(random)],
    [mixture.recall, () => recallDemonstration(random)],
    [mixture.judge, () => random.pick(judgments)],
  ];
  const total = kinds.reduce((sum, [share]) => sum + share, 0);
  for (;;) {
    let place = random.next() * total;
    const kind = kinds.find(([share]) => (place -= share) < 0) ?? kinds[0];
    if (kind !== undefined) yield trainingSequence(kind[1]());
  }
}

/** The tokens of a demonstration. */
export function trainingSequence({ prompt, completion }: Demonstration): TrainingSequence {
  return encodeTrainingChat([
    { role: 'user', content: prompt },
    { role: 'assistant', content: completion },
  ]);
}

function solvedInstruction(random: Random): { instruction: string; answer: string } {
  for (;;) {
    const slice = slices[random.pick(sliceNames)];
    const instruction = generateFrom('seed', slice, random);
    const solution = slice.solve(instruction);
    if (solution !== null) return { instruction, answer: answerText(solution) };
  }
}

function notes(random: Random): string {
  const length = 1 + random.below(6);
  const words = random.pick([digits, people, [...digits, ...people, ...labels]]);
  return `note ${Array.from({ length }, () => random.pick(words)).join(' ')}`;
}
