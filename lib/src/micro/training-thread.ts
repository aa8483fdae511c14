// What one training thread does with a batch: its shards' gradients, its part of their sum, its part of the update.
import { waitForAll, type Barrier } from './barrier.js';
import { instantiateKernels, type Kernels } from './kernels.js';
import { dealParameters, updateParameter } from './optimizer.js';
import type { Parameter } from './parameters.js';
import { fillRotaryTables } from './rotary.js';
import {
  nShards,
  planTrainingMemory,
  sumRun,
  type ShardPlaces,
  type TrainingMemory,
  type TrainingPlan,
} from './training-memory.js';
import { Transformer } from './transformer.js';

/** What a thread is started with. */
export interface TrainingThreadSetup {
  module: WebAssembly.Module;
  memory: WebAssembly.Memory;
  plan: TrainingPlan;
  /** 0 to nWorkers - 1; thread 0 reports. */
  worker: number;
}

/** One batch, waiting in slot `slot`. */
export type TrainingTask =
  { kind: 'train'; slot: number; step: number; learningRate: number } | { kind: 'evaluate'; slot: number };

/** Loss of the batch (sum of weighted negative log-likelihoods) and, after training, the gradient's norm before clipping. */
export interface TaskReport {
  loss: number;
  gradientNorm: number;
}

/** Gradients longer than this are scaled down to it. */
const maxGradientNorm = 1;

/** One of `nWorkers` threads that run the same tasks in the same order. */
export class TrainingThread {
  readonly #worker: number;
  readonly #nWorkers: number;
  readonly #kernels: Kernels;
  readonly #memory: TrainingMemory;
  readonly #transformer: Transformer;
  readonly #barrier: Barrier;
  readonly #parameters: Parameter[];
  readonly #i32: Int32Array;
  readonly #losses: Float64Array;
  readonly #sums: Float64Array;

  constructor({ module, memory, plan, worker }: TrainingThreadSetup) {
    const places = planTrainingMemory(plan);
    const own = places.workers[worker];
    if (own === undefined) throw new RangeError(`TrainingThread: expected a worker below ${plan.nWorkers}`);
    this.#worker = worker;
    this.#nWorkers = plan.nWorkers;
    this.#kernels = instantiateKernels(module, memory);
    this.#memory = places;
    this.#barrier = { words: new Int32Array(memory.buffer, places.barrier, 2), nThreads: plan.nWorkers };
    this.#parameters = dealParameters(places.layout, plan.nWorkers)[worker] ?? [];
    this.#i32 = new Int32Array(memory.buffer);
    this.#losses = new Float64Array(memory.buffer, places.losses, nShards);
    this.#sums = new Float64Array(memory.buffer, places.sums, places.nSums);
    fillRotaryTables(own.activations.rotary, memory, plan.shape);
    this.#transformer = new Transformer({
      kernels: this.#kernels,
      shape: plan.shape,
      layout: places.layout,
      weights: places.weights,
      activations: own.activations,
    });
  }

  /** Does this thread's part of a task and waits for the others. All threads return the same report. */
  run(task: TrainingTask): TaskReport {
    this.#runShards(task);
    waitForAll(this.#barrier);
    const loss = this.#losses.reduce((sum, shardLoss) => sum + shardLoss, 0);
    if (task.kind === 'evaluate') {
      // Nobody may begin the next task's losses before everybody has read these.
      waitForAll(this.#barrier);
      return { loss, gradientNorm: 0 };
    }
    this.#sumGradients();
    waitForAll(this.#barrier);
    const gradientNorm = Math.sqrt(this.#sums.reduce((sum, run) => sum + run, 0));
    this.#update(task.step, task.learningRate, gradientNorm);
    waitForAll(this.#barrier);
    return { loss, gradientNorm };
  }

  #runShards(task: TrainingTask): void {
    const shards = this.#memory.slots[task.slot] ?? [];
    for (let i = this.#worker; i < nShards; i += this.#nWorkers) {
      const gradient = this.#memory.gradients[i] ?? 0;
      if (task.kind === 'train') this.#kernels.zero(gradient, this.#memory.layout.size);
      this.#losses[i] = this.#runShard(shards[i] as ShardPlaces, task.kind === 'train' ? gradient : null);
    }
  }

  /** A shard in blocks of whole sequences, so that a large batch needs no more memory than a small one. */
  #runShard(shard: ShardPlaces, gradient: number | null): number {
    const nSequences = this.#i32[shard.counts / 4] ?? 0;
    let loss = 0;
    let row = 0;
    for (let first = 0; first < nSequences;) {
      let last = first;
      let nRows = 0;
      while (last < nSequences) {
        const length = this.#i32[shard.lengths / 4 + last] ?? 0;
        if (nRows + length > this.#memory.maxRows) break;
        nRows += length;
        last += 1;
      }
      const rows = {
        nRows,
        nSequences: last - first,
        lengths: shard.lengths + 4 * first,
        tokens: shard.tokens + 4 * row,
        previous: shard.previous + 4 * row,
        positions: shard.positions + 4 * row,
        targets: shard.targets + 4 * row,
        weights: shard.weights + 4 * row,
      };
      loss += this.#transformer.loss(rows, gradient);
      row += nRows;
      first = last;
    }
    return loss;
  }

  /** Adds the shards' gradients up, in their order, over this thread's runs of elements. */
  #sumGradients(): void {
    const { gradients, layout, nSums } = this.#memory;
    const [total = 0, ...others] = gradients;
    for (let run = this.#worker; run < nSums; run += this.#nWorkers) {
      const at = 4 * run * sumRun;
      const count = Math.min(sumRun, layout.size - run * sumRun);
      for (const gradient of others) this.#kernels.add(total + at, gradient + at, count);
      this.#sums[run] = this.#kernels.sumOfSquares(total + at, count);
    }
  }

  #update(step: number, learningRate: number, gradientNorm: number): void {
    const { weights, gradients, momentum, squares, workers } = this.#memory;
    const gradientScale = gradientNorm > maxGradientNorm ? maxGradientNorm / gradientNorm : 1;
    const target = { weights, gradient: gradients[0] ?? 0, momentum, squares };
    const places = workers[this.#worker]?.muon;
    if (places === undefined) throw new RangeError('TrainingThread: no working places');
    for (const parameter of this.#parameters) {
      updateParameter(
        parameter,
        target,
        { step, learningRate, gradientScale },
        { kernels: this.#kernels, places },
      );
    }
  }
}
