// The fine-tuning stage: supervised on the kept judgments and, where the experiment says so, by preference after that. Jobs are found
// again after an interruption, and what came out is recorded with its lineage.
import { allOf } from '../../core/all-of.js';
import { toPreferenceJsonl, toSupervisedJsonl } from '../../exports/index.js';
import { modelRecordOf, readModels, recordModel } from '../../finetune/index.js';
import {
  fineTunedModelSchema,
  type CheckpointChoices,
  type FineTunedModel,
} from '../../schema/fine-tuned-model.js';
import { stageRecordSchema, type StageRecord } from '../../schema/manifest.js';
import { preferenceExampleSchema, trainingExampleSchema } from '../../schema/training-example.js';
import { addUsage } from '../../schema/usage.js';
import type { LoopContext } from './loop-context.js';
import type { StageSurroundings } from './stage-runner.js';
import type { TrainedModel } from './train-on-file.js';
import { train } from './training.js';
import { checkTrainingTexts } from './training-overlap.js';
import { FILES } from '../layout/run-files.js';

const RECORD_FILE = 'finetune.stage.json';

/**
 * Fine-tunes from the seed model or from the judge itself.
 *
 * DEVIATION: without `finetune.checkpoint` the last checkpoint is taken; the paper picks by accuracy on a validation set.
 * @throws ModelError; DataError also for training texts that overlap with the benchmark, before anything is submitted
 */
export async function runFineTune(
  judgeModel: string,
  context: LoopContext,
  surroundings: StageSurroundings,
): Promise<{ record: StageRecord; fineTuned: FineTunedModel }> {
  const { folder, iteration, onStageStart, onEvent, usage, now } = surroundings;
  const earlier = await folder.readJson(FILES.model, fineTunedModelSchema);
  const earlierRecord = await folder.readJson(RECORD_FILE, stageRecordSchema);
  if (earlier && earlierRecord) {
    if (earlier.endpoint !== undefined) context.serveAt(earlier.model, earlier.endpoint);
    onEvent({ kind: 'stage-finished', iteration, record: earlierRecord, wasDone: true });
    return { record: earlierRecord, fineTuned: earlier };
  }
  onStageStart('finetune');
  const startedMs = now();
  const usageBefore = usage();
  const spent = (): StageRecord['usage'] => addUsage(usage(), usageBefore, -1);
  const onProgress = (detail: string): void => {
    const amounts = { done: 0, total: null, elapsedMs: now() - startedMs, usage: spent() };
    onEvent({ kind: 'progress', progress: { iteration, stage: 'finetune', ...amounts, detail } });
  };
  await checkTrainingTexts(folder, context);
  const { trained, nExamples } = await trainAll(judgeModel, context, { surroundings, onProgress });
  const last = trained.at(-1);
  if (!last) throw new RangeError('expected a training');
  await recordAll(trained, context, surroundings);
  const record: StageRecord = {
    stage: 'finetune',
    nInput: nExamples,
    nKept: nExamples,
    drops: {},
    wallMs: Math.round(now() - startedMs),
    usage: spent(),
  };
  await folder.writeJson(FILES.model, last.fineTuned);
  await folder.writeJson(RECORD_FILE, record);
  onEvent({ kind: 'stage-finished', iteration, record, wasDone: false });
  return { record, fineTuned: last.fineTuned };
}

/** The supervised training, and the one by preference where there is something to prefer. */
async function trainAll(
  judgeModel: string,
  context: LoopContext,
  { surroundings, onProgress }: { surroundings: StageSurroundings; onProgress: (detail: string) => void },
): Promise<{ trained: TrainedModel[]; nExamples: number }> {
  const { folder, iteration, onEvent } = surroundings;
  const { config } = context;
  const { start, dpo } = config.finetune;
  const examples = await allOf(folder.records(FILES.examples, trainingExampleSchema));
  const supervised = await train(
    {
      method: 'supervised',
      examples,
      toJsonl: toSupervisedJsonl,
      trainingFilePath: folder.file(FILES.trainingFile),
      validationFilePath: folder.file(FILES.validationFile),
      baseModel: start === 'restart' ? config.model : judgeModel,
      iteration,
    },
    context,
    onProgress,
  );
  if (!dpo) return { trained: [supervised], nExamples: examples.length };
  const preferences = await allOf(folder.records(FILES.preferences, preferenceExampleSchema));
  if (preferences.length === 0) {
    const message = `iteration ${iteration}: no prompt has both a right and a wrong judgment, so that nothing was trained by preference`;
    onEvent({ kind: 'warning', message });
    return { trained: [supervised], nExamples: examples.length };
  }
  const preferred = await train(
    {
      method: 'dpo',
      examples: preferences,
      toJsonl: toPreferenceJsonl,
      trainingFilePath: folder.file(FILES.preferenceFile),
      validationFilePath: folder.file(FILES.preferenceValidationFile),
      baseModel: supervised.fineTuned.model,
      iteration,
    },
    context,
    onProgress,
  );
  return { trained: [supervised, preferred], nExamples: examples.length + preferences.length };
}

/** Leaves the lineage of every model with the run, and what its checkpoints were worth with the iteration. */
async function recordAll(
  trained: readonly TrainedModel[],
  { modelsFile, runId }: LoopContext,
  { folder, iteration }: StageSurroundings,
): Promise<void> {
  const choices: CheckpointChoices = {};
  for (const { fineTuned, choice, seed } of trained) {
    if (choice) choices[fineTuned.method ?? 'supervised'] = choice;
    const models = await readModels(modelsFile);
    const origin = { seed, models, choice: choice ?? undefined, runId, iteration };
    await recordModel(modelsFile, modelRecordOf(fineTuned, origin));
  }
  if (Object.keys(choices).length > 0) await folder.writeJson(FILES.checkpoints, choices);
}
