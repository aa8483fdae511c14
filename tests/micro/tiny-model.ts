// A tiny model for tests: shapes, random weights of visible effect, random sequences, and one thread's view of the memory.
import {
  compileKernels,
  createMemory,
  instantiateKernels,
  type Kernels,
} from '../../lib/src/micro/kernels.js';
import { initialWeights, layoutOf } from '../../lib/src/micro/parameters.js';
import { fillRotaryTables } from '../../lib/src/micro/rotary.js';
import { writeBatch, writeSequences } from '../../lib/src/micro/training-batch.js';
import { planTrainingMemory, type TrainingMemory } from '../../lib/src/micro/training-memory.js';
import { Transformer, type RowBlock } from '../../lib/src/micro/transformer.js';
import type { ModelShape, PreferencePair, TrainingSequence } from '../../lib/src/micro/types.js';
import { deriveRandom } from '../../lib/src/core/random.js';

export const tinyShape: ModelShape = {
  vocabularySize: 24,
  width: 32,
  layers: 2,
  heads: 2,
  hidden: 48,
  contextLength: 21,
};

/** Random weights with a head large enough that every gradient shows. */
export function tinyWeights(shape: ModelShape = tinyShape, seed = 1): Float32Array {
  const weights = initialWeights(shape, seed);
  const { head } = layoutOf(shape);
  const random = deriveRandom('tiny-head', seed);
  for (let i = 0; i < head.rows * head.columns; i++) weights[head.offset + i] = 0.4 * random.normal();
  return weights;
}

/** Random sequences of 2 to contextLength tokens. */
export function tinySequences(count: number, seed = 1, shape: ModelShape = tinyShape): TrainingSequence[] {
  const random = deriveRandom('tiny-sequences', seed);
  return Array.from({ length: count }, () => {
    const tokens = Array.from({ length: 2 + random.below(shape.contextLength - 1) }, () =>
      random.below(shape.vocabularySize),
    );
    return { tokens, lossFrom: 1 + random.below(tokens.length - 1) };
  });
}

/** Random preference pairs: completions that share a prompt. */
export function tinyPairs(count: number, seed = 1, shape: ModelShape = tinyShape): PreferencePair[] {
  const random = deriveRandom('tiny-pairs', seed);
  const words = (least: number, most: number): number[] =>
    Array.from({ length: least + random.below(most - least + 1) }, () => random.below(shape.vocabularySize));
  return Array.from({ length: count }, () => {
    const prompt = words(1, 10);
    const sequence = (): TrainingSequence => ({
      tokens: [...prompt, ...words(1, shape.contextLength - 10)],
      lossFrom: prompt.length,
    });
    return { chosen: sequence(), rejected: sequence() };
  });
}

/** A model on this thread, with one block of rows (the first shard of a batch). */
export interface OneThread {
  kernels: Kernels;
  memory: WebAssembly.Memory;
  places: TrainingMemory;
  transformer: Transformer;
  weights: Float32Array;
  gradient: Float32Array;
  /** Puts up to 4 sequences in as one block. */
  rowsOf(sequences: readonly TrainingSequence[], targetWeight: number): RowBlock;
  /** The same with weights of 1 and the sequences in the order given; `lengths` are the rows of each. */
  rowsInOrder(sequences: readonly TrainingSequence[]): { rows: RowBlock; lengths: number[] };
}

export function oneThread(shape: ModelShape = tinyShape, weights = tinyWeights(shape)): OneThread {
  const places = planTrainingMemory({
    shape,
    nWorkers: 1,
    maxBatchSequences: 16,
    maxBatchPairs: 8,
    maxBatchSamples: 16,
  });
  const memory = createMemory(places.bytes);
  const kernels = instantiateKernels(compileKernels(), memory);
  const activations = places.workers[0]!.activations;
  fillRotaryTables(activations.rotary, memory, shape);
  const view = new Float32Array(memory.buffer, places.weights, places.layout.size);
  view.set(weights);
  const shard = places.slots[0]![0]!;
  const written = (): RowBlock => {
    const counts = new Int32Array(memory.buffer, shard.counts, 2);
    return { ...shard, nSequences: counts[0]!, nRows: counts[1]! };
  };
  return {
    kernels,
    memory,
    places,
    transformer: new Transformer({
      kernels,
      shape,
      layout: places.layout,
      weights: places.weights,
      activations,
    }),
    weights: view,
    gradient: new Float32Array(memory.buffer, places.gradients[0], places.layout.size),
    rowsOf(sequences, targetWeight) {
      writeBatch(sequences, [shard], { memory, targetWeight });
      return written();
    },
    rowsInOrder(sequences) {
      writeSequences(sequences, shard, { memory, targetWeight: 1 });
      return { rows: written(), lengths: sequences.map(({ tokens }) => tokens.length - 1) };
    },
  };
}
