// Training the embedded model on rewards: group-relative policy optimisation (GRPO, https://arxiv.org/abs/2402.03300).
import { DataError } from '../core/errors.js';
import { deriveSeed } from '../core/random.js';
import { readCheckpoint } from './checkpoint.js';
import { PolicySampler } from './policy-sampler.js';
import type { GradedSample } from './reinforcement-batch.js';
import { groupAdvantages, hasDifference, meanOf } from './reinforcement-loss.js';
import { decodeTokens, endOfSequence } from './tokenizer.js';
import {
  assertCourse,
  isCount,
  runCourse,
  type CourseStep,
  type FineTuneOptions,
} from './training-course.js';
import { TrainingSession } from './training-session.js';
import type {
  GradedPrompt,
  ModelShape,
  ReinforcementRequest,
  SampledChoice,
  TrainingSequence,
} from './types.js';

/** A prompt by its place in the request, which names the random streams of its completions. */
interface NumberedPrompt extends GradedPrompt {
  index: number;
}

/** The completions of one prompt and their rewards, in the same order. */
interface Group {
  sequences: TrainingSequence[];
  rewards: number[];
}

/**
 * Fine-tunes a checkpoint by the rewards of its own completions; returns the bytes of the last epoch's. Each step samples `groupSize`
 * completions of `batchSize` prompts from the weights of the moment, at temperature 1, so that they come from the model that is trained;
 * choice c of prompt p in step s is drawn from the random stream (seed, s, p, c). Groups without a difference are left out of the
 * updates; a step of nothing but such groups updates nothing. The same request gives the same bytes, whatever the number of threads.
 * @throws DataError for a broken checkpoint, or prompts or rewards that do not fit.
 * @throws the signal's reason once it aborts, also in the middle of a step.
 */
export async function reinforcementTune(
  request: ReinforcementRequest,
  options: FineTuneOptions,
): Promise<Uint8Array> {
  options.signal.throwIfAborted();
  assertReinforcementRequest(request);
  const base = await readCheckpoint(request.checkpointPath);
  const { prompts, batchSize, groupSize } = request;
  assertPrompts([...prompts, ...request.validationPrompts], base.shape);
  const newSession = (): TrainingSession =>
    new TrainingSession({
      shape: base.shape,
      weights: base.weights,
      maxBatchSequences: 0,
      maxBatchSamples: Math.min(batchSize, prompts.length) * groupSize,
      ...(options.nWorkers === undefined ? {} : { nWorkers: options.nWorkers }),
    });
  const [session, reference] = [newSession(), newSession()];
  const sampler = new PolicySampler(base.shape);
  const steps = new ReinforcementSteps(request, { session, reference, sampler, signal: options.signal });
  try {
    return await runCourse(
      {
        base,
        session,
        examples: prompts.map((prompt, index) => ({ ...prompt, index })),
        course: request,
        step: (batch, learningRate) => steps.next(batch, learningRate),
        validate: () => steps.validate(),
      },
      options,
    );
  } finally {
    await Promise.all([session.close(), reference.close()]);
  }
}

interface StepParts {
  session: TrainingSession;
  /** Holds the weights at the beginning, which are never trained. */
  reference: TrainingSession;
  sampler: PolicySampler;
  signal: AbortSignal;
}

class ReinforcementSteps {
  readonly #request: ReinforcementRequest;
  readonly #parts: StepParts;
  #nSteps = 0;
  #last: Promise<unknown> = Promise.resolve();

  constructor(request: ReinforcementRequest, parts: StepParts) {
    this.#request = request;
    this.#parts = parts;
  }

  /** One step. What is sampled depends on the steps before, so each waits for the last one. */
  next(batch: readonly NumberedPrompt[], learningRate: number): Promise<CourseStep> {
    this.#nSteps += 1;
    const step = this.#nSteps;
    const result = this.#last.then(() => this.#take(step, batch, learningRate));
    this.#last = result.catch(() => undefined);
    return result;
  }

  /** Mean reward of one greedy completion of each validation prompt; null where there are none. */
  async validate(): Promise<{ loss: null; preference: null; reward: number } | null> {
    const { validationPrompts } = this.#request;
    if (validationPrompts.length === 0) return null;
    const { session, sampler, signal } = this.#parts;
    const greedy = { nChoices: 1, temperature: 0, seed: 0 };
    const requests = validationPrompts.map(({ promptTokens }) => ({ promptTokens, ...greedy }));
    const groups = grade(validationPrompts, await sampler.sample(await session.weights(), requests, signal));
    return { loss: null, preference: null, reward: meanOf(groups.flatMap(({ rewards }) => rewards)) };
  }

