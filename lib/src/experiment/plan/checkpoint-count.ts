// How many checkpoints an iteration has compared, where the experiment chooses among them.
import type { Assumption } from '../../schema/plan.js';
import type { ExperimentConfig } from '../config/config.js';

/** Checkpoints of an iteration, its trainings together, and where that number comes from; null where none is chosen. */
export interface CheckpointCount {
  nCheckpoints: number;
  assumption: Assumption;
}

/**
 * Counts by `plan.checkpoints`, else one an epoch: what the embedded server and Together save, and what most trainers can be told to.
 * Bounds from above: with `patience` a training may end early, and one by preference may have nothing to prefer.
 */
export function checkpointCountOf({ finetune, plan }: ExperimentConfig): CheckpointCount | null {
  const { checkpoint, epochs, dpo } = finetune;
  if (!checkpoint) return null;
  const ofTrainings = [epochs, ...(dpo ? [dpo.epochs ?? epochs] : [])].map((n) => plan.checkpoints ?? n);
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
