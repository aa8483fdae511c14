// The fine-tuning stage: one job an iteration, found again after an interruption, and a record of the model it made.
import { DataError } from '../core/errors.js';
import { deriveSeed } from '../core/random.js';
import { fineTune } from '../finetune/index.js';
import { fineTunedModelSchema, type FineTunedModel, type StageRecord } from '../schema/manifest.js';
import { trainingExampleSchema, type TrainingExample } from '../schema/training-example.js';
import { NO_USAGE } from '../schema/usage.js';
import { FILES, type LoopContext } from './loop-context.js';
import type { StageSurroundings } from './stage-runner.js';

/** Fine-tunes on the kept judgments, from the seed model or from the judge itself. @throws ModelError, DataError */
export async function runFineTune(
  judgeModel: string,
  { config, backend, signal }: LoopContext,
  { folder, iteration, onEvent, now }: StageSurroundings,
): Promise<{ record: StageRecord; fineTuned: FineTunedModel }> {
  const startedMs = now();
  const recordOf = (nExamples: number, wallMs: number): StageRecord => ({
    stage: 'finetune',
    nInput: nExamples,
    nKept: nExamples,
    drops: {},
    wallMs,
    usage: NO_USAGE,
  });
  const earlier = await folder.readJson(FILES.model, fineTunedModelSchema);
  if (earlier) {
    const record = recordOf(earlier.nExamples, 0);
    onEvent({ kind: 'stage-finished', iteration, record, wasDone: true });
    return { record, fineTuned: earlier };
  }
  const examples: TrainingExample[] = [];
  for await (const example of folder.records(FILES.examples, trainingExampleSchema)) examples.push(example);
  if (examples.length === 0) throw nothingToTrainOn(folder.file('filter.drops.jsonl'));
  const { start, epochs, batchSize, learningRateMultiplier } = config.finetune;
  const fineTuned = await fineTune(examples, {
    backend,
    baseModel: start === 'restart' ? config.model : judgeModel,
    hyperparameters: { nEpochs: epochs, batchSize, learningRateMultiplier },
    suffix: `${config.name}-${iteration}`.slice(-18).replace(/^-+/, ''),
    seed: deriveSeed(config.seed, 'finetune', iteration),
    trainingFilePath: folder.file(FILES.trainingFile),
    onProgress: (detail) => {
      const elapsedMs = now() - startedMs;
      const progress = {
        iteration,
        stage: 'finetune',
        done: 0,
        total: null,
        elapsedMs,
        usage: NO_USAGE,
        detail,
      } as const;
      onEvent({ kind: 'progress', progress });
    },
    signal,
  });
  await folder.writeJson(FILES.model, fineTuned);
  const record = recordOf(examples.length, Math.round(now() - startedMs));
  onEvent({ kind: 'stage-finished', iteration, record, wasDone: false });
  return { record, fineTuned };
}

function nothingToTrainOn(dropsPath: string): DataError {
  return new DataError({
    subject: 'filter',
    expected: 'at least one kept judgment to train on',
    received: 'none',
    remedy: `Look at ${dropsPath} for the reasons; more instructions or samples, or a better seed model, may help.`,
  });
}
