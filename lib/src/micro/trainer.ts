// Training the embedded model: fine-tuning on given sequences, and pre-training on generated batches.
import { DataError } from '../core/errors.js';
import { deriveRandom } from '../core/random.js';
import { encodeCheckpoint, fingerprintOf, readCheckpoint, type Checkpoint } from './checkpoint.js';
import { assertTrainingSequences } from './training-batch.js';
import { TrainingSession, type StepReport } from './training-session.js';
import type { FineTuneEvent, FineTuneRequest, ModelShape, TrainingSequence } from './types.js';

export { TrainingSession, type StepReport, type TrainingSessionOptions } from './training-session.js';

/** Steps over which the learning rate rises from 0 to its peak. */
const nWarmupSteps = 10;
/** Share of the peak learning rate at the last step. */
const finalRate = 0.1;

/**
 * Learning rate of fine-tuning step `step` (from 0) of `nSteps`: a linear rise over the first 10 steps, then a linear fall to a tenth
 * of the peak at the last step. A job of fewer steps ends while its rate still rises.
 */
export function fineTuneLearningRate(step: number, nSteps: number, peak: number): number {
  if (step < nWarmupSteps) return (peak * (step + 1)) / nWarmupSteps;
  const progress = (step + 1 - nWarmupSteps) / Math.max(1, nSteps - nWarmupSteps);
  return peak * (1 - (1 - finalRate) * progress);
}

/** How fine-tuning runs; nothing here changes the result. */
export interface FineTuneOptions {
  /** Ends the training between two steps. */
  signal: AbortSignal;
  /** Threads; default: one for each core, at most 4. */
  nWorkers?: number;
  onEvent: (event: FineTuneEvent) => void;
}

/**
 * Fine-tunes a checkpoint; returns the bytes of the last epoch's. The optimizers start afresh. The same request gives the same bytes,
 * whatever the number of threads.
 * @throws DataError for a broken checkpoint or sequences that do not fit the model.
 * @throws the signal's reason once it aborts.
 */
export async function fineTune(request: FineTuneRequest, options: FineTuneOptions): Promise<Uint8Array> {
  const { signal, onEvent } = options;
  signal.throwIfAborted();
  assertFineTuneRequest(request);
  const base = await readCheckpoint(request.checkpointPath);
  const { sequences, validationSequences, batchSize, nEpochs } = request;
  assertTrainingSequences(sequences, base.shape);
  assertTrainingSequences(validationSequences, base.shape);
  const session = new TrainingSession({
    shape: base.shape,
    weights: base.weights,
    maxBatchSequences: Math.max(
      1,
      Math.min(batchSize, Math.max(sequences.length, validationSequences.length)),
    ),
    ...(options.nWorkers === undefined ? {} : { nWorkers: options.nWorkers }),
  });
  const metadataOf = (weights: Float32Array): Record<string, string> => {
    // The recipe made the seed, not what is trained from it.
    const metadata = { ...base.metadata };
    delete metadata.recipe;
    return {
      ...metadata,
      weights_sha256: fingerprintOf(weights),
      fine_tuned_from: fingerprintOf(base.weights),
    };
  };
  const nSteps = nEpochs * Math.ceil(sequences.length / batchSize);
  let checkpoint = encodeCheckpoint({ ...base, metadata: metadataOf(base.weights) });
  let step = 0;
  try {
    for (let epoch = 1; epoch <= nEpochs; epoch++) {
      const order = deriveRandom('fine-tune', request.seed, epoch).shuffled(sequences);
      const reports: Promise<StepReport>[] = [];
      for (let i = 0; i < order.length; i += batchSize, step++) {
        signal.throwIfAborted();
        const rate = fineTuneLearningRate(step, nSteps, request.learningRate);
        reports.push(watched(session.step(order.slice(i, i + batchSize), rate)));
        // One batch is always waiting while another is trained on.
        if (reports.length > 1) reportStep(await (reports.shift() as Promise<StepReport>), nSteps, onEvent);
      }
      for (const report of reports) reportStep(await report, nSteps, onEvent);
      signal.throwIfAborted();
      const validationLoss =
        validationSequences.length === 0 ? null : await session.evaluate(validationSequences);
      const weights = await session.weights();
      checkpoint = encodeCheckpoint({ shape: base.shape, weights, metadata: metadataOf(weights) });
      onEvent({ kind: 'epoch', epoch, step, validationLoss, checkpoint });
    }
    return checkpoint;
  } finally {
    await session.close();
  }
}

function assertFineTuneRequest({ sequences, nEpochs, batchSize, learningRate }: FineTuneRequest): void {
  const isCount = (value: number): boolean => Number.isInteger(value) && value >= 1;
  const checks: readonly (readonly [boolean, string, string, number])[] = [
    [isCount(sequences.length), 'sequences', 'at least one', sequences.length],
    [isCount(nEpochs), 'nEpochs', 'a whole number from 1', nEpochs],
    [isCount(batchSize), 'batchSize', 'a whole number from 1', batchSize],
    [learningRate > 0 && learningRate < Infinity, 'learningRate', 'a number above 0', learningRate],
  ];
  for (const [holds, field, expected, received] of checks) {
    if (holds) continue;
    const subject = `fine-tuning request: ${field}`;
    throw new DataError({ subject, expected, received: String(received), remedy: 'Correct the request.' });
  }
}

/** Steps are awaited later, in order; until then a failure of one is no unhandled rejection. */
function watched(report: Promise<StepReport>): Promise<StepReport> {
  report.catch(() => undefined);
  return report;
}

function reportStep(report: StepReport, nSteps: number, onEvent: (event: FineTuneEvent) => void): void {
  const { step, loss, nTokens } = report;
  onEvent({ kind: 'step', step, nSteps, trainLoss: loss, nTokens });
}

/** A pre-training run: batches and learning rates come from the caller, step by step (counted from 0). */
export interface PreTrainOptions {
  shape: ModelShape;
  weights: Float32Array;
  nSteps: number;
  maxBatchSequences: number;
  nextBatch: (step: number) => TrainingSequence[];
  learningRate: (step: number) => number;
  nWorkers?: number;
  signal?: AbortSignal;
  /**
   * Called after every step. May look at the weights or a loss through the session; the next batch may then already be in training,
   * so steps that are looked at must be named in `pauseAfter`.
   */
  onStep?: (report: StepReport, session: TrainingSession) => void | Promise<void>;
  /** Whether training waits for `onStep` after this step (from 0) before it goes on. Default: never. */
  pauseAfter?: (step: number) => boolean;
}

/**
 * Pre-trains a model and returns its weights. The same batches and rates give the same weights, whatever the number of threads.
 * @throws DataError for a batch that the model cannot be trained on.
 */
export async function preTrain(options: PreTrainOptions): Promise<Checkpoint['weights']> {
  const { nSteps, nextBatch, learningRate, onStep, signal } = options;
  const session = new TrainingSession(options);
  const reports: Promise<StepReport>[] = [];
  const settle = async (nLeft: number): Promise<void> => {
    while (reports.length > nLeft) await onStep?.(await (reports.shift() as Promise<StepReport>), session);
  };
  try {
    for (let step = 0; step < nSteps; step++) {
      signal?.throwIfAborted();
      reports.push(watched(session.step(nextBatch(step), learningRate(step))));
      await settle(options.pauseAfter?.(step) === true ? 0 : 1);
    }
    await settle(0);
    return await session.weights();
  } finally {
    await session.close();
  }
}
