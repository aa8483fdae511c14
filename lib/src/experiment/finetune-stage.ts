// The fine-tuning stage: one job an iteration, found again after an interruption, and a record of the model it made.
import { deriveSeed } from '../core/random.js';
import { fineTune } from '../finetune/index.js';
import { fineTunedModelSchema, type FineTunedModel } from '../schema/fine-tuned-model.js';
import { stageRecordSchema, type StageRecord } from '../schema/manifest.js';
import { trainingExampleSchema, type TrainingExample } from '../schema/training-example.js';
import { NO_USAGE } from '../schema/usage.js';
import { FILES, type LoopContext } from './loop-context.js';
import type { StageSurroundings } from './stage-runner.js';

const RECORD_FILE = 'finetune.stage.json';

/**
 * Fine-tunes on the kept judgments, from the seed model or from the judge itself.
 *
 * DEVIATION: the paper picks the checkpoint by its accuracy on a validation set; here the last one is taken.
 * @throws ModelError, DataError
 */
export async function runFineTune(
  judgeModel: string,
  { config, backend, signal }: LoopContext,
  { folder, iteration, onEvent, now }: StageSurroundings,
): Promise<{ record: StageRecord; fineTuned: FineTunedModel }> {
  const earlier = await folder.readJson(FILES.model, fineTunedModelSchema);
  const earlierRecord = await folder.readJson(RECORD_FILE, stageRecordSchema);
  if (earlier && earlierRecord) {
    onEvent({ kind: 'stage-finished', iteration, record: earlierRecord, wasDone: true });
    return { record: earlierRecord, fineTuned: earlier };
  }
  const startedMs = now();
  const examples: TrainingExample[] = [];
  for await (const example of folder.records(FILES.examples, trainingExampleSchema)) examples.push(example);
  const { start, epochs, batchSize, learningRateMultiplier } = config.finetune;
  const fineTuned = await fineTune(examples, {
    backend,
    baseModel: start === 'restart' ? config.model : judgeModel,
    hyperparameters: { nEpochs: epochs, batchSize, learningRateMultiplier },
    suffix: suffixOf(config.name, iteration),
    seed: deriveSeed(config.seed, 'finetune', iteration),
    trainingFilePath: folder.file(FILES.trainingFile),
    onProgress: (detail) => {
      const elapsedMs = now() - startedMs;
      const amounts = { done: 0, total: null, elapsedMs, usage: NO_USAGE };
      onEvent({ kind: 'progress', progress: { iteration, stage: 'finetune', ...amounts, detail } });
    },
    signal,
  });
  const record: StageRecord = {
    stage: 'finetune',
    nInput: examples.length,
    nKept: examples.length,
    drops: {},
    wallMs: Math.round(now() - startedMs),
    usage: NO_USAGE,
  };
  await folder.writeJson(FILES.model, fineTuned);
  await folder.writeJson(RECORD_FILE, record);
  onEvent({ kind: 'stage-finished', iteration, record, wasDone: false });
  return { record, fineTuned };
}

/** Providers allow 18 characters, so that the end, which tells iterations apart, is what must stay. */
function suffixOf(name: string, iteration: number): string {
  return `${name}-${iteration}`.slice(-18).replace(/^-+/, '');
}
