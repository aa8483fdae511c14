// The fine-tuning stage: supervised training on the kept judgments and, if configured, preference training after that. Jobs are found
// again after an interruption, and models are recorded with their lineage.
import { allOf } from '../../core/all-of.js';
import { validationInstructions } from '../../filter/index.js';
import { modelRecordOf, MODELS_FILE, readModels, recordModel } from '../../finetune/index.js';
import {
  fineTunedModelSchema,
  type CheckpointChoices,
  type FineTunedModel,
  type TrainedModel,
} from '../../schema/fine-tuned-model.js';
import { stageRecordSchema, type StageRecord } from '../../schema/manifest.js';
import {
  preferenceExampleSchema,
  rewardExampleSchema,
  trainingExampleSchema,
} from '../../schema/training-example.js';
import { addUsage } from '../../schema/usage.js';
import type { OpenedExperiment } from '../open/opened-experiment.js';
import { forgetWhatFollows } from './forget-stages.js';
import type { StageAtWork } from './stage-runner.js';
import { train, type ExamplesOfMethod } from './training.js';
import { checkTrainingTexts } from './training-overlap.js';
import { damageOf, hashesOf } from '../layout/file-hashes.js';
import { filesBeside, ITERATION_FILES } from '../layout/run-files.js';

const RECORD_FILE = filesBeside('finetune').record;

/**
 * Fine-tunes from the seed model or from the judge itself.
 *
 * DEVIATION: without `finetune.checkpoint` the last checkpoint is taken; the paper picks by accuracy on a validation set.
 * @throws ModelError; DataError also for training texts that overlap with the benchmark, before anything is submitted
 */
export async function runFineTune(
  judgeModel: string,
  opened: OpenedExperiment,
  at: StageAtWork,
): Promise<{ record: StageRecord; fineTuned: FineTunedModel }> {
  const { folder, iteration, onEvent } = at;
  const { warn } = opened.observers;
  const earlier = await folder.readIntact(ITERATION_FILES.model, fineTunedModelSchema, warn);
  const earlierRecord = await folder.readIntact(RECORD_FILE, stageRecordSchema, warn);
  const damage = await damageOf(folder, earlierRecord?.files);
  if (damage !== null)
    warn(`${damage}: the model of iteration ${iteration} is looked for at its trainer again`);
  if (earlier && earlierRecord && damage === null) {
    onEvent({ kind: 'stage-finished', iteration, record: earlierRecord, wasDone: true });
    return { record: earlierRecord, fineTuned: earlier };
  }
  const { last, record } = await trainAsStage(at, async (onProgress) => {
    for (const evaluation of opened.evaluations) await checkTrainingTexts(folder, evaluation, opened);
    const { trained, last, nExamples } = await trainAll(judgeModel, opened, { at, onProgress });
    await recordAll(trained, opened, at);
    return { last, nExamples };
  });
  const { fineTuned } = last;
  await folder.writeJson(ITERATION_FILES.model, fineTuned);
  record.files = await hashesOf(folder, [ITERATION_FILES.model]);
  // Another model than before: what was judged by the earlier one does not count for it.
  if (earlierRecord?.files?.[ITERATION_FILES.model] !== record.files[ITERATION_FILES.model])
    await forgetWhatFollows({ stage: 'finetune', folder, iteration });
  await folder.writeRecord(RECORD_FILE, record);
  onEvent({ kind: 'stage-finished', iteration, record, wasDone: false });
  return { record, fineTuned };
}

/** Runs a training as a stage, which reports its progress. @returns what it made, with the stage's record */
export async function trainAsStage<Trained extends { nExamples: number }>(
  { iteration, usage, onStageStart, onEvent }: StageAtWork,
  train: (onProgress: (detail: string) => void) => Promise<Trained>,
): Promise<Trained & { record: StageRecord }> {
  const stage = 'finetune';
  onStageStart(stage);
  const startedMs = performance.now();
  const usageBefore = usage();
  const spent = (): StageRecord['usage'] => addUsage(usage(), usageBefore, -1);
  const trained = await train((detail) => {
    const amounts = { done: 0, total: null, elapsedMs: performance.now() - startedMs, usage: spent() };
    onEvent({ kind: 'progress', progress: { iteration, stage, ...amounts, detail } });
  });
  const { nExamples } = trained;
  const wallMs = Math.round(performance.now() - startedMs);
  const record = { stage, nInput: nExamples, nKept: nExamples, drops: {}, wallMs, usage: spent() };
  return { ...trained, record };
}

