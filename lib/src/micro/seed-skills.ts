// What a model of the task world can do, measured on held-out instructions: the numbers on the seed model's card.
import { deriveRandom, deriveSeed } from '../core/random.js';
import { decodeBatch } from './decode-batch.js';
import { decodeTokens, encodeChat, endOfSequence } from './tokenizer.js';
import type { ModelShape, SampledChoice } from './types.js';
import { recallDemonstration } from './world/demos.js';
import { heldOutPairs, type HeldOutPair } from './world/pools.js';
import { answerPrompt, judgePrompt, modifyPrompt, verdictWords } from './world/prompts.js';
import { sliceNames, slices, type SliceName } from './world/tasks.js';

/** Shares in [0, 1] of the model's completions that are right. */
export interface SliceSkills {
  /** Greedy answers that are right. */
  answer: number;
  /** Modified instructions, sampled at temperature 1, that are well-formed and have another answer. */
  modify: number;
  /** Greedy verdicts, in both orders of each pair, that name the winner. */
  judge: number;
  /** Judgments whose own answer, right before the verdict, is right, whatever the verdict. */
  judgeAnswer: number;
  /** Greedy verdicts for A. */
  verdictA: number;
  /** Judgments without a verdict. */
  unparsed: number;
}

/** Skills by slice, over all slices, and at looking a word up (which has no slice). */
export interface SeedSkills {
  /** Instructions measured in each slice. */
  nPerSlice: number;
  slices: Record<SliceName, SliceSkills>;
  all: SliceSkills;
  recall: number;
}

/** What to measure on. */
export interface SkillsRequest {
  split: 'dev' | 'test';
  nPerSlice: number;
  seed: string | number;
}

/** Longest completion that is waited for; right ones have at most 14 words. */
const maxTokens = 24;
const skillNames = ['answer', 'modify', 'judge', 'judgeAnswer', 'verdictA', 'unparsed'] as const;

/** Measures a model; blocks this thread for a few seconds. */
export function measureSkills(
  model: { shape: ModelShape; weights: Float32Array },
  request: SkillsRequest,
): SeedSkills {
  const bySlice = sliceNames.map((slice) => [slice, skillsInSlice(model, slice, request)] as const);
  const all = skillNames.map((skill) => [skill, mean(bySlice.map(([, skills]) => skills[skill]))] as const);
  return {
    nPerSlice: request.nPerSlice,
    slices: Object.fromEntries(bySlice) as SeedSkills['slices'],
    all: Object.fromEntries(all) as Record<(typeof skillNames)[number], number>,
    recall: recallSkill(model, request.nPerSlice),
  };
}

type Model = Parameters<typeof measureSkills>[0];

function skillsInSlice(
  model: Model,
  name: SliceName,
  { split, nPerSlice, seed }: SkillsRequest,
): SliceSkills {
  const slice = slices[name];
  const pairs = [...heldOutPairs({ split, seed, slices: [name], count: nPerSlice })];
  const answers = complete(
    model,
    pairs.map(({ instruction }) => answerPrompt(instruction)),
    0,
  );
  const modified = complete(
    model,
    pairs.map(({ instruction }) => modifyPrompt(instruction)),
    1,
  );
  const judgments = judge(model, pairs);
  return {
    answer: mean(answers.map((text, i) => Number(finalAnswer(text) === pairs[i]?.winner))),
    modify: mean(
      modified.map((text, i) => {
        const solution = text === null ? null : slice.solve(text);
        return Number(solution !== null && solution.answer !== pairs[i]?.winner);
      }),
    ),
    judge: mean(judgments.map(({ verdict, right }) => Number(verdict === right))),
    judgeAnswer: mean(judgments.map(({ answer, winner }) => Number(answer === winner))),
    verdictA: mean(judgments.map(({ verdict }) => Number(verdict === 'A'))),
    unparsed: mean(judgments.map(({ verdict }) => Number(verdict === null))),
  };
}

interface MeasuredJudgment {
  verdict: 'A' | 'B' | null;
  answer: string | null;
  right: 'A' | 'B';
  winner: string;
}

function judge(model: Model, pairs: readonly HeldOutPair[]): MeasuredJudgment[] {
  const asked = pairs.flatMap(({ instruction, winner, loser }) => [
    { prompt: judgePrompt(instruction, winner, loser), right: 'A' as const, winner },
    { prompt: judgePrompt(instruction, loser, winner), right: 'B' as const, winner },
  ]);
  const texts = complete(
    model,
    asked.map(({ prompt }) => prompt),
    0,
  );
  return asked.map(({ right, winner }, i) => {
    const text = texts[i] ?? '';
    const [hasA, hasB] = [text.includes(verdictWords.A), text.includes(verdictWords.B)];
    const verdict = hasA === hasB ? null : hasA ? 'A' : 'B';
    return { verdict, answer: finalAnswer(text.replace(/ \[\[[AB]\]\]$/, '')), right, winner };
  });
}

function recallSkill(model: Model, count: number): number {
  const random = deriveRandom('recall-skill');
  const demonstrations = Array.from({ length: count }, () => recallDemonstration(random));
  const texts = complete(
    model,
    demonstrations.map(({ prompt }) => prompt),
    0,
  );
  return mean(demonstrations.map(({ completion }, i) => Number(texts[i] === completion)));
}

/** One completion of each prompt; null where it did not end by itself. */
function complete(model: Model, prompts: readonly string[], temperature: number): (string | null)[] {
  const requests = prompts.map((prompt) => ({
    promptTokens: encodeChat([{ role: 'user', content: prompt }]),
    nChoices: 1,
    temperature,
    topP: 1,
    maxTokens,
    seed: deriveSeed('skills', prompt),
    stop: [],
    topLogprobs: null,
  }));
  return decodeBatch({ model, requests, language: { endOfSequence, decodeTokens } }).map(([choice]) =>
    textOf(choice),
  );
}

function textOf(choice: SampledChoice | undefined): string | null {
  return choice?.finishReason === 'stop' ? decodeTokens(choice.tokens) : null;
}

function finalAnswer(text: string | null): string | null {
  return /(?:^| )= (\S+)$/.exec(text ?? '')?.[1] ?? null;
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
}
