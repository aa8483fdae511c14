// The fine-tuning stage alone: from a file of examples to the record of a model.
import { rm } from 'node:fs/promises';
import { ConfigError } from '../../core/errors.js';
import { writeFileAtomic } from '../../core/files.js';
import {
  modelRecordOf,
  MODELS_FILE,
  readModels,
  recordModel,
  needsTrainingServer,
} from '../../finetune/index.js';
import type {
  CheckpointChoice,
  FineTunedModel,
  TrainedModel,
  TrainingMethodName,
} from '../../schema/fine-tuned-model.js';
import type { StageRecord } from '../../schema/manifest.js';
import type { ExperimentConfig } from '../config/config.js';
import { withOpenedExperiment } from '../open/opened-experiment.js';
import { prepareExperiment } from '../open/prepare.js';
import { trainAsStage } from '../run/finetune-stage.js';
import { stageAtWork } from '../run/stage-runner.js';
import { trainOnFile } from '../run/train-on-file.js';
import { openExamples } from './example-file.js';
import { iterationOf, stagePaths, type SingleStageOptions } from './stage-file.js';
import { writeTrainingFiles } from './training-file.js';

/** What is trained, and on what. */
export interface FineTuneFileOptions extends SingleStageOptions {
  /** Training examples, or preference examples. */
  inFile: string;
  /** Examples of the same kind that are never trained on; absent: no validation loss. */
  validationFile?: string | undefined;
  /** Absent: the seed model, if the experiment starts every iteration from it. */
  baseModel?: string | undefined;
  /** Absent: detected from the file. */
  method?: TrainingMethodName | undefined;
}

/** The result of a training. */
export interface FineTuneFileResult {
  outFile: string;
  /** The trainer's input, in the OpenAI format. */
  trainingFile: string;
  record: StageRecord;
  fineTuned: FineTunedModel;
  /** Why this checkpoint of it; null if the last one was taken without a comparison. */
  choice: CheckpointChoice | null;
}

/**
 * Trains on the examples of a file, and takes the best checkpoint if the experiment chooses among them; their scores go to
 * `<file>.checkpoint-choice.json`. After an interruption the same call finds its job again. The model is also recorded in `models.json`
 * of the run with these settings.
 * @throws ConfigError, ModelError, BudgetError; DataError also when another process works on that run; the signal's reason when it aborts
 */
export async function fineTuneToFile(options: FineTuneFileOptions): Promise<FineTuneFileResult> {
  const { configPath, overrides, inFile, validationFile, method, outFile, signal } = options;
  const inFiles = [configPath, inFile, ...(validationFile === undefined ? [] : [validationFile])];
  const { folder: outFolder, fileName, recordFile } = await stagePaths(outFile, inFiles);
  const prepared = await prepareExperiment(configPath, overrides, options.signal);
  const { config } = prepared;
  const iteration = iterationOf(options, config);
  const baseModel = options.baseModel ?? seedModelOf(config);
  const examples = await openExamples(inFile, method && (method === 'dpo' ? 'preference' : 'sft'));
  const trainingFile = outFolder.file(`${fileName}.training-file.jsonl`);
  const choiceName = `${fileName}.checkpoint-choice.json`;
  const validation =
    validationFile === undefined
      ? undefined
      : {
          examples: await openExamples(validationFile, examples.kind),
          path: outFolder.file(`${fileName}.validation-file.jsonl`),
          inFile: validationFile,
        };
  // An old record would vouch for the new files.
  for (const path of [recordFile, outFolder.file(choiceName)]) await rm(path, { force: true });
  const nExamples = await writeTrainingFiles(
    { examples, path: trainingFile, inFile },
    { validation, signal },
  );
  const demands = { models: [baseModel], needsTraining: needsTrainingServer(config.finetune.trainer) };
  return withOpenedExperiment(prepared, { ...options, demands }, async (opened) => {
    const { record, ...trained } = await trainAsStage(
      stageAtWork(opened, { iteration, folder: outFolder }),
      async (onProgress) => {
        const files = { trainingFilePath: trainingFile, validationFilePath: validation?.path };
        const methodOfFile = examples.kind === 'preference' ? 'dpo' : 'supervised';
        const training = { method: methodOfFile, nExamples, ...files, baseModel, iteration } as const;
        return { ...(await trainOnFile(training, opened, { onProgress })), nExamples };
      },
    );
    const { fineTuned, choice } = trained;
    await recordIn(opened.folder.file(MODELS_FILE), trained);
    if (choice) await outFolder.writeJson(choiceName, choice);
    await outFolder.writeJson(fileName, fineTuned);
    await writeFileAtomic(recordFile, `${JSON.stringify(record, null, 2)}\n`);
    return { outFile, trainingFile, record, fineTuned, choice };
  });
}

/** Adds the model. If the run that made it has recorded it with more detail, only the address that serves it is renewed. */
async function recordIn(path: string, { fineTuned, choice, seed }: TrainedModel): Promise<void> {
  const models = await readModels(path);
  const { endpoint } = fineTuned;
  const known = models.find(({ model }) => model === fineTuned.model);
  if (known) await recordModel(path, { ...known, ...(endpoint !== undefined && { endpoint }) });
  else await recordModel(path, modelRecordOf(fineTuned, { seed, models, choice: choice ?? undefined }));
}

/** The default base model of an iteration. */
function seedModelOf({ model, finetune }: ExperimentConfig): string {
  if (finetune.start === 'restart') return model;
  throw new ConfigError({
    subject: '--base',
    expected: 'the judge to train further, since finetune.start is continue',
    received: 'none',
    remedy: `Name it, e.g. --base ${model} in the first iteration.`,
  });
}
