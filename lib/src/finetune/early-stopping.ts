// Training and choosing: the checkpoints of a job are compared when it has ended, or as they come, so that it can be stopped early.
import { fileHash } from '../core/hash.js';
import { pause } from '../core/pause.js';
import type { CheckpointChoice, FineTunedModel, ModelCheckpoint } from '../schema/fine-tuned-model.js';
import type { FineTuneBackend } from './backend.js';
import { chooseCheckpoint, type ChoiceOptions } from './checkpoint-choice.js';
import { fineTuneOnFile, submitJob, waitForJob, type FineTuneOptions } from './fine-tune.js';

/** What to train, and how its checkpoints are compared. */
export interface FineTuneAndChooseOptions extends FineTuneOptions {
  /** With `patience` checkpoints are scored while the training goes on, otherwise when it has ended. */
  choice: Omit<ChoiceOptions, 'signal'>;
  /** Pause between two looks for a new checkpoint, in milliseconds. Default: 5000. */
  pollMs?: number | undefined;
}

/**
 * Trains on a file and takes the best checkpoint, which is the model that is told. A trainer without checkpoints leaves its model as the
 * only one. Whoever is interrupted between an early stop and keeping its result trains again: a cancelled job is not found.
 * @param nExamples how many lines the file has
 * @throws ModelError, ConfigError, DataError
 */
export async function fineTuneAndChoose(
  nExamples: number,
  options: FineTuneAndChooseOptions,
): Promise<{ fineTuned: FineTunedModel; choice: CheckpointChoice }> {
  const { backend, baseModel, method, trainingFilePath, signal, pollMs = 5000 } = options;
  const choosing = { ...options.choice, signal };
  if (choosing.patience === undefined) {
    const made = await fineTuneOnFile(nExamples, options);
    const checkpoints = made.checkpoints ?? [{ model: made.model, metrics: {} }];
    const choice = await chooseCheckpoint(servedAt(made.endpoint, checkpoints), choosing);
    const { model, endpoint } = choice.chosen.checkpoint;
    return { fineTuned: { ...made, model, ...(endpoint === undefined ? {} : { endpoint }) }, choice };
  }
  const trainingFileHash = await fileHash(trainingFilePath);
  const jobId = await submitJob(options, trainingFileHash);
  const choice = await chooseWhileTraining({ backend, jobId, pollMs }, choosing);
  // A job that failed has not gone as far as it should, however good its checkpoints are.
  const end = choice.stoppedEarly ? undefined : await waitForJob(jobId, options);
  const endpoint = choice.chosen.checkpoint.endpoint ?? end?.endpoint;
  const fineTuned: FineTunedModel = {
    model: choice.chosen.checkpoint.model,
    parent: baseModel,
    jobId,
    trainingFileHash,
    nExamples,
    method: method?.type ?? 'supervised',
    ...(endpoint === undefined ? {} : { endpoint }),
    checkpoints: choice.scores.map(({ checkpoint }) => checkpoint),
  };
  return { fineTuned, choice };
}

/** A job whose checkpoints are looked at as they come. */
export interface TrainingUnderWay {
  backend: FineTuneBackend;
  jobId: string;
  /** Pause between two looks, in milliseconds. */
  pollMs: number;
}

/**
 * Looks at every checkpoint as it comes and takes the best; once `patience` of them in a row were no better, the job is cancelled. Of a
 * job that fails, the checkpoints that it saved are compared.
 * @throws DataError when no checkpoint was saved and scored, ModelError
 */
export async function chooseWhileTraining(
  training: TrainingUnderWay,
  options: ChoiceOptions,
): Promise<CheckpointChoice> {
  const choice = await chooseCheckpoint(arrivingCheckpoints(training, options.signal), options);
  if (choice.stoppedEarly) await training.backend.cancel(training.jobId, options.signal);
  return choice;
}

/** Checkpoints of a job in their order, until it ends; of a trainer that saves none, the model that came out. @throws ModelError */
export async function* arrivingCheckpoints(
  { backend, jobId, pollMs }: TrainingUnderWay,
  signal: AbortSignal,
): AsyncGenerator<ModelCheckpoint> {
  for (let nSeen = 0; ;) {
    // Asked first: what is saved between the two questions is in the answer to the second.
    const status = await backend.poll(jobId, signal);
    const saved = await backend.checkpoints(jobId, signal);
    yield* saved.slice(nSeen);
    nSeen = Math.max(nSeen, saved.length);
    if (status.state !== 'waiting' && status.state !== 'running') {
      if (nSeen === 0 && status.state === 'succeeded')
        yield* servedAt(status.endpoint, [{ model: status.model, metrics: {} }]);
      return;
    }
    await pause(pollMs, signal);
  }
}

/** Checkpoints that do not say where they are served are where the job's result is. */
function servedAt(endpoint: string | undefined, checkpoints: readonly ModelCheckpoint[]): ModelCheckpoint[] {
  return checkpoints.map((each) => (endpoint === undefined ? each : { endpoint, ...each }));
}
