// Every trained model and where it comes from.
import type { ModelRecord } from '../schema/fine-tuned-model.js';
import { checkpointName } from './checkpoint-table.js';
import { count, NO_VALUE, percentWithInterval } from './format.js';
import type { Table } from './tables.js';

/** One row a model: its parent, how it was trained, and the accuracy on the validation set for which its checkpoint was chosen. */
export function modelTable(models: readonly ModelRecord[]): Table {
  return {
    header: [
      'model',
      'from',
      'method',
      'examples',
      'training file',
      'seed',
      'job',
      'checkpoint',
      'validation set',
      'accuracy % [95%]',
      'n',
      'unscored',
    ],
    rows: models.map(({ model, parent, method, nExamples, trainingFileHash, seed, jobId, choice }) => [
      model,
      parent,
      method,
      count(nExamples),
      trainingFileHash.slice(0, 12),
      String(seed),
      jobId,
      ...(choice === undefined ? ['last', '', NO_VALUE, '', ''] : choiceCells(choice)),
    ]),
  };
}

function choiceCells({ validationSet, chosen, nScored }: NonNullable<ModelRecord['choice']>): string[] {
  const { checkpoint, accuracy } = chosen;
  return [
    `${checkpointName(checkpoint)}, best of ${nScored}`,
    validationSet,
    percentWithInterval(accuracy),
    count(accuracy.n),
    count(accuracy.unscored),
  ];
}
