// A model in training: worker threads over one shared memory, fed batch by batch from a main thread that never blocks.
import { availableParallelism } from 'node:os';
import type { Worker } from 'node:worker_threads';
import { DataError } from '../core/errors.js';
import { startWorkerThread } from '../core/worker-thread.js';
import { compileKernels, createMemory } from './kernels.js';
import {
  assertPreferencePairs,
  readPairLosses,
  sizeOfPairs,
  writePairs,
  type ReferredPair,
} from './preference-batch.js';
import { pairWeights, preferenceLoss, type PairLosses } from './preference-loss.js';
import { readTokenLosses, termsOf, writeSamples, type GradedSample } from './reinforcement-batch.js';
import { meanOf } from './reinforcement-loss.js';
import { assertTrainingSequences, sizeOfBatch, writeBatch, type BatchSize } from './training-batch.js';
import {
  nShards,
  nSlots,
  planTrainingMemory,
  type ShardPlaces,
  type TrainingMemory,
  type TrainingPlan,
} from './training-memory.js';
import type { TaskReport, TrainingTask, TrainingThreadSetup } from './training-thread.js';
import type {
  ModelShape,
  PreferenceFigures,
  PreferenceObjective,
  ReinforcementObjective,
  TrainingSequence,
} from './types.js';

/** What one training step did. */
export interface StepReport extends BatchSize {
  /** Counted from 1. */
  step: number;
  /** Mean nats per target token, before the update. */
  loss: number;
  /** Euclidean norm of the whole gradient, before clipping. */
  gradientNorm: number;
}

/** What one training step on preference pairs did. */
export interface PairStepReport {
  /** Counted from 1. */
  step: number;
  /** The loss of preference-loss.ts, before the update. */
  loss: number;
  preference: PreferenceFigures;
  /** Euclidean norm of the whole gradient, before clipping. */
  gradientNorm: number;
  /** Tokens of both sequences of each pair. */
  nTokens: number;
}

/** What one training step on graded samples did. Everything is as before the update. */
export interface SampleStepReport extends BatchSize {
  /** Counted from 1. */
  step: number;
  /** Mean term of all sampled tokens, see reinforcement-loss.ts. */
  loss: number;
  /** Share of the tokens, 0 to 1, whose ratio the clip holds. */
  clipShare: number;
  /** Mean estimate of the divergence from the reference, in nats a token. */
  kl: number;
  /** Euclidean norm of the whole gradient, before clipping. */
  gradientNorm: number;
  /** The losses of each sample's completion tokens, in nats. */
  tokenLosses: number[][];
}

/** How to start a session. */
export interface TrainingSessionOptions {
  shape: ModelShape;
  /** First weights, in the layout of parameters.ts; copied. */
  weights: Float32Array;
  /** Most sequences in a batch. */
  maxBatchSequences: number;
  /** Most preference pairs in a batch. Default: 0. */
  maxBatchPairs?: number;
  /** Most graded samples in a batch. Default: 0. */
  maxBatchSamples?: number;
  /** Threads, 1 to 4; default: one for each core, at most 4. The result does not depend on it. */
  nWorkers?: number;
}

interface Pending {
  resolve: (report: TaskReport) => void;
  reject: (reason: unknown) => void;
}

/** Trains one model. The optimizers' state is new with every session. */
export class TrainingSession {
  readonly #plan: TrainingPlan;
  readonly #places: TrainingMemory;
  readonly #memory: WebAssembly.Memory;
  readonly #workers: Worker[];
  readonly #pending: Pending[] = [];
  /** For each slot, when the last task in it is done. */
  readonly #slotFree: Promise<unknown>[] = Array.from({ length: nSlots }, () => Promise.resolve());
  #lastTask: Promise<unknown> = Promise.resolve();
  #nTasks = 0;
  #step = 0;
  #failure: Error | null = null;