/** What an iteration has trained. */
interface Trained {
  trained: TrainedModel[];
  last: TrainedModel;
  nExamples: number;
}

/** The supervised training, unless rewards replace it, and after it the preference training or that by rewards, if it has examples. */
async function trainAll(
  judgeModel: string,
  opened: OpenedExperiment,
  { at, onProgress }: { at: StageAtWork; onProgress: (detail: string) => void },
): Promise<Trained> {
  const { folder, iteration, onEvent } = at;
  const { config } = opened;
  const { start, dpo, reinforcement, validation } = config.finetune;
  const examples = await allOf(folder.records(ITERATION_FILES.examples, trainingExampleSchema));
  const prompts = reinforcement
    ? await allOf(folder.records(ITERATION_FILES.rewardPrompts, rewardExampleSchema))
    : [];
  // One split for all trainings: what one has seen is no validation example of another.
  const heldBack: ReadonlySet<string> = validation
    ? await validationInstructions([...examples, ...prompts], { ...validation, seed: config.seed })
    : new Set();
  const trained: TrainedModel[] = [];
  let nExamples = 0;
  const next = async (file: string, validationFile: string, of: ExamplesOfMethod): Promise<void> => {
    const seed = start === 'restart' ? config.model : judgeModel;
    const paths = { trainingFilePath: folder.file(file), validationFilePath: folder.file(validationFile) };
    const baseModel = trained.at(-1)?.fineTuned.model ?? seed;
    trained.push(
      await train({ ...of, ...paths, heldBack, baseModel, iteration }, opened, { at, onProgress }),
    );
    nExamples += of.examples.length;
  };
  const isTrainable = (some: readonly { instructionId: string }[]): boolean =>
    !some.every(({ instructionId }) => heldBack.has(instructionId));
  const warn = (missing: string): void => {
    onEvent({ kind: 'warning', message: `iteration ${iteration}: ${missing}` });
  };
  const { trainingFile, validationFile, preferenceFile, preferenceValidationFile } = ITERATION_FILES;
  const rewards = reinforcement !== undefined && isTrainable(prompts);
  if (reinforcement && !rewards)
    warn('there is no prompt to train on by rewards, so there was no such training');
  if (!rewards || reinforcement.warmStart)
    await next(trainingFile, validationFile, { method: 'supervised', examples });
  if (dpo) {
    const preferences = await allOf(folder.records(ITERATION_FILES.preferences, preferenceExampleSchema));
    if (isTrainable(preferences))
      await next(preferenceFile, preferenceValidationFile, { method: 'dpo', examples: preferences });
    else
      warn(
        'no prompt to train on has both a right and a wrong judgment, so there was no preference training',
      );
  }
  if (rewards) {
    const { rewardFile, rewardValidationFile } = ITERATION_FILES;
    await next(rewardFile, rewardValidationFile, { method: 'reinforcement', examples: prompts });
  }
  const last = trained.at(-1);
  if (!last) throw new RangeError('trainAll: nothing was trained');
  return { trained, last, nExamples };
}

/** Records the lineage of every model with the run, and the scores of its checkpoints with the iteration. */
async function recordAll(
  trained: readonly TrainedModel[],
  { folder: run, runId }: OpenedExperiment,
  { folder, iteration }: StageAtWork,
): Promise<void> {
  const modelsFile = run.file(MODELS_FILE);
  const choices: CheckpointChoices = {};
  for (const { fineTuned, choice, seed } of trained) {
    if (choice) choices[fineTuned.method ?? 'supervised'] = choice;
    const models = await readModels(modelsFile);
    const origin = { seed, models, choice: choice ?? undefined, runId, iteration };
    await recordModel(modelsFile, modelRecordOf(fineTuned, origin));
  }
  if (Object.keys(choices).length > 0) await folder.writeJson(ITERATION_FILES.checkpoints, choices);
}