  async #take(step: number, batch: readonly NumberedPrompt[], learningRate: number): Promise<CourseStep> {
    const { groupSize, nUpdates, clip, klScale, seed } = this.#request;
    const { session, reference, sampler, signal } = this.#parts;
    const requests = batch.map(({ promptTokens, index }) => ({
      promptTokens,
      nChoices: groupSize,
      temperature: 1,
      seed: deriveSeed('reinforcement', seed, step, index),
    }));
    const groups = grade(batch, await sampler.sample(await session.weights(), requests, signal));
    const telling = groups.filter(({ rewards }) => hasDifference(rewards));
    const figures = {
      meanReward: meanOf(groups.flatMap(({ rewards }) => rewards)),
      sameShare: 1 - telling.length / groups.length,
      clipShare: 0,
      kl: 0,
    };
    if (telling.length === 0) return { step, loss: 0, preference: null, reinforcement: figures, nTokens: 0 };
    const drawn: GradedSample[] = telling.flatMap(({ sequences, rewards }) => {
      const advantages = groupAdvantages(rewards);
      return sequences.map((sequence, i) => ({
        ...sequence,
        advantage: advantages[i] ?? 0,
        oldLosses: null,
        referenceLosses: [],
      }));
    });
    const referenceLosses = await reference.scoreSamples(drawn);
    let samples = drawn.map((sample, i) => ({ ...sample, referenceLosses: referenceLosses[i] ?? [] }));
    const clipShares: number[] = [];
    let loss = 0;
    let nTokens = 0;
    for (let update = 0; update < nUpdates; update++) {
      signal.throwIfAborted();
      const report = await session.stepOnSamples(samples, { learningRate, clip, klScale });
      if (update === 0)
        samples = samples.map((sample, i) => ({ ...sample, oldLosses: report.tokenLosses[i] ?? [] }));
      clipShares.push(report.clipShare);
      loss = report.loss;
      figures.kl = report.kl;
      nTokens += report.nTokens;
    }
    figures.clipShare = meanOf(clipShares);
    return { step, loss, preference: null, reinforcement: figures, nTokens };
  }
}

/** The completions of each prompt as training sequences, with their rewards. @throws DataError for a reward that is no number */
function grade(prompts: readonly GradedPrompt[], choices: readonly SampledChoice[][]): Group[] {
  return prompts.map(({ promptTokens, grade: gradeText }, i) => {
    const own = choices[i] ?? [];
    const rewards = own.map(({ tokens, finishReason }) => {
      const reward = finishReason === 'stop' ? gradeText(decodeTokens(tokens)) : 0;
      if (Number.isFinite(reward)) return reward;
      throw new DataError({
        subject: `reward of "${decodeTokens(tokens)}"`,
        expected: 'a finite number',
        received: String(reward),
        remedy: 'Correct the grader.',
      });
    });
    const sequences = own.map(({ tokens, finishReason }) => ({
      tokens: [...promptTokens, ...tokens, ...(finishReason === 'stop' ? [endOfSequence] : [])],
      lossFrom: promptTokens.length,
    }));
    return { sequences, rewards };
  });
}

function assertReinforcementRequest(request: ReinforcementRequest): void {
  const { prompts, groupSize, nUpdates, clip, klScale } = request;
  assertCourse(request, [
    [isCount(prompts.length), 'prompts', 'at least one', prompts.length],
    [isCount(groupSize - 1), 'groupSize', 'a whole number from 2', groupSize],
    [isCount(nUpdates), 'nUpdates', 'a whole number from 1', nUpdates],
    [clip > 0 && clip < Infinity, 'clip', 'a number above 0', clip],
    [klScale >= 0 && klScale < Infinity, 'klScale', 'a number from 0', klScale],
  ]);
}

function assertPrompts(prompts: readonly GradedPrompt[], { contextLength }: ModelShape): void {
  const place = prompts.findIndex(({ promptTokens: { length } }) => length === 0 || length >= contextLength);
  if (place === -1) return;
  throw new DataError({
    subject: `prompt ${place + 1} of ${prompts.length}`,
    expected: `1 to ${contextLength - 1} tokens`,
    received: String(prompts[place]?.promptTokens.length),
    remedy: 'Shorten or drop this prompt.',
  });
}
