// Training and choosing: the checkpoints of a job are compared at its end, or as they appear, so that it can be stopped early.
import { pause } from '../core/pause.js';
import type { CheckpointChoice, FineTunedModel, ModelCheckpoint } from '../schema/fine-tuned-model.js';
import { isOpen } from './backend.js';
import { chooseCheckpoint, type ChoiceOptions } from './checkpoint-choice.js';
import {
  fineTunedModel,
  fineTuneOnFile,
  submitJob,
  waitForJob,
  type FineTuneOptions,
  type SubmittedJob,
} from './fine-tune.js';

/** A model, and why this checkpoint of its training was taken. */
export interface ChosenModel {
  fineTuned: FineTunedModel;
  choice: CheckpointChoice;
}

/** What to train, and how its checkpoints are compared. */
export interface FineTuneAndChooseOptions extends FineTuneOptions {
  /** With `patience`, checkpoints are scored while the training goes on, otherwise at its end. */
  choice: Omit<ChoiceOptions, 'signal'>;
  /** Called with the result of a training that is stopped early, before its job is cancelled. */
  onStoppedEarly?: ((made: ChosenModel) => Promise<void>) | undefined;
  /** Pause between two looks for a new checkpoint, in milliseconds. Default: 5000. */
  pollMs?: number | undefined;
}

/**
 * Trains on a file and takes the best checkpoint as its model. If the trainer reports no checkpoints, its model is the only choice. A
 * training that was stopped early is not found by the next call, since its job is cancelled: `onStoppedEarly` saves its result before that.
 * @param nExamples the number of lines of the file
 * @throws ModelError, ConfigError, DataError
 */
export async function fineTuneAndChoose(
  nExamples: number,
  options: FineTuneAndChooseOptions,
): Promise<ChosenModel> {
  const choosing = { ...options.choice, signal: options.signal };
  if (choosing.patience === undefined) {
    const made = await fineTuneOnFile(nExamples, options);
    const checkpoints = made.checkpoints ?? [{ model: made.model, metrics: {} }];
    const choice = await chooseCheckpoint(servedAt(made.endpoint, checkpoints), choosing);
    const { model, endpoint } = choice.chosen.checkpoint;
    return { fineTuned: { ...made, model, ...(endpoint === undefined ? {} : { endpoint }) }, choice };
  }
  const job = await submitJob(options);
  const choice = await chooseCheckpoint(arrivingCheckpoints(job, options), choosing);
  // A failed job is an error, however good its checkpoints are.
  const end = choice.stoppedEarly ? undefined : await waitForJob(job.jobId, options);
  const { model, endpoint = end?.endpoint } = choice.chosen.checkpoint;
  const checkpoints = choice.scores.map(({ checkpoint }) => checkpoint);
  const chosen = {
    fineTuned: fineTunedModel(nExamples, { ...job, model, endpoint, checkpoints }, options),
    choice,
  };
  if (choice.stoppedEarly) {
    await options.onStoppedEarly?.(chosen);
    await options.backend.cancel(job.jobId, options.signal);
  }
  return chosen;
}

/** Checkpoints of a job in their order, until it ends; if it saves none, the model that it made. @throws ModelError, DataError */
async function* arrivingCheckpoints(
  { jobId }: SubmittedJob,
  { backend, onProgress, pollMs = 5000, signal }: FineTuneAndChooseOptions,
): AsyncGenerator<ModelCheckpoint> {
  for (let nSeen = 0; ;) {
    // The state is asked for first: a checkpoint that is saved between the two calls is in the second answer.
    const status = await backend.poll(jobId, signal);
    const saved = await backend.checkpoints(jobId, signal);
    yield* saved.slice(nSeen);
    nSeen = Math.max(nSeen, saved.length);
    if (!isOpen(status)) {
      if (nSeen === 0 && status.state === 'succeeded')
        yield* servedAt(status.endpoint, [{ model: status.model, metrics: {} }]);
      return;
    }
    onProgress(status.detail);
    await pause(pollMs, signal);
  }
}

/** Checkpoints without an endpoint of their own are served where the job's model is. */
function servedAt(endpoint: string | undefined, checkpoints: readonly ModelCheckpoint[]): ModelCheckpoint[] {
  return checkpoints.map((each) => (endpoint === undefined ? each : { endpoint, ...each }));
}
