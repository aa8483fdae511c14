// Which checkpoint of each training was taken, and what the others were worth.
import type { CheckpointChoices, ModelCheckpoint } from '../schema/fine-tuned-model.js';
import { count, percentWithInterval } from './format.js';
import type { Table } from './tables.js';

/** The choices of an iteration. */
export interface IterationChoices {
  iteration: number;
  choices: CheckpointChoices;
}

/** One row a checkpoint, in the order in which they were saved. */
export function checkpointTable(iterations: readonly IterationChoices[]): Table {
  return {
    header: ['iteration', 'training', 'checkpoint', 'accuracy % [95%]', 'n', 'unscored', 'taken'],
    rows: iterations.flatMap(({ iteration, choices }) =>
      (['supervised', 'dpo'] as const).flatMap((method) => {
        const choice = choices[method];
        if (!choice) return [];
        return choice.scores.map(({ checkpoint, accuracy }) => [
          String(iteration),
          method,
          checkpointName(checkpoint),
          percentWithInterval(accuracy),
          count(accuracy.n),
          count(accuracy.unscored),
          checkpoint.model === choice.chosen.checkpoint.model ? 'yes' : '',
        ]);
      }),
    ),
  };
}

/** By its place in the training where the trainer tells it, else by its model. */
export function checkpointName({ model, step, epoch }: ModelCheckpoint): string {
  if (step !== undefined) return `step ${step}`;
  return epoch === undefined ? model : `epoch ${epoch}`;
}
