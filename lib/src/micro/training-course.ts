// The course of a fine-tuning, whatever it learns from: epochs over shuffled examples, and a checkpoint after each.
import { DataError } from '../core/errors.js';
import { deriveRandom } from '../core/random.js';
import { encodeCheckpoint, fingerprintOf, type Checkpoint } from './checkpoint.js';
import type { TrainingSession } from './training-session.js';
import type { FineTuneEvent, PreferenceFigures, ReinforcementFigures, TrainingCourse } from './types.js';

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

/** What one step of a course did. */
export interface CourseStep {
  step: number;
  loss: number;
  preference: PreferenceFigures | null;
  reinforcement?: ReinforcementFigures;
  nTokens: number;
}

/** How well the model does on examples that it is not trained on. */
export interface CourseValidation {
  /** Null where the method has no loss on such examples. */
  loss: number | null;
  preference: PreferenceFigures | null;
  reward?: number;
}

/** A model and what it is trained on. */
export interface CourseParts<Example> {
  base: Checkpoint;
  session: TrainingSession;
  examples: readonly Example[];
  course: TrainingCourse;
  /** One optimizer step; called for the next batch before the last is done. */
  step: (batch: readonly Example[], learningRate: number) => Promise<CourseStep>;
  /** How well the model does on examples that it is not trained on, as it stands; null where there are none. */
  validate: () => Promise<CourseValidation | null>;
}

/**
 * Runs a course and returns the bytes of the last epoch's checkpoint. The caller closes the session.
 * @throws the signal's reason once it aborts.
 */
export async function runCourse<Example>(
  { base, session, examples, course, step: takeStep, validate }: CourseParts<Example>,
  { signal, onEvent }: FineTuneOptions,
): Promise<Uint8Array> {
  const { nEpochs, batchSize, learningRate, seed } = course;
  const nSteps = nEpochs * Math.ceil(examples.length / batchSize);
  const report = async (pending: Promise<CourseStep>): Promise<void> => {
    const { step, loss, preference, reinforcement, nTokens } = await pending;
    const more = reinforcement === undefined ? {} : { reinforcement };
    onEvent({ kind: 'step', step, nSteps, trainLoss: loss, preference, ...more, nTokens });
  };
  let checkpoint = fineTunedCheckpoint(base, base.weights);
  let step = 0;
  for (let epoch = 1; epoch <= nEpochs; epoch++) {
    const order = deriveRandom('fine-tune', seed, epoch).shuffled(examples);
    const pending: Promise<CourseStep>[] = [];
    for (let i = 0; i < order.length; i += batchSize, step++) {
      signal.throwIfAborted();
      const rate = fineTuneLearningRate(step, nSteps, learningRate);
      pending.push(watched(takeStep(order.slice(i, i + batchSize), rate)));
      // One batch is always waiting while another is trained on.
      if (pending.length > 1) await report(pending.shift() as Promise<CourseStep>);
    }
    for (const last of pending) await report(last);
    signal.throwIfAborted();
    const validation = await validate();
    checkpoint = fineTunedCheckpoint(base, await session.weights());
    onEvent({
      kind: 'epoch',
      epoch,
      step,
      validationLoss: validation?.loss ?? null,
      validationPreference: validation?.preference ?? null,
      ...(validation?.reward === undefined ? {} : { validationReward: validation.reward }),
      checkpoint,
    });
  }
  return checkpoint;
}

/** @throws DataError naming the first part of a course that it cannot be run with. */
export function assertCourse(
  { nEpochs, batchSize, learningRate }: TrainingCourse,
  more: readonly CourseCheck[],
): void {
  const checks: readonly CourseCheck[] = [
    ...more,
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

/** Whether a field is right, its name, what is expected of it and what it is. */
export type CourseCheck = readonly [boolean, string, string, number];

/** Whether this is a whole number from 1. */
export function isCount(value: number): boolean {
  return Number.isInteger(value) && value >= 1;
}

/** Steps are awaited later, in order; until then a failure of one is no unhandled rejection. */
export function watched<Report>(report: Promise<Report>): Promise<Report> {
  report.catch(() => undefined);
  return report;
}

function fineTunedCheckpoint(base: Checkpoint, weights: Float32Array): Uint8Array {
  const metadata: Record<string, string> = {
    ...base.metadata,
    weights_sha256: fingerprintOf(weights),
    fine_tuned_from: fingerprintOf(base.weights),
  };
  // The recipe made the seed, not what is trained from it.
  delete metadata.recipe;
  return encodeCheckpoint({ shape: base.shape, weights, metadata });
}
