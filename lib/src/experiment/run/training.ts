// One training of an iteration: writes its files and trains on them.
import { writeFileAtomic } from '../../core/files.js';
import { sideOf, validationInstructions } from '../../filter/index.js';
import type { OpenedExperiment } from '../open/opened-experiment.js';
import { trainOnFile, type TrainedModel, type TrainingOnFile } from './train-on-file.js';

/** An example that can be put on one side of a split. */
interface SplittableExample {
  instructionId: string;
}

/** What to train on, and how. */
export interface TrainingPlan<Example extends SplittableExample> extends Omit<TrainingOnFile, 'nExamples'> {
  examples: readonly Example[];
  /** Writes examples in the format of a job's files. */
  toJsonl: (examples: readonly Example[]) => string;
  /** Written only where the experiment holds examples back. */
  validationFilePath: string;
}

/**
 * Trains, or finds what an earlier attempt has trained.
 * @throws as {@link trainOnFile}
 */
export async function train<Example extends SplittableExample>(
  plan: TrainingPlan<Example>,
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
async function writeFiles<Example extends SplittableExample>(
  { examples, toJsonl, trainingFilePath, validationFilePath }: TrainingPlan<Example>,
  { finetune: { validation }, seed }: OpenedExperiment['config'],
): Promise<number> {
  if (!validation) {
    await writeFileAtomic(trainingFilePath, toJsonl(examples));
    return examples.length;
  }
  const heldBack = await validationInstructions(examples, { ...validation, seed });
  const sides = { train: [] as Example[], validation: [] as Example[] };
  for (const side of ['train', 'validation'] as const)
    for await (const example of sideOf(examples, side, heldBack)) sides[side].push(example);
  await writeFileAtomic(trainingFilePath, toJsonl(sides.train));
  await writeFileAtomic(validationFilePath, toJsonl(sides.validation));
  return sides.train.length;
}
