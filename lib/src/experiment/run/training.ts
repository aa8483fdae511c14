// One training of an iteration: writes its files and trains on them.
import { writeTrainingFile, type ExportKind } from '../../exports/index.js';
import { sideOf } from '../../filter/index.js';
import type { PreferenceExample, TrainingExample } from '../../schema/training-example.js';
import type { OpenedExperiment } from '../open/opened-experiment.js';
import { trainOnFile, type TrainedModel, type TrainingOnFile } from './train-on-file.js';

/** What to train on, and how. */
export type TrainingPlan = Omit<TrainingOnFile, 'nExamples' | 'validationFilePath'> & {
  /** Instructions whose examples are not trained on. */
  heldBack: ReadonlySet<string>;
  /** Written only if some examples are held back. */
  validationFilePath: string;
} & (
    | { method: 'supervised'; examples: readonly TrainingExample[] }
    | { method: 'dpo'; examples: readonly PreferenceExample[] }
  );

/**
 * Trains, or finds what an earlier attempt has trained. There is no validation file if no example is held back.
 * @throws as {@link trainOnFile}
 */
export async function train(
  plan: TrainingPlan,
  opened: OpenedExperiment,
  onProgress: (detail: string) => void,
): Promise<TrainedModel> {
  const { method, examples, heldBack, trainingFilePath, baseModel, iteration } = plan;
  const kind: ExportKind = method === 'dpo' ? 'preference' : 'sft';
  const side = (name: 'train' | 'validation'): AsyncGenerator<TrainingExample | PreferenceExample> =>
    sideOf<TrainingExample | PreferenceExample>(examples, name, heldBack);
  const hasValidation = examples.some(({ instructionId }) => heldBack.has(instructionId));
  const validationFilePath = hasValidation ? plan.validationFilePath : undefined;
  if (validationFilePath !== undefined)
    await writeTrainingFile(validationFilePath, { kind, examples: side('validation') });
  const nExamples = await writeTrainingFile(trainingFilePath, { kind, examples: side('train') });
  return trainOnFile(
    { method, nExamples, trainingFilePath, validationFilePath, baseModel, iteration },
    opened,
    onProgress,
  );
}