  constructor(options: TrainingSessionOptions) {
    const { shape, weights, maxBatchSequences, maxBatchPairs = 0, maxBatchSamples = 0, nWorkers } = options;
    this.#plan = {
      shape,
      maxBatchSequences,
      maxBatchPairs,
      maxBatchSamples,
      nWorkers: Math.max(1, Math.min(nShards, nWorkers ?? availableParallelism())),
    };
    this.#places = planTrainingMemory(this.#plan);
    if (weights.length !== this.#places.layout.size) {
      throw new DataError({
        subject: 'weights of the model to train',
        expected: `${this.#places.layout.size} numbers`,
        received: String(weights.length),
        remedy: 'Pass the weights of a model of this shape.',
      });
    }
    const module = compileKernels();
    this.#memory = createMemory(this.#places.bytes);
    new Float32Array(this.#memory.buffer, this.#places.weights, weights.length).set(weights);
    this.#workers = Array.from({ length: this.#plan.nWorkers }, (_, worker) => {
      const setup: TrainingThreadSetup = { module, memory: this.#memory, plan: this.#plan, worker };
      const thread = startWorkerThread(new URL('./training-worker', import.meta.url), setup);
      thread.on('error', (cause) => {
        this.#fail(new Error(`training thread ${worker} failed: ${String(cause)}`, { cause }));
      });
      thread.on('exit', (code) => {
        this.#fail(new Error(`training thread ${worker} ended with code ${code}`));
      });
      return thread;
    });
    this.#workers[0]?.on('message', (report: TaskReport) => this.#pending.shift()?.resolve(report));
  }

  /**
   * One optimizer step on a batch. Steps run in the order of the calls; call for the next batch before the last one is done to keep
   * the threads busy (one ahead is enough; further calls wait their turn).
   * @throws DataError for a sequence that the model cannot be trained on, or too many of them.
   */
  async step(sequences: readonly TrainingSequence[], learningRate: number): Promise<StepReport> {
    this.#assertBatch(sequences);
    const size = sizeOfBatch(sequences);
    this.#step += 1;
    const step = this.#step;
    const { loss, gradientNorm } = await this.#runSequences(sequences, 1 / size.nTargets, (slot) => ({
      kind: 'train',
      slot,
      step,
      learningRate,
    }));
    return { ...size, step, loss, gradientNorm };
  }

  /** Mean nats per target token of any number of sequences, under the weights after all steps asked for so far. */
  async evaluate(sequences: readonly TrainingSequence[]): Promise<number> {
    const { nTargets } = sizeOfBatch(sequences);
    const most = this.#plan.maxBatchSequences;
    const reports: Promise<TaskReport>[] = [];
    for (let i = 0; i < sequences.length; i += most) {
      const batch = sequences.slice(i, i + most);
      this.#assertBatch(batch);
      reports.push(this.#runSequences(batch, 1, (slot) => ({ kind: 'evaluate', slot })));
    }
    let loss = 0;
    for (const report of await Promise.all(reports)) loss += report.loss;
    return loss / nTargets;
  }

  /**
   * One optimizer step on a batch of preference pairs, otherwise like {@link step}.
   * @throws DataError for a sequence that the model cannot be trained on, or too many pairs.
   */
  async stepOnPairs(
    pairs: readonly ReferredPair[],
    { learningRate, ...objective }: PreferenceObjective & { learningRate: number },
  ): Promise<PairStepReport> {
    this.#assertPairs(pairs);
    const size = sizeOfPairs(pairs);
    this.#step += 1;
    const step = this.#step;
    const weights = pairWeights(objective, size);
    const { pairLosses, gradientNorm } = await this.#runPairs(pairs, (slot) => ({
      kind: 'prefer',
      slot,
      step,
      learningRate,
      weights,
    }));
    return { ...size, step, ...preferenceLoss(pairLosses, { ...objective, ...size }), gradientNorm };
  }

  /** Losses of so many preference pairs as fit into a batch, under the weights after all steps asked for so far. */
  async comparePairs(pairs: readonly ReferredPair[]): Promise<PairLosses[]> {
    this.#assertPairs(pairs);
    return (await this.#runPairs(pairs, (slot) => ({ kind: 'compare', slot }))).pairLosses;
  }

  /**
   * One optimizer step on a batch of graded samples, otherwise like {@link step}. Every token of all completions weighs the same, as in
   * DAPO (https://arxiv.org/abs/2503.14476): a mean for each completion first, as in DeepSeekMath, would favour short right ones and long
   * wrong ones (https://arxiv.org/abs/2503.20783).
   * @throws DataError for a sample that the model cannot be trained on, or too many of them.
   */
  async stepOnSamples(
    samples: readonly GradedSample[],
    { learningRate, ...objective }: ReinforcementObjective & { learningRate: number },
  ): Promise<SampleStepReport> {
    this.#assertSamples(samples);
    const size = sizeOfBatch(samples);
    this.#step += 1;
    const step = this.#step;
    const { tokenLosses, gradientNorm } = await this.#runSamples(samples, (slot) => ({
      kind: 'reinforce',
      slot,
      step,
      learningRate,
      perToken: 1 / size.nTargets,
      ...objective,
    }));
    const terms = termsOf(samples, tokenLosses, objective);
    return {
      ...size,
      step,
      loss: meanOf(terms.map(({ value }) => value)),
      clipShare: meanOf(terms.map(({ isClipped }) => Number(isClipped))),
      kl: meanOf(terms.map(({ kl }) => kl)),
      gradientNorm,
      tokenLosses,
    };
  }

  /** Losses of the completion tokens of so many samples as fit into a batch, under the weights after all steps asked for so far. */
  async scoreSamples(samples: readonly GradedSample[]): Promise<number[][]> {
    this.#assertSamples(samples);
    return (await this.#runSamples(samples, (slot) => ({ kind: 'score', slot }))).tokenLosses;
  }

  /** A copy of the weights after all steps asked for so far. */
  async weights(): Promise<Float32Array> {
    await this.#lastTask;
    if (this.#failure !== null) throw this.#failure;
    return new Float32Array(this.#memory.buffer, this.#places.weights, this.#places.layout.size).slice();
  }

  /** Ends the threads; steps that are still under way fail. */
  async close(): Promise<void> {
    this.#fail(new Error('training session: closed'));
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }

  #assertBatch(sequences: readonly TrainingSequence[]): void {
    const { shape, maxBatchSequences } = this.#plan;
    this.#assertCount(sequences.length, maxBatchSequences, 'sequences');
    assertTrainingSequences(sequences, shape);
  }

  #assertPairs(pairs: readonly ReferredPair[]): void {
    const { shape, maxBatchPairs } = this.#plan;
    this.#assertCount(pairs.length, maxBatchPairs, 'pairs');
    assertPreferencePairs(pairs, shape);
  }

  #assertSamples(samples: readonly GradedSample[]): void {
    const { shape, maxBatchSamples } = this.#plan;
    this.#assertCount(samples.length, maxBatchSamples, 'samples');
    assertTrainingSequences(samples, shape);
  }

  #assertCount(count: number, most: number, what: string): void {
    if (count > 0 && count <= most) return;
    throw new DataError({
      subject: 'training batch',
      expected: `1 to ${most} ${what}`,
      received: String(count),
      remedy: 'Start the session for larger batches, or pass smaller ones.',
    });
  }

  #runSequences(
    sequences: readonly TrainingSequence[],
    targetWeight: number,
    taskFor: (slot: number) => TrainingTask,
  ): Promise<TaskReport> {
    const write = (places: readonly ShardPlaces[]): void => {
      writeBatch(sequences, places, { memory: this.#memory, targetWeight });
    };
    return this.#run(write, taskFor, (report) => report);
  }

  #runPairs(
    pairs: readonly ReferredPair[],
    taskFor: (slot: number) => TrainingTask,
  ): Promise<{ pairLosses: PairLosses[]; gradientNorm: number }> {
    const write = (places: readonly ShardPlaces[]): void => {
      writePairs(pairs, places, this.#memory);
    };
    return this.#run(write, taskFor, ({ gradientNorm }, places) => ({
      pairLosses: readPairLosses(pairs, places, this.#memory),
      gradientNorm,
    }));
  }

  #runSamples(
    samples: readonly GradedSample[],
    taskFor: (slot: number) => TrainingTask,
  ): Promise<{ tokenLosses: number[][]; gradientNorm: number }> {
    const write = (places: readonly ShardPlaces[]): void => {
      writeSamples(samples, places, this.#memory);
    };
    return this.#run(write, taskFor, ({ gradientNorm }, places) => ({
      tokenLosses: readTokenLosses(samples, places, this.#memory),
      gradientNorm,
    }));
  }

  /** Writes a batch into the next slot once it is free, has it worked on, and reads what came of it before the slot is used again. */
  #run<Result>(
    write: (places: readonly ShardPlaces[]) => void,
    taskFor: (slot: number) => TrainingTask,
    read: (report: TaskReport, places: readonly ShardPlaces[]) => Result,
  ): Promise<Result> {
    const slot = this.#nTasks % nSlots;
    const places = this.#places.slots[slot] ?? [];
    this.#nTasks += 1;
    const result = (this.#slotFree[slot] ?? Promise.resolve()).then(async () => {
      if (this.#failure !== null) throw this.#failure;
      write(places);
      const report = await new Promise<TaskReport>((resolve, reject) => {
        this.#pending.push({ resolve, reject });
        for (const worker of this.#workers) worker.postMessage(taskFor(slot));
      });
      return read(report, places);
    });
    // A failed task frees its slot too; the caller sees the failure.
    this.#slotFree[slot] = result.catch(() => undefined);
    this.#lastTask = this.#slotFree[slot];
    return result;
  }

  /** A thread that is gone leaves the others waiting for it for ever, so all of them end. */
  #fail(failure: Error): void {
    if (this.#failure !== null) return;
    this.#failure = failure;
    for (const pending of this.#pending.splice(0)) pending.reject(failure);
    for (const worker of this.#workers) void worker.terminate();
  }
}
