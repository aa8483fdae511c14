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
 * Writes a batch: the sequences are dealt to the shards by their length, so that all shards have about the same work. Each target
 * weighs `targetWeight`.
 */
export function writeBatch(
  sequences: readonly TrainingSequence[],
  places: readonly ShardPlaces[],
  how: { memory: WebAssembly.Memory; targetWeight: number },
): void {
  const lengths = sequences.map(({ tokens }) => tokens.length);
  for (const [shard, dealt] of dealInTurn(lengths, places.length).entries()) {
    const own = dealt.map((index) => sequences[index] as TrainingSequence);
    writeSequences(own, places[shard] as ShardPlaces, how);
  }
}

/** Deals items, the largest first, in turn to so many hands: the indices of each hand. */
export function dealInTurn(sizes: readonly number[], nHands: number): number[][] {
  const order = [...sizes.keys()].sort((a, b) => (sizes[b] ?? 0) - (sizes[a] ?? 0) || a - b);
  return Array.from({ length: nHands }, (_, hand) => order.filter((_index, i) => i % nHands === hand));
}

/** Writes one shard. A sequence of n tokens makes n - 1 rows, one for each token that has a next one. */
export function writeSequences(
  sequences: readonly TrainingSequence[],
  place: ShardPlaces,
  { memory, targetWeight }: { memory: WebAssembly.Memory; targetWeight: number },
): void {
  const i32 = new Int32Array(memory.buffer);
  const f32 = new Float32Array(memory.buffer);
  let row = 0;
  for (const [i, { tokens, lossFrom }] of sequences.entries()) {
    const nRows = tokens.length - 1;
    i32[place.lengths / 4 + i] = nRows;
    for (let j = 0; j < nRows; j++, row++) {
      i32[place.tokens / 4 + row] = tokens[j] as number;
      i32[place.previous / 4 + row] = j === 0 ? 0 : (tokens[j - 1] as number);
      i32[place.positions / 4 + row] = j;
      i32[place.targets / 4 + row] = tokens[j + 1] as number;
      f32[place.weights / 4 + row] = j + 1 >= lossFrom ? targetWeight : 0;
    }
  }
  i32[place.counts / 4] = sequences.length;
  i32[place.counts / 4 + 1] = row;
}
