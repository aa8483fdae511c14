// The number of checkpoints that an iteration compares, if the experiment chooses among them.
import type { Assumption } from '../../schema/plan.js';
import type { ExperimentConfig } from '../config/config.js';

/** Checkpoints of all trainings of an iteration, and the source of that number. */
export interface CheckpointCount {
  nCheckpoints: number;
  assumption: Assumption;
}

/**
 * Counts `plan.checkpoints`, otherwise one per epoch, as the embedded server and Together save and most trainers can.
 * Upper bounds: with `patience` a training may end early, and preference training may have no examples.
 * @returns null if no checkpoint is chosen
 */
export function checkpointCountOf({ finetune, plan }: ExperimentConfig): CheckpointCount | null {
  const { checkpoint, epochs, dpo, reinforcement } = finetune;
  if (!checkpoint) return null;
  const ofTrainings = [
    ...(reinforcement?.warmStart === false ? [] : [epochs]),
    ...(dpo ? [dpo.epochs ?? epochs] : []),
    ...(reinforcement ? [reinforcement.epochs ?? 1] : []),
  ].map((n) => plan.checkpoints ?? n);
  const bound = checkpoint.patience === undefined ? '' : 'at most ';
  return {
    nCheckpoints: ofTrainings.reduce((sum, n) => sum + n, 0),
    assumption: {
      what: 'checkpoints that are compared',
      value: `${bound}${ofTrainings.join(' and ')} an iteration`,
      source:
        plan.checkpoints === undefined ? 'one after each epoch; set plan.checkpoints' : 'plan.checkpoints',
    },
  };
}
