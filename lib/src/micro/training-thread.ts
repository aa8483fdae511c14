// What one training thread does with a batch: its shards' gradients, its part of their sum, its part of the update.
import { waitForAll, type Barrier } from './barrier.js';
import { instantiateKernels, type Kernels } from './kernels.js';
import { dealParameters, updateParameter } from './optimizer.js';
import type { Parameter } from './parameters.js';
import { pairSlopes, type PairWeights } from './preference-loss.js';
import { tokenTerm } from './reinforcement-loss.js';
import { fillRotaryTables } from './rotary.js';
import {
  nShards,
  planTrainingMemory,
  sumRun,
  type ShardPlaces,
  type TrainingMemory,
  type TrainingPlan,
} from './training-memory.js';
import { Transformer, type RowBlock } from './transformer.js';
import type { ReinforcementObjective } from './types.js';

/** What a thread is started with. */
export interface TrainingThreadSetup {
  module: WebAssembly.Module;
  memory: WebAssembly.Memory;
  plan: TrainingPlan;
  /** 0 to nWorkers - 1; thread 0 reports. */
  worker: number;
}

/** One batch, waiting in slot `slot`: of sequences, of preference pairs, or of graded samples. */
export type TrainingTask = { slot: number } & (
  | { kind: 'train'; step: number; learningRate: number }
  | { kind: 'evaluate' }
  | { kind: 'prefer'; step: number; learningRate: number; weights: PairWeights }
  | { kind: 'compare' }
  | ({ kind: 'reinforce'; step: number; learningRate: number; perToken: number } & ReinforcementObjective)
  | { kind: 'score' }
);

/** What came of a task. */
export interface TaskReport {
  /** Sum of the weighted negative log-likelihoods of the batch; 0 for pairs and samples, whose losses are left in the memory. */
  loss: number;
  /** After training, the gradient's norm before clipping. */
  gradientNorm: number;
}

/** Some sequences of a shard that are computed at once. */
interface ShardBlock {
  rows: RowBlock;
  /** Place of the first of them in the shard, and of its first row. */
  first: number;
  firstRow: number;
  /** Rows of each. */
  lengths: number[];
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
  readonly #f32: Float32Array;
  readonly #f64: Float64Array;
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
    this.#f32 = new Float32Array(memory.buffer);
    this.#f64 = new Float64Array(memory.buffer);
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
    if (!isUpdate(task)) {
      // No thread may begin the next task's losses before all have read these.
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
      const shard = shards[i] as ShardPlaces;
      const gradient = isUpdate(task) ? (this.#memory.gradients[i] ?? 0) : null;
      if (gradient !== null) this.#kernels.zero(gradient, this.#memory.layout.size);
      let loss = 0;
      for (const block of this.#blocksOf(shard, isOfPairs(task) ? 2 : 1)) {
        if (isOfPairs(task)) this.#runPairs(block, task, { shard, gradient });
        else if (isOfSamples(task)) this.#runSamples(block, task, { shard, gradient });
        else loss += this.#transformer.loss(block.rows, gradient);
      }
      this.#losses[i] = loss;
    }
  }

  /**
   * A shard in blocks of whole sequences, so that a large batch needs no more memory than a small one.
   * @param together sequences, one after the other, that no border of blocks may part
   */
  *#blocksOf(shard: ShardPlaces, together: number): Generator<ShardBlock> {
    const nSequences = this.#i32[shard.counts / 4] ?? 0;
    const lengthsAt = shard.lengths / 4;
    let row = 0;
    for (let first = 0; first < nSequences;) {
      let last = first;
      let nRows = 0;
      while (last < nSequences) {
        let length = 0;
        for (let i = 0; i < together; i++) length += this.#i32[lengthsAt + last + i] ?? 0;
        if (nRows + length > this.#memory.maxRows) break;
        nRows += length;
        last += together;
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
      yield {
        rows,
        first,
        firstRow: row,
        lengths: [...this.#i32.subarray(lengthsAt + first, lengthsAt + last)],
      };
      row += nRows;
      first = last;
    }
  }

  /** The slopes of a pair's loss follow from the likelihoods of both of its sequences, so both are in the block. */
  #runPairs(
    { rows, first, lengths }: ShardBlock,
    task: PairTask,
    { shard, gradient }: { shard: ShardPlaces; gradient: number | null },
  ): void {
    const losses = this.#transformer.sequenceLosses(rows, lengths);
    this.#f64.set(losses, shard.pairLosses / 8 + first);
    if (gradient === null || task.kind === 'compare') return;
    const slopes: number[] = [];
    for (let i = 0; i < losses.length; i += 2) {
      const [chosen = 0, rejected = 0] = losses.slice(i, i + 2);
      const referenceMargin = this.#f64[shard.referenceMargins / 8 + (first + i) / 2] ?? 0;
      const slope = pairSlopes({ chosen, rejected, referenceMargin }, task.weights);
      slopes.push(slope.chosen, slope.rejected);
    }
    this.#transformer.addSequenceGradient(rows, { lengths, slopes }, gradient);
  }

  /** Each token's slope follows from its own loss, so that every row is a sequence by itself to the transformer. */
  #runSamples(
    { rows, first, firstRow, lengths }: ShardBlock,
    task: SampleTask,
    { shard, gradient }: { shard: ShardPlaces; gradient: number | null },
  ): void {
    const singly = Array<number>(rows.nRows).fill(1);
    const losses = this.#transformer.sequenceLosses(rows, singly);
    this.#f64.set(losses, shard.tokenLosses / 8 + firstRow);
    if (gradient === null || task.kind === 'score') return;
    const slopes: number[] = [];
    for (const [i, length] of lengths.entries()) {
      const advantage = this.#f64[shard.advantages / 8 + first + i] ?? 0;
      for (let end = slopes.length + length; slopes.length < end;) {
        const row = slopes.length;
        const loss = losses[row] ?? 0;
        const old = this.#f64[shard.oldLosses / 8 + firstRow + row] ?? NaN;
        const referenceLoss = this.#f64[shard.referenceLosses / 8 + firstRow + row] ?? NaN;
        const isTarget = (this.#f32[rows.weights / 4 + row] ?? 0) > 0;
        const token = { loss, oldLoss: Number.isNaN(old) ? loss : old, referenceLoss };
        slopes.push(isTarget ? task.perToken * tokenTerm(token, advantage, task).slope : 0);
      }
    }
    this.#transformer.addSequenceGradient(rows, { lengths: singly, slopes }, gradient);
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

type Update = Extract<TrainingTask, { kind: 'train' | 'prefer' | 'reinforce' }>;
type PairTask = Extract<TrainingTask, { kind: 'prefer' | 'compare' }>;
type SampleTask = Extract<TrainingTask, { kind: 'reinforce' | 'score' }>;

function isUpdate(task: TrainingTask): task is Update {
  return task.kind === 'train' || task.kind === 'prefer' || task.kind === 'reinforce';
}

function isOfPairs(task: TrainingTask): task is PairTask {
  return task.kind === 'prefer' || task.kind === 'compare';
}

function isOfSamples(task: TrainingTask): task is SampleTask {
  return task.kind === 'reinforce' || task.kind === 'score';
}
