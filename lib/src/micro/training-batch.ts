// Batches of training sequences: checking them, and laying them out in the shared memory for the training threads.
import { DataError } from '../core/errors.js';
import type { ShardPlaces } from './training-memory.js';
import type { ModelShape, TrainingSequence } from './types.js';

/** Size of a batch. */
export interface BatchSize {
  /** Tokens of all sequences. */
  nTokens: number;
  /** Tokens that carry the loss. */
  nTargets: number;
}

/** @throws DataError naming the first sequence that a model of this shape cannot be trained on. */
export function assertTrainingSequences(sequences: readonly TrainingSequence[], shape: ModelShape): void {
  for (const [i, { tokens, lossFrom }] of sequences.entries()) {
    const reject = (expected: string, received: string): DataError =>
      new DataError({
        subject: `training sequence ${i + 1} of ${sequences.length}`,
        expected,
        received,
        remedy: 'Correct or drop this sequence.',
      });
    if (tokens.length < 2 || tokens.length > shape.contextLength) {
      throw reject(`2 to ${shape.contextLength} tokens`, String(tokens.length));
    }
    const wrong = tokens.find(
      (token) => !Number.isInteger(token) || token < 0 || token >= shape.vocabularySize,
    );
    if (wrong !== undefined) throw reject(`token ids below ${shape.vocabularySize}`, String(wrong));
    if (!Number.isInteger(lossFrom) || lossFrom < 1 || lossFrom >= tokens.length) {
      throw reject(`a loss from token 1 to ${tokens.length - 1}`, `from ${lossFrom}`);
    }
  }
}

/** How many tokens a batch has. */
export function sizeOfBatch(sequences: readonly TrainingSequence[]): BatchSize {
  let nTokens = 0;
  let nTargets = 0;
  for (const { tokens, lossFrom } of sequences) {
    nTokens += tokens.length;
    nTargets += tokens.length - lossFrom;
  }
  return { nTokens, nTargets };
}

/**
 * Writes a batch: the sequences sorted by length are dealt in turn to the shards, so that all shards have about the same work. A
 * sequence of n tokens makes n - 1 rows, one for each token that has a next one. Each target weighs `targetWeight`.
 */
export function writeBatch(
  sequences: readonly TrainingSequence[],
  places: readonly ShardPlaces[],
  { memory, targetWeight }: { memory: WebAssembly.Memory; targetWeight: number },
): void {
  const i32 = new Int32Array(memory.buffer);
  const f32 = new Float32Array(memory.buffer);
  const order = [...sequences.keys()].sort(
    (a, b) => lengthOf(sequences, b) - lengthOf(sequences, a) || a - b,
  );
  for (const [shard, place] of places.entries()) {
    let nSequences = 0;
    let row = 0;
    for (let i = shard; i < order.length; i += places.length) {
      const { tokens, lossFrom } = sequences[order[i] as number] as TrainingSequence;
      const nRows = tokens.length - 1;
      i32[place.lengths / 4 + nSequences] = nRows;
      nSequences += 1;
      for (let j = 0; j < nRows; j++, row++) {
        i32[place.tokens / 4 + row] = tokens[j] as number;
        i32[place.previous / 4 + row] = j === 0 ? 0 : (tokens[j - 1] as number);
        i32[place.positions / 4 + row] = j;
        i32[place.targets / 4 + row] = tokens[j + 1] as number;
        f32[place.weights / 4 + row] = j + 1 >= lossFrom ? targetWeight : 0;
      }
    }
    i32[place.counts / 4] = nSequences;
    i32[place.counts / 4 + 1] = row;
  }
}

function lengthOf(sequences: readonly TrainingSequence[], index: number): number {
  return sequences[index]?.tokens.length ?? 0;
}
