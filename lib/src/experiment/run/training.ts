// One training of an iteration: writes its files and trains on them.
import { writeTrainingFile, type ExportKind } from '../../exports/index.js';
import { sideOf, validationInstructions } from '../../filter/index.js';
import type { PreferenceExample, TrainingExample } from '../../schema/training-example.js';
import type { OpenedExperiment } from '../open/opened-experiment.js';
import { trainOnFile, type TrainedModel, type TrainingOnFile } from './train-on-file.js';

/** What to train on, and how. */
export type TrainingPlan = Omit<TrainingOnFile, 'nExamples' | 'validationFilePath'> & {
  /** Written only if the experiment holds examples back. */
  validationFilePath: string;
} & (
    | { method: 'supervised'; examples: readonly TrainingExample[] }
    | { method: 'dpo'; examples: readonly PreferenceExample[] }
  );

/**
 * Trains, or finds what an earlier attempt has trained.
 * @throws as {@link trainOnFile}
 */
export async function train(
  plan: TrainingPlan,
  opened: OpenedExperiment,
  onProgress: (detail: string) => void,
): Promise<TrainedModel> {
  const { config } = opened;
  const nExamples = await writeFiles(plan, config);
  const { method, trainingFilePath, baseModel, iteration } = plan;
  const validationFilePath = config.finetune.validation ? plan.validationFilePath : undefined;
  return trainOnFile(
    { method, nExamples, trainingFilePath, validationFilePath, baseModel, iteration },
    opened,
    onProgress,
  );
}

/** Writes the training file without held-back instructions, and the validation file. @returns the number of training examples */
async function writeFiles(
  { method, examples, trainingFilePath, validationFilePath }: TrainingPlan,
  { finetune: { validation }, seed }: OpenedExperiment['config'],
): Promise<number> {
  const kind: ExportKind = method === 'dpo' ? 'preference' : 'sft';
  if (!validation) return writeTrainingFile(trainingFilePath, { kind, examples });
  const heldBack = await validationInstructions(examples, { ...validation, seed });
  const side = (name: 'train' | 'validation'): AsyncGenerator<TrainingExample | PreferenceExample> =>
    sideOf<TrainingExample | PreferenceExample>(examples, name, heldBack);
  await writeTrainingFile(validationFilePath, { kind, examples: side('validation') });
  return writeTrainingFile(trainingFilePath, { kind, examples: side('train') });
}
