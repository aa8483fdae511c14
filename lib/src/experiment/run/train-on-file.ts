// One training on existing files: its job, the choice of its checkpoint, and the address that serves it.
import { addCount } from '../../core/own.js';
import { fileHash } from '../../core/hash.js';
import { deriveSeed } from '../../core/random.js';
import { judgeMetrics } from '../../evaluate/index.js';
import {
  fineTuneAndChoose,
  fineTuneOnFile,
  type FineTuneOptions,
  type TrainingMethod,
} from '../../finetune/index.js';
import type { BenchmarkItem } from '../../schema/benchmark-item.js';
import type { Estimate } from '../../schema/estimate.js';
import type { EvaluatedItem } from '../../schema/evaluation.js';
import type { TrainedModel, TrainingMethodName } from '../../schema/fine-tuned-model.js';
import type { BenchmarkConfig } from '../config/benchmark-config.js';
import type { ExperimentConfig } from '../config/config.js';
import type { OpenedExperiment } from '../open/opened-experiment.js';
import { scoreStage } from './asking-stages.js';
import { serveModel } from './model-names.js';
import { cutSuffixOf, suffixOf } from './suffix.js';
import { acceptedLosses, ServerLosses } from './server-losses.js';

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

/** What is called while a training goes on. */
export interface TrainingListener {
  onProgress: (detail: string) => void;
  /** Called with the result of a training that is stopped early, before its job is cancelled. */
  onStoppedEarly?: ((trained: TrainedModel) => Promise<void>) | undefined;
}

/**
 * Trains, or finds what an earlier attempt has trained. Checkpoints and the resulting model are asked at the address where the trainer
 * serves them.
 * @throws ModelError, ConfigError, DataError; BudgetError where checkpoints are compared
 */
export async function trainOnFile(
  { method, nExamples, iteration, ...files }: TrainingOnFile,
  opened: OpenedExperiment,
  { onProgress, onStoppedEarly }: TrainingListener,
): Promise<TrainedModel> {
  const { config, validation, signal } = opened;
  const backend = await opened.openTrainer();
  const training = trainingOptionsOf(iteration, { config, method });
  const trainingFileHash = await fileHash(files.trainingFilePath);
  const made = { ...training, parent: files.baseModel, trainingFileHash, iteration };
  const options: FineTuneOptions = { ...training, ...files, backend, onProgress, signal };
  const { checkpoint } = config.finetune;
  if (!checkpoint || !validation) {
    const fineTuned = await fineTuneOnFile(nExamples, options);
    await serveModel(fineTuned, made, opened);
    return { fineTuned, choice: null, seed: training.seed };
  }
  const chosen = await fineTuneAndChoose(nExamples, {
    ...options,
    onStoppedEarly: async (made) => onStoppedEarly?.({ ...made, seed: training.seed }),
    choice: {
      validationSet: validationName(checkpoint.benchmark),
      score: async (scored) => {
        await serveModel(scored, made, opened);
        return accuracyOn(scored.model, validation.items, opened);
      },
      patience: checkpoint.patience,
    },
  });
  await serveModel(chosen.fineTuned, made, opened);
  return { ...chosen, seed: training.seed };
}

/** Greedy pairwise accuracy of a checkpoint, as the evaluation counts it. @throws ModelError where servers lose too many pairs */
async function accuracyOn(
  model: string,
  items: readonly BenchmarkItem[],
  opened: OpenedExperiment,
): Promise<Estimate> {
  const evaluated: EvaluatedItem[] = [];
  const losses = new ServerLosses();
  const nDropped: Record<string, number> = {};
  for await (const outcome of scoreStage(items, model, opened)) {
    if (outcome.kind === 'kept') evaluated.push(outcome.record);
    else {
      addCount(nDropped, outcome.drop.reason);
      losses.add(outcome.drop);
    }
  }
  const accepted = acceptedLosses(opened.config);
  losses.check({ subject: `scores of the checkpoint ${model}`, nInput: items.length, accepted });
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

/** What a training depends on besides its base model and its examples. @param iteration from 1 */
export function trainingOptionsOf(
  iteration: number,
  { config, method }: { config: ExperimentConfig; method: TrainingMethodName },
): Pick<FineTuneOptions, 'hyperparameters' | 'suffix' | 'keySuffix' | 'seed'> & { method: TrainingMethod } {
  const { finetune, name, seed } = config;
  const knobs = method === 'supervised' ? finetune : finetune[method];
  return {
    method: methodOf(method, finetune),
    hyperparameters: {
      nEpochs: knobs?.epochs,
      batchSize: knobs?.batchSize,
      learningRateMultiplier: knobs?.learningRateMultiplier,
      // Left out if it is not set, so that existing jobs of such experiments are found.
      ...(knobs?.learningRate === undefined ? {} : { learningRate: knobs.learningRate }),
    },
    suffix: suffixOf(name, iteration),
    keySuffix: cutSuffixOf(name, iteration),
    // The supervised seed has no method in its name, so that existing jobs are found.
    seed: deriveSeed(seed, 'finetune', ...(method === 'supervised' ? [] : [method]), iteration),
  };
}

function methodOf(
  method: TrainingMethodName,
  { dpo, reinforcement }: ExperimentConfig['finetune'],
): TrainingMethod {
  switch (method) {
    case 'supervised':
      return { type: method };
    case 'dpo':
      return { type: method, beta: dpo?.beta, nllScale: dpo?.nllScale };
    case 'reinforcement': {
      const { groupSize, updates: nUpdates, clip, klScale } = reinforcement ?? {};
      return { type: method, groupSize, nUpdates, clip, klScale };
    }
  }
}
