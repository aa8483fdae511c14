// The memory that training threads share: weights, gradients, optimizer state, batches, and each thread's working places.
import { planActivations, type Activations } from './activations.js';
import { Arena } from './arena.js';
import type { Address } from './kernels.js';
import { planMuon, type MuonPlaces } from './optimizer.js';
import { layoutOf, type ParameterLayout } from './parameters.js';
import type { ModelShape } from './types.js';

/** A batch is cut into this many parts whatever the number of threads, so that gradients are summed in one order. */
export const nShards = 4;

/** Batches that can be in memory at once: one being trained on, one being written. */
export const nSlots = 2;

/** Elements of the gradient whose squares are summed as one; the order of sums must not depend on the threads. */
export const sumRun = 4096;

/** What the layout of the memory depends on. */
export interface TrainingPlan {
  shape: ModelShape;
  nWorkers: number;
  /** Most sequences in a batch. */
  maxBatchSequences: number;
  /** Most preference pairs in a batch; 0 where none are trained on. */
  maxBatchPairs: number;
  /** Most graded samples in a batch; 0 where none are trained on. */
  maxBatchSamples: number;
}

/** The rows of one shard of a batch, filled in by the main thread; see RowBlock. */
export interface ShardPlaces {
  /** i32 x 2: number of sequences, number of rows. */
  counts: Address;
  lengths: Address;
  tokens: Address;
  previous: Address;
  positions: Address;
  targets: Address;
  weights: Address;
  /** f64, one for each pair: ln p(chosen) - ln p(rejected) under the reference model. */
  referenceMargins: Address;
  /** f64 x 2, for each pair: what the threads found, the negative log-likelihoods of chosen and rejected completion. */
  pairLosses: Address;
  /** f64, one for each graded sample. */
  advantages: Address;
  /** f64, one for each row of graded samples: losses under the sampling model (NaN: as found now) and under the reference model. */
  oldLosses: Address;
  referenceLosses: Address;
  /** f64, one for each row of graded samples: what the threads found. */
  tokenLosses: Address;
}

/** Where everything stands. */
export interface TrainingMemory {
  layout: ParameterLayout;
  weights: Address;
  /** One gradient for each shard; the first becomes their sum. */
  gradients: Address[];
  /** Muon's momentum or Adam's mean, and Adam's mean square; same layout as the weights. */
  momentum: Address;
  squares: Address;
  slots: ShardPlaces[][];
  /** f64: loss of each shard, and the sum of squares of each run of the gradient. */
  losses: Address;
  sums: Address;
  nSums: number;
  barrier: Address;
  workers: { activations: Activations; muon: MuonPlaces }[];
  /** Rows that are computed at once: bounds the activations, and keeps them in the cache. */
  maxRows: number;
  bytes: number;
}

/** Lays the memory out; every thread computes the same layout from the same plan. */
export function planTrainingMemory(plan: TrainingPlan): TrainingMemory {
  const { shape, nWorkers, maxBatchSequences, maxBatchPairs, maxBatchSamples } = plan;
  const layout = layoutOf(shape);
  const arena = new Arena();
  // The two sequences of a pair are computed at once.
  const maxRows = Math.max(512, (maxBatchPairs > 0 ? 2 : 1) * shape.contextLength);
  const shardPairs = Math.ceil(maxBatchPairs / nShards);
  const shardSamples = Math.ceil(maxBatchSamples / nShards);
  const shardSequences = Math.max(Math.ceil(maxBatchSequences / nShards), 2 * shardPairs, shardSamples);
  const shardRows = shardSequences * shape.contextLength;
  const sampleRows = shardSamples * shape.contextLength;
  const planShard = (): ShardPlaces => ({
    counts: arena.words(2),
    lengths: arena.words(shardSequences),
    tokens: arena.words(shardRows),
    previous: arena.words(shardRows),
    positions: arena.words(shardRows),
    targets: arena.words(shardRows),
    weights: arena.words(shardRows),
    referenceMargins: arena.words(2 * shardPairs),
    pairLosses: arena.words(4 * shardPairs),
    advantages: arena.words(2 * shardSamples),
    oldLosses: arena.words(2 * sampleRows),
    referenceLosses: arena.words(2 * sampleRows),
    tokenLosses: arena.words(2 * sampleRows),
  });
  const nSums = Math.ceil(layout.size / sumRun);
  return {
    layout,
    weights: arena.words(layout.size),
    gradients: Array.from({ length: nShards }, () => arena.words(layout.size)),
    momentum: arena.words(layout.size),
    squares: arena.words(layout.size),
    slots: Array.from({ length: nSlots }, () => Array.from({ length: nShards }, planShard)),
    losses: arena.words(2 * nShards),
    sums: arena.words(2 * nSums),
    nSums,
    barrier: arena.words(2),
    workers: Array.from({ length: nWorkers }, () => ({
      activations: planActivations(arena, shape, maxRows),
      muon: planMuon(arena, layout),
    })),
    maxRows,
    bytes: arena.end,
  };
}
