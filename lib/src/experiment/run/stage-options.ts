// From the settings of an experiment to the options of its stages: the one place, for runs and plans.
import { deriveSeed } from '../../core/random.js';
import type { EvaluateOptions } from '../../evaluate/index.js';
import type { FineTuneOptions } from '../../finetune/index.js';
import type { GenerateOptions } from '../../generate/index.js';
import type { JudgeOptions } from '../../judge/index.js';
import type { ClassifyOptions } from '../../select/index.js';
import type { TrainingMethodName } from '../../schema/fine-tuned-model.js';
import type { ExperimentConfig } from '../config/config.js';
import type { LoopContext } from './loop-context.js';
import type { UnclassifiedPool } from '../open/sources.js';

/** What the stages that ask models need of a run. */
export type AskingContext = Pick<LoopContext, 'config' | 'pack' | 'chatModel' | 'signal'>;

/** The most that the API allows, so that the rarer verdict is rarely missing. */
const TOP_LOGPROBS = 20;

/** How the instructions of a pool are classified. */
export function classifyOptionsOf(
  { settings }: UnclassifiedPool,
  { config, pack, chatModel, signal }: AskingContext,
): ClassifyOptions {
  const { model, seed } = config;
  return { ...settings, chatModel, pack, model: settings.model ?? model, seed, signal };
}

/** How pairs are written. */
export function generateOptionsOf({ config, pack, chatModel, signal }: AskingContext): GenerateOptions {
  const { generate, model, seed } = config;
  return { ...generate, chatModel, pack, model: generate.model ?? model, seed, signal };
}

/** How a judge judges pairs. */
export function judgeOptionsOf(
  judgeModel: string,
  { config, pack, chatModel, signal }: AskingContext,
): JudgeOptions {
  const { samples, orders, ...sampling } = config.judge;
  return { chatModel, pack, model: judgeModel, sampling, samples, orders, seed: config.seed, signal };
}

/** What a training depends on besides its base model and its examples. @param iteration from 1 */
export function trainingOptionsOf(
  iteration: number,
  { config, method }: { config: ExperimentConfig; method: TrainingMethodName },
): Pick<FineTuneOptions, 'method' | 'hyperparameters' | 'suffix' | 'seed'> {
  const { finetune, name, seed } = config;
  const knobs = method === 'dpo' ? finetune.dpo : finetune;
  return {
    method:
      method === 'dpo'
        ? { type: method, beta: finetune.dpo?.beta, nllScale: finetune.dpo?.nllScale }
        : { type: method },
    hyperparameters: {
      nEpochs: knobs?.epochs,
      batchSize: knobs?.batchSize,
      learningRateMultiplier: knobs?.learningRateMultiplier,
      // Left out where it is not set, so that jobs of experiments without it are found.
      ...(knobs?.learningRate === undefined ? {} : { learningRate: knobs.learningRate }),
    },
    suffix: suffixOf(name, iteration),
    // The supervised training has the seed that it had when it was the only one.
    seed: deriveSeed(seed, 'finetune', ...(method === 'dpo' ? [method] : []), iteration),
  };
}

/** Providers allow 18 characters, so that the end, which tells iterations apart, is what must stay. */
function suffixOf(name: string, iteration: number): string {
  return `${name}-${iteration}`.slice(-18).replace(/^-+/, '');
}

/** How a checkpoint is scored on held-out pairs: as a judge is evaluated, by its greedy verdicts alone. */
export function scoringOptionsOf(model: string, context: AskingContext): EvaluateOptions {
  return { ...evaluateOptionsOf(model, context), vote: undefined };
}

/** How a judge is evaluated. */
export function evaluateOptionsOf(
  judgeModel: string,
  { config, pack, chatModel, signal }: AskingContext,
): EvaluateOptions {
  const { maxTokens, vote, logprobs, method, orders, orderSeed } = config.evaluate;
  return {
    chatModel,
    pack,
    model: judgeModel,
    maxTokens,
    vote: vote && { ...vote, maxTokens },
    method,
    orders,
    orderSeed,
    topLogprobs: logprobs ? TOP_LOGPROBS : undefined,
    seed: config.seed,
    signal,
  };
}
