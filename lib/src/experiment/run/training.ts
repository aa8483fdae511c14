// One training of an iteration: writes its files and trains on them.
import { DataError, ModelError } from '../../core/errors.js';
import { fileHash } from '../../core/hash.js';
import { writeRewardFile, writeTrainingFile } from '../../exports/index.js';
import { sideOf } from '../../filter/index.js';
import { trainedModelSchema, type TrainedModel } from '../../schema/fine-tuned-model.js';
import type { PreferenceExample, RewardExample, TrainingExample } from '../../schema/training-example.js';
import type { OpenedExperiment } from '../open/opened-experiment.js';
import { ITERATION_FILES } from '../layout/run-files.js';
import type { StageAtWork } from './stage-runner.js';
import { trainOnFile, type TrainingOnFile } from './train-on-file.js';

/** Examples, and the method that takes them. */
export type ExamplesOfMethod =
  | { method: 'supervised'; examples: readonly TrainingExample[] }
  | { method: 'dpo'; examples: readonly PreferenceExample[] }
  | { method: 'reinforcement'; examples: readonly RewardExample[] };

/** What to train on, and how. */
export type TrainingPlan = Omit<TrainingOnFile, 'nExamples' | 'validationFilePath' | 'method'> & {
  /** Instructions whose examples are not trained on. */
  heldBack: ReadonlySet<string>;
  /** Written only if some examples are held back. */
  validationFilePath: string;
} & ExamplesOfMethod;

/**
 * Trains, or finds what an earlier attempt has trained. There is no validation file if no example is held back.
 * @param at.at the stage; the result of a training that is stopped early is saved in its folder, since its cancelled job is not found
 * @throws as {@link trainOnFile}
 */
export async function train(
  plan: TrainingPlan,
  opened: OpenedExperiment,
  { at, onProgress }: { at: StageAtWork; onProgress: (detail: string) => void },
): Promise<TrainedModel> {
  const { method, examples, heldBack, trainingFilePath, baseModel, iteration } = plan;
  const hasValidation = examples.some(({ instructionId }) => heldBack.has(instructionId));
  const validationFilePath = hasValidation ? plan.validationFilePath : undefined;
  if (validationFilePath !== undefined) await writeSide(validationFilePath, plan, 'validation');
  const nExamples = await writeSide(trainingFilePath, plan, 'train');
  const savedName = ITERATION_FILES.stoppedEarly[method];
  const saved = await at.folder.readIntact(savedName, trainedModelSchema, () => undefined);
  if (saved !== null && (await isOf(saved, { trainingFilePath, baseModel }))) {
    const { model, endpoint } = saved.fineTuned;
    if (endpoint !== undefined) opened.serveAt(model, endpoint);
    if (await hasEnded(saved, opened)) return saved;
  }
  return trainOnFile(
    { method, nExamples, trainingFilePath, validationFilePath, baseModel, iteration },
    opened,
    { onProgress, onStoppedEarly: (trained) => at.folder.writeRecord(savedName, trained) },
  );
}

/** Writes one side of the examples. @returns how many it has */
function writeSide(path: string, plan: TrainingPlan, side: 'train' | 'validation'): Promise<number> {
  const { heldBack } = plan;
  switch (plan.method) {
    case 'supervised':
      return writeTrainingFile(path, { kind: 'sft', examples: sideOf(plan.examples, side, heldBack) });
    case 'dpo':
      return writeTrainingFile(path, { kind: 'preference', examples: sideOf(plan.examples, side, heldBack) });
    case 'reinforcement':
      return writeRewardFile(path, sideOf(plan.examples, side, heldBack));
  }
}

/**
 * Ends the job of a training that was stopped early: the attempt that saved its result may have ended before it cancelled the job.
 * @returns false where the trainer does not know the job any more, whose model is then gone, too
 */
async function hasEnded({ fineTuned }: TrainedModel, opened: OpenedExperiment): Promise<boolean> {
  const trainer = await opened.openTrainer();
  try {
    await trainer.cancel(fineTuned.jobId, opened.signal);
    return true;
  } catch (thrown) {
    if (thrown instanceof DataError || (thrown instanceof ModelError && thrown.code === 'http-404'))
      return false;
    throw thrown;
  }
}

/** Whether it is the result of a training on this file, from this model. */
async function isOf(
  { fineTuned }: TrainedModel,
  { trainingFilePath, baseModel }: Pick<TrainingOnFile, 'trainingFilePath' | 'baseModel'>,
): Promise<boolean> {
  return fineTuned.parent === baseModel && fineTuned.trainingFileHash === (await fileHash(trainingFilePath));
}
