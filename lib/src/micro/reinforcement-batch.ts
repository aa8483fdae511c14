// Batches of graded samples: laying them out in the shared memory for the training threads, and reading their tokens' losses.
import { tokenTerm, type TokenTerm } from './reinforcement-loss.js';
import { dealInTurn, writeSequences } from './training-batch.js';
import type { ShardPlaces } from './training-memory.js';
import type { ReinforcementObjective, TrainingSequence } from './types.js';

/** A completion that the model sampled, with what its reward is worth. The losses have one element per token of the completion. */
export interface GradedSample extends TrainingSequence {
  advantage: number;
  /** Under the model that sampled it, in nats; null: the model has not been updated since, so that all ratios are 1. */
  oldLosses: readonly number[] | null;
  /** Under the checkpoint from which the training started, in nats. */
  referenceLosses: readonly number[];
}

/** Writes a batch: the samples are dealt to the shards by their length. */
export function writeSamples(
  samples: readonly GradedSample[],
  places: readonly ShardPlaces[],
  memory: WebAssembly.Memory,
): void {
  const f64 = new Float64Array(memory.buffer);
  for (const [shard, dealt] of dealSamples(samples, places.length).entries()) {
    const place = places[shard] as ShardPlaces;
    const own = dealt.map((index) => samples[index] as GradedSample);
    writeSequences(own, place, { memory, targetWeight: 1 });
    let row = 0;
    for (const [i, { tokens, lossFrom, advantage, oldLosses, referenceLosses }] of own.entries()) {
      f64[place.advantages / 8 + i] = advantage;
      row += lossFrom - 1;
      for (let j = 0; j < tokens.length - lossFrom; j++, row++) {
        f64[place.oldLosses / 8 + row] = oldLosses?.[j] ?? NaN;
        f64[place.referenceLosses / 8 + row] = referenceLosses[j] ?? NaN;
      }
    }
  }
}

/** The losses of each sample's completion tokens that the threads found, in the order of the samples. */
export function readTokenLosses(
  samples: readonly GradedSample[],
  places: readonly ShardPlaces[],
  memory: WebAssembly.Memory,
): number[][] {
  const f64 = new Float64Array(memory.buffer);
  const losses: number[][] = [];
  for (const [shard, dealt] of dealSamples(samples, places.length).entries()) {
    let at = (places[shard] as ShardPlaces).tokenLosses / 8;
    for (const index of dealt) {
      const { tokens, lossFrom } = samples[index] as GradedSample;
      const end = at + tokens.length - 1;
      losses[index] = [...f64.subarray(at + lossFrom - 1, end)];
      at = end;
    }
  }
  return losses;
}

/** The terms of all tokens of a batch, given their losses under the model in training. */
export function termsOf(
  samples: readonly GradedSample[],
  tokenLosses: readonly (readonly number[])[],
  objective: ReinforcementObjective,
): TokenTerm[] {
  return samples.flatMap(({ advantage, oldLosses, referenceLosses }, i) =>
    (tokenLosses[i] ?? []).map((loss, j) => {
      const token = { loss, oldLoss: oldLosses?.[j] ?? loss, referenceLoss: referenceLosses[j] ?? loss };
      return tokenTerm(token, advantage, objective);
    }),
  );
}

function dealSamples(samples: readonly GradedSample[], nShards: number): number[][] {
  return dealInTurn(
    samples.map(({ tokens }) => tokens.length),
    nShards,
  );
}
