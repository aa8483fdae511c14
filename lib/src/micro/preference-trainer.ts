// Training the embedded model on preferences: direct preference optimisation (DPO), held to the checkpoint that it starts from.
import { readCheckpoint } from './checkpoint.js';
import { assertPreferencePairs, sizeOfPairs, type ReferredPair } from './preference-batch.js';
import { preferenceLoss, type PairLosses } from './preference-loss.js';
import { assertCourse, isCount, runCourse, watched, type FineTuneOptions } from './training-course.js';
import { TrainingSession } from './training-session.js';
import type { PreferencePair, PreferenceRequest } from './types.js';

/**
 * Fine-tunes a checkpoint on preference pairs; returns the bytes of the last epoch's. The reference model is the checkpoint itself:
 * what it thinks of each pair is computed once, before the first step. The optimizers start afresh. The same request gives the same
 * bytes, whatever the number of threads.
 * @throws DataError for a broken checkpoint or pairs that do not fit the model.
 * @throws the signal's reason once it aborts.
 */
export async function preferenceTune(
  request: PreferenceRequest,
  options: FineTuneOptions,
): Promise<Uint8Array> {
  const { signal } = options;
  signal.throwIfAborted();
  assertPreferenceRequest(request);
  const base = await readCheckpoint(request.checkpointPath);
  const { pairs, validationPairs, batchSize, beta, nllScale } = request;
  assertPreferencePairs(pairs, base.shape);
  assertPreferencePairs(validationPairs, base.shape);
  const maxBatchPairs = Math.min(batchSize, Math.max(pairs.length, validationPairs.length));
  const session = new TrainingSession({
    shape: base.shape,
    weights: base.weights,
    maxBatchSequences: 0,
    maxBatchPairs,
    ...(options.nWorkers === undefined ? {} : { nWorkers: options.nWorkers }),
  });
  const compare = (referred: readonly ReferredPair[]): Promise<PairLosses[]> =>
    compareAll(session, referred, { maxBatchPairs, signal });
  const refer = async (some: readonly PreferencePair[]): Promise<ReferredPair[]> => {
    const losses = await compare(some.map((pair) => ({ ...pair, referenceMargin: 0 })));
    return losses.map(({ chosen, rejected }, i) => ({
      ...(some[i] as PreferencePair),
      referenceMargin: rejected - chosen,
    }));
  };
  try {
    const examples = await refer(pairs);
    const held = await refer(validationPairs);
    return await runCourse(
      {
        base,
        session,
        examples,
        course: request,
        step: (batch, learningRate) => session.stepOnPairs(batch, { learningRate, beta, nllScale }),
        validate: async () =>
          held.length === 0
            ? null
            : preferenceLoss(await compare(held), { beta, nllScale, ...sizeOfPairs(held) }),
      },
      options,
    );
  } finally {
    await session.close();
  }
}

/** The losses of any number of pairs, in batches, of which one always waits while another is computed. */
async function compareAll(
  session: TrainingSession,
  pairs: readonly ReferredPair[],
  { maxBatchPairs, signal }: { maxBatchPairs: number; signal: AbortSignal },
): Promise<PairLosses[]> {
  const losses: PairLosses[][] = [];
  let pending: Promise<PairLosses[]> = Promise.resolve([]);
  for (let i = 0; i < pairs.length; i += maxBatchPairs) {
    signal.throwIfAborted();
    const next = watched(session.comparePairs(pairs.slice(i, i + maxBatchPairs)));
    losses.push(await pending);
    pending = next;
  }
  losses.push(await pending);
  return losses.flat();
}

function assertPreferenceRequest(request: PreferenceRequest): void {
  const { pairs, beta, nllScale } = request;
  assertCourse(request, [
    [isCount(pairs.length), 'pairs', 'at least one', pairs.length],
    [beta > 0 && beta < Infinity, 'beta', 'a number above 0', beta],
    [nllScale >= 0 && nllScale < Infinity, 'nllScale', 'a number from 0', nllScale],
  ]);
}
