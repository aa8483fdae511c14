// Stopping a training whose checkpoints get no better, where the trainer shows them while it goes on.
import { pause } from '../core/pause.js';
import type { CheckpointChoice, ModelCheckpoint } from '../schema/fine-tuned-model.js';
import type { FineTuneBackend } from './backend.js';
import { chooseCheckpoint, type ChoiceOptions } from './checkpoint-choice.js';

/** A job whose checkpoints are looked at as they come. */
export interface TrainingUnderWay {
  backend: FineTuneBackend;
  jobId: string;
  /** Pause between two looks, in milliseconds. */
  pollMs: number;
}

/**
 * Looks at every checkpoint as it comes and takes the best; once `patience` of them in a row were no better, the job is cancelled.
 * A job that fails leaves the checkpoints that it saved.
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

/** Checkpoints of a job in their order, until it ends. @throws ModelError */
export async function* arrivingCheckpoints(
  { backend, jobId, pollMs }: TrainingUnderWay,
  signal: AbortSignal,
): AsyncGenerator<ModelCheckpoint> {
  for (let nSeen = 0; ;) {
    // Asked first: what is saved between the two questions is in the answer to the second.
    const { state } = await backend.poll(jobId, signal);
    const saved = await backend.checkpoints(jobId, signal);
    yield* saved.slice(nSeen);
    nSeen = Math.max(nSeen, saved.length);
    if (state !== 'waiting' && state !== 'running') return;
    await pause(pollMs, signal);
  }
}
