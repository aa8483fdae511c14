// Training the embedded model: fine-tuning on given sequences, and pre-training on generated batches.
import { readCheckpoint, type Checkpoint } from './checkpoint.js';
import { assertTrainingSequences } from './training-batch.js';
import { assertCourse, isCount, runCourse, watched, type FineTuneOptions } from './training-course.js';
import { TrainingSession, type StepReport } from './training-session.js';
import type { FineTuneRequest, ModelShape, TrainingSequence } from './types.js';

export { fineTuneLearningRate, type FineTuneOptions } from './training-course.js';
export { TrainingSession, type StepReport, type TrainingSessionOptions } from './training-session.js';

/**
 * Fine-tunes a checkpoint; returns the bytes of the last epoch's. The optimizers start afresh. The same request gives the same bytes,
 * whatever the number of threads.
 * @throws DataError for a broken checkpoint or sequences that do not fit the model.
 * @throws the signal's reason once it aborts.
 */
export async function fineTune(request: FineTuneRequest, options: FineTuneOptions): Promise<Uint8Array> {
  options.signal.throwIfAborted();
  const { sequences, validationSequences, batchSize } = request;
  assertCourse(request, [[isCount(sequences.length), 'sequences', 'at least one', sequences.length]]);
  const base = await readCheckpoint(request.checkpointPath);
  assertTrainingSequences(sequences, base.shape);
  assertTrainingSequences(validationSequences, base.shape);
  const session = new TrainingSession({
    shape: base.shape,
    weights: base.weights,
    maxBatchSequences: Math.min(batchSize, Math.max(sequences.length, validationSequences.length)),
    ...(options.nWorkers === undefined ? {} : { nWorkers: options.nWorkers }),
  });
  try {
    return await runCourse(
      {
        base,
        session,
        examples: sequences,
        course: request,
        step: async (batch, learningRate) => ({
          ...(await session.step(batch, learningRate)),
          preference: null,
        }),
        validate: async () =>
          validationSequences.length === 0
            ? null
            : { loss: await session.evaluate(validationSequences), preference: null },
      },
      options,
    );
  } finally {
    await session.close();
  }
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
