// One training of an iteration: its files, its job, and which of its checkpoints is taken.
import { writeFileAtomic } from '../core/files.js';
import { evaluateJudge, judgeMetrics } from '../evaluate/index.js';
import { sideOf, validationInstructions } from '../filter/index.js';
import { fineTuneAndChoose, fineTuneOnFile, type FineTuneOptions } from '../finetune/index.js';
import type { Estimate } from '../schema/estimate.js';
import type { EvaluatedItem } from '../schema/evaluation.js';
import type { CheckpointChoice, FineTunedModel, TrainingMethodName } from '../schema/fine-tuned-model.js';
import type { BenchmarkConfig } from './config.js';
import type { LoopContext } from './loop-context.js';
import { scoringOptionsOf, trainingOptionsOf } from './stage-options.js';

/** An example that can be put on one side of a split. */
interface SplittableExample {
  instructionId: string;
}

/** What to train on, and how. */
export interface TrainingPlan<Example extends SplittableExample> {
  method: TrainingMethodName;
  examples: readonly Example[];
  /** Examples in the form that a job is submitted with. */
  toJsonl: (examples: readonly Example[]) => string;
  trainingFilePath: string;
  /** Written only where the experiment holds examples back. */
  validationFilePath: string;
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
 * Trains, or finds what an earlier attempt has trained.
 * @throws ModelError, ConfigError, DataError
 */
export async function train<Example extends SplittableExample>(
  plan: TrainingPlan<Example>,
  context: LoopContext,
  onProgress: (detail: string) => void,
): Promise<TrainedModel> {
  const { config, backend, validation, signal } = context;
  const { method, iteration, baseModel } = plan;
  const training = trainingOptionsOf(iteration, { config, method });
  const { seed } = training;
  const nExamples = await writeFiles(plan, config);
  const options: FineTuneOptions = {
    ...training,
    backend,
    baseModel,
    trainingFilePath: plan.trainingFilePath,
    ...(config.finetune.validation ? { validationFilePath: plan.validationFilePath } : {}),
    onProgress,
    signal,
  };
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

/** Training goes on with examples of all instructions but those that are held back. @returns how many are trained on */
async function writeFiles<Example extends SplittableExample>(
  { examples, toJsonl, trainingFilePath, validationFilePath }: TrainingPlan<Example>,
  { finetune: { validation }, seed }: LoopContext['config'],
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

/** From now on the model is asked where its trainer serves it. */
function serve(
  { model, endpoint }: Pick<FineTunedModel, 'model' | 'endpoint'>,
  { serveAt }: LoopContext,
): void {
  if (endpoint !== undefined) serveAt(model, endpoint);
}

/** Greedy pairwise accuracy of a checkpoint, as the evaluation counts it. */
async function accuracyOn(
  model: string,
  items: NonNullable<LoopContext['validation']>['items'],
  context: LoopContext,
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
