// One training on files that are there: its job, which of its checkpoints is taken, and where that is asked from then on.
import { evaluateJudge, judgeMetrics } from '../../evaluate/index.js';
import { fineTuneAndChoose, fineTuneOnFile, type FineTuneOptions } from '../../finetune/index.js';
import type { BenchmarkItem } from '../../schema/benchmark-item.js';
import type { Estimate } from '../../schema/estimate.js';
import type { EvaluatedItem } from '../../schema/evaluation.js';
import type { CheckpointChoice, FineTunedModel, TrainingMethodName } from '../../schema/fine-tuned-model.js';
import type { BenchmarkConfig } from '../config/config.js';
import type { LoopContext } from './loop-context.js';
import { scoringOptionsOf, trainingOptionsOf } from './stage-options.js';

/** What a training needs of a run, or of a stage by itself. */
export type TrainingContext = Pick<
  LoopContext,
  'config' | 'pack' | 'chatModel' | 'backend' | 'serveAt' | 'validation' | 'signal'
>;

/** What to train on, and how. */
export interface TrainingOnFile {
  method: TrainingMethodName;
  /** How many lines the training file has. */
  nExamples: number;
  trainingFilePath: string;
  /** Examples that are never trained on; absent: none. */
  validationFilePath?: string | undefined;
  baseModel: string;
  iteration: number;
}

/** A trained model, and why this checkpoint of it; null where the last one was taken without looking. */
export interface TrainedModel {
  fineTuned: FineTunedModel;
  choice: CheckpointChoice | null;
  /** The seed of the training. */
  seed: number;
}

/**
 * Trains, or finds what an earlier attempt has trained. Every model that is asked for it, and the one that comes out, is asked where its
 * trainer serves it.
 * @throws ModelError, ConfigError, DataError; BudgetError where checkpoints are compared
 */
export async function trainOnFile(
  { method, nExamples, iteration, ...files }: TrainingOnFile,
  context: TrainingContext,
  onProgress: (detail: string) => void,
): Promise<TrainedModel> {
  const { config, backend, validation, signal } = context;
  const training = trainingOptionsOf(iteration, { config, method });
  const { seed } = training;
  const options: FineTuneOptions = { ...training, ...files, backend, onProgress, signal };
  const { checkpoint } = config.finetune;
  if (!checkpoint || !validation) {
    const fineTuned = await fineTuneOnFile(nExamples, options);
    serve(fineTuned, context);
    return { fineTuned, choice: null, seed };
  }
  const { fineTuned, choice } = await fineTuneAndChoose(nExamples, {
    ...options,
    choice: {
      validationSet: validationName(checkpoint.benchmark),
      score: (scored) => {
        serve(scored, context);
        return accuracyOn(scored.model, validation.items, context);
      },
      patience: checkpoint.patience,
    },
  });
  serve(fineTuned, context);
  return { fineTuned, choice, seed };
}

/** From now on the model is asked where its trainer serves it. */
function serve(
  { model, endpoint }: Pick<FineTunedModel, 'model' | 'endpoint'>,
  { serveAt }: TrainingContext,
): void {
  if (endpoint !== undefined) serveAt(model, endpoint);
}

/** Greedy pairwise accuracy of a checkpoint, as the evaluation counts it. */
async function accuracyOn(
  model: string,
  items: readonly BenchmarkItem[],
  context: TrainingContext,
): Promise<Estimate> {
  const evaluated: EvaluatedItem[] = [];
  let nDropped = 0;
  for await (const outcome of evaluateJudge(items, scoringOptionsOf(model, context))) {
    if (outcome.kind === 'kept') evaluated.push(outcome.record);
    else nDropped++;
  }
  return judgeMetrics(evaluated, { nDropped, judge: model }).accuracy;
}

function validationName(benchmark: BenchmarkConfig): string {
  switch (benchmark.source) {
    case 'embedded':
      return `embedded, ${benchmark.split}, ${benchmark.pairs} pairs`;
    case 'jsonl':
      return benchmark.path;
    case 'registry':
      return benchmark.name;
  }
}
