// Fine-tuning by itself: examples from a file, the record of a model to another.
import { rm } from 'node:fs/promises';
import { ConfigError } from '../../core/errors.js';
import { writeFileAtomic } from '../../core/files.js';
import { fineTuneOnFile, modelRecordOf, MODELS_FILE, readModels, recordModel } from '../../finetune/index.js';
import type { FineTunedModel, TrainingMethodName } from '../../schema/fine-tuned-model.js';
import type { StageRecord } from '../../schema/manifest.js';
import { NO_USAGE } from '../../schema/usage.js';
import type { ExperimentConfig } from '../config.js';
import { needsTrainingServer } from '../endpoint.js';
import { RunObservers } from '../observers.js';
import { openBackend, openExperiment, withCleanup } from '../opened-experiment.js';
import { prepareExperiment } from '../prepare.js';
import { trainingOptionsOf } from '../stage-options.js';
import { runFolderOf } from './asking-stage.js';
import { openExamples } from './example-file.js';
import { iterationOf, stagePaths, type SingleStageOptions } from './stage-file.js';
import { writeTrainingFiles } from './training-file.js';

/** What is trained, and on what. */
export interface FineTuneFileOptions extends SingleStageOptions {
  /** Training examples, or preference examples. */
  inFile: string;
  /** Examples of the same kind that are never trained on; absent: the trainer tells no loss on any. */
  validationFile?: string | undefined;
  /** Absent: the seed model, where the experiment starts every iteration from it. */
  baseModel?: string | undefined;
  /** Absent: by what the file holds. */
  method?: TrainingMethodName | undefined;
}

/** What a training by itself came to. */
export interface FineTuneFileResult {
  outFile: string;
  /** What the trainer got, in the OpenAI format. */
  trainingFile: string;
  record: StageRecord;
  fineTuned: FineTunedModel;
}

/**
 * Trains on the examples of a file. After an interruption the same call finds its job again. The model is also recorded in
 * `models.json` of the run with these settings.
 * @throws ConfigError, ModelError; DataError also when another process works on that run; the signal's reason when it aborts
 */
export async function fineTuneToFile(options: FineTuneFileOptions): Promise<FineTuneFileResult> {
  const { configPath, overrides, inFile, validationFile, method, outFile, signal } = options;
  const inFiles = [configPath, inFile, ...(validationFile === undefined ? [] : [validationFile])];
  const { folder: outFolder, fileName, recordFile } = await stagePaths(outFile, inFiles);
  const prepared = await prepareExperiment(configPath, overrides);
  const { config } = prepared;
  const iteration = iterationOf(options, config);
  const baseModel = options.baseModel ?? seedModelOf(config);
  const examples = await openExamples(inFile, method && (method === 'dpo' ? 'preference' : 'sft'));
  const trainingFile = outFolder.file(`${fileName}.training-file.jsonl`);
  const validation =
    validationFile === undefined
      ? undefined
      : {
          examples: await openExamples(validationFile, examples.kind),
          path: outFolder.file(`${fileName}.validation-file.jsonl`),
          inFile: validationFile,
        };
  // The record of another model than this one would say that all files are of one piece.
  await rm(recordFile, { force: true });
  const nExamples = await writeTrainingFiles(
    { examples, path: trainingFile, inFile },
    { validation, signal },
  );
  return withCleanup(async (cleanup) => {
    const observers = new RunObservers(options.onEvent);
    const folder = runFolderOf(prepared, options);
    const demands = { models: [baseModel], needsTraining: needsTrainingServer(config) };
    const opened = await openExperiment(prepared, { folder, options, observers, cleanup, demands });
    const startedMs = performance.now();
    const training = trainingOptionsOf(iteration, {
      config,
      method: examples.kind === 'preference' ? 'dpo' : 'supervised',
    });
    const fineTuned = await fineTuneOnFile(nExamples, {
      ...training,
      backend: await openBackend(opened),
      baseModel,
      trainingFilePath: trainingFile,
      validationFilePath: validation?.path,
      onProgress: (detail) => {
        const amounts = { done: 0, total: null, elapsedMs: performance.now() - startedMs, usage: NO_USAGE };
        observers.onEvent({
          kind: 'progress',
          progress: { iteration, stage: 'finetune', ...amounts, detail },
        });
      },
      signal,
    });
    const wallMs = Math.round(performance.now() - startedMs);
    const record: StageRecord = {
      stage: 'finetune',
      nInput: nExamples,
      nKept: nExamples,
      drops: {},
      wallMs,
      usage: NO_USAGE,
    };
    await recordIn(folder.file(MODELS_FILE), fineTuned, training.seed);
    await outFolder.writeJson(fileName, fineTuned);
    await writeFileAtomic(recordFile, `${JSON.stringify(record, null, 2)}\n`);
    return { outFile, trainingFile, record, fineTuned };
  });
}

/** Adds the model, unless it is there: the record of the run that made it tells more. */
async function recordIn(path: string, fineTuned: FineTunedModel, seed: number): Promise<void> {
  const models = await readModels(path);
  if (models.some(({ model }) => model === fineTuned.model)) return;
  await recordModel(path, modelRecordOf(fineTuned, { seed, models }));
}

/** What an iteration is trained from where nothing else is said. */
function seedModelOf({ model, finetune }: ExperimentConfig): string {
  if (finetune.start === 'restart') return model;
  throw new ConfigError({
    subject: '--base',
    expected: 'the judge to train further, since finetune.start is continue',
    received: 'none',
    remedy: `Name it, e.g. --base ${model} in the first iteration.`,
  });
}
