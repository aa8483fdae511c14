// Batches of preference pairs: laying them out in the shared memory for the training threads, and reading what they found.
import type { PairLosses } from './preference-loss.js';
import { assertTrainingSequences, dealInTurn, sizeOfBatch, writeSequences } from './training-batch.js';
import type { ShardPlaces } from './training-memory.js';
import type { ModelShape, PreferencePair } from './types.js';

/** A pair with what the reference model thinks of it. */
export interface ReferredPair extends PreferencePair {
  /** ln p(chosen) - ln p(rejected) under the reference model, in nats. */
  referenceMargin: number;
}

/** @throws DataError naming the first sequence that a model of this shape cannot be trained on; pair n is sequences 2n - 1 and 2n. */
export function assertPreferencePairs(pairs: readonly PreferencePair[], shape: ModelShape): void {
  assertTrainingSequences(sequencesOf(pairs), shape);
}

/** Size of some pairs. */
export function sizeOfPairs(pairs: readonly PreferencePair[]): {
  nPairs: number;
  /** Tokens of both sequences of each pair. */
  nTokens: number;
  /** Tokens of the chosen completions. */
  nChosenTokens: number;
} {
  const { nTargets: nChosenTokens } = sizeOfBatch(pairs.map(({ chosen }) => chosen));
  return { nPairs: pairs.length, nTokens: sizeOfBatch(sequencesOf(pairs)).nTokens, nChosenTokens };
}

/** Writes a batch. Pairs are dealt to the shards by their length; the chosen sequence stands right before the rejected one. */
export function writePairs(
  pairs: readonly ReferredPair[],
  places: readonly ShardPlaces[],
  memory: WebAssembly.Memory,
): void {
  const f64 = new Float64Array(memory.buffer);
  for (const [shard, dealt] of dealPairs(pairs, places.length).entries()) {
    const place = places[shard] as ShardPlaces;
    const own = dealt.map((index) => pairs[index] as ReferredPair);
    writeSequences(sequencesOf(own), place, { memory, targetWeight: 1 });
    for (const [i, { referenceMargin }] of own.entries()) {
      f64[place.referenceMargins / 8 + i] = referenceMargin;
    }
  }
}

/** What the threads found about the pairs of a batch that {@link writePairs} wrote, in the order of the pairs. */
export function readPairLosses(
  pairs: readonly ReferredPair[],
  places: readonly ShardPlaces[],
  memory: WebAssembly.Memory,
): PairLosses[] {
  const f64 = new Float64Array(memory.buffer);
  const losses: PairLosses[] = [];
  for (const [shard, dealt] of dealPairs(pairs, places.length).entries()) {
    const { pairLosses } = places[shard] as ShardPlaces;
    for (const [i, index] of dealt.entries()) {
      losses[index] = {
        chosen: f64[pairLosses / 8 + 2 * i] as number,
        rejected: f64[pairLosses / 8 + 2 * i + 1] as number,
        referenceMargin: (pairs[index] as ReferredPair).referenceMargin,
      };
    }
  }
  return losses;
}

function dealPairs(pairs: readonly PreferencePair[], nShards: number): number[][] {
  return dealInTurn(
    pairs.map(({ chosen, rejected }) => chosen.tokens.length + rejected.tokens.length),
    nShards,
  );
}

function sequencesOf(pairs: readonly PreferencePair[]): PreferencePair['chosen'][] {
  return pairs.flatMap(({ chosen, rejected }) => [chosen, rejected]);
}
