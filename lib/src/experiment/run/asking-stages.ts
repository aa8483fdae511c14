// The stages of an iteration that ask models, with options from the experiment's settings: used by runs, single stages, plans and batch
// rounds.
import { evaluateJudge, probeJudge, type EvaluateOptions } from '../../evaluate/index.js';
import { generatePairs } from '../../generate/index.js';
import { judgePairs, type JudgeOptions } from '../../judge/index.js';
import type { BenchmarkItem } from '../../schema/benchmark-item.js';
import type { Outcome } from '../../schema/drop.js';
import type { EvaluatedItem } from '../../schema/evaluation.js';
import type { Instruction } from '../../schema/instruction.js';
import type { JudgedPair } from '../../schema/judgment.js';
import type { ProbedItem } from '../../schema/probed-item.js';
import type { ResponsePair } from '../../schema/response-pair.js';
import { classifyInstructions } from '../../select/index.js';
import { sharedSettings, type EvaluateSettings } from '../config/evaluate-config.js';
import type { OpenedAudit } from '../open/opened-audit.js';
import type { OpenedEvaluation } from '../open/evaluations.js';
import type { OpenedExperiment } from '../open/opened-experiment.js';
import type { UnclassifiedPool } from '../open/sources.js';

/** What these stages need of an experiment. */
export type Asking = Pick<OpenedExperiment, 'config' | 'pack' | 'chatModel' | 'signal'>;

type Items<Item> = AsyncIterable<Item> | Iterable<Item>;

/** Most that the API allows, so that the rarer verdict is seldom missing. */
const TOP_LOGPROBS = 20;

/** Labels the instructions of a pool. */
export function classifyStage(
  candidates: Items<Outcome<Instruction>>,
  { settings }: Pick<UnclassifiedPool, 'settings'>,
  { config: { model, seed }, pack, chatModel, signal }: Asking,
): AsyncIterable<Outcome<Instruction>> {
  const options = { ...settings, model: settings.model ?? model, seed };
  return classifyInstructions(candidates, { ...options, pack, chatModel, signal });
}

/** Writes pairs. */
export function generateStage(
  instructions: Items<Instruction>,
  { config, pack, chatModel, signal }: Asking,
): AsyncIterable<Outcome<ResponsePair>> {
  const { generate, model, seed } = config;
  const options = { ...generate, model: generate.model ?? model, seed };
  return generatePairs(instructions, { ...options, pack, chatModel, signal });
}

/**
 * Judges pairs.
 * @param judge.orders in place of those of the experiment
 */
export function judgeStage(
  pairs: Items<ResponsePair>,
  judge: { model: string; orders?: JudgeOptions['orders'] | undefined },
  { config, pack, chatModel, signal }: Asking,
): AsyncIterable<Outcome<JudgedPair>> {
  const { samples, orders, ...sampling } = config.judge;
  const options = {
    model: judge.model,
    sampling,
    samples,
    orders: judge.orders ?? orders,
    seed: config.seed,
  };
  return judgePairs(pairs, { ...options, pack, chatModel, signal });
}

/** Evaluates a judge on the pairs of a benchmark. @param how the settings and prompts of that benchmark */
export function evaluateStage(
  items: Items<BenchmarkItem>,
  judge: string,
  { how, ...asking }: Asking & { how: Pick<OpenedEvaluation, 'settings' | 'pack'> },
): AsyncIterable<Outcome<EvaluatedItem>> {
  return evaluateJudge(items, evaluateOptionsOf(judge, how.settings, { ...asking, pack: how.pack }));
}

/** Tries the probes of an audit on a judge. */
export function auditStage(
  judge: string,
  { items, evaluation: { settings, pack } }: Pick<OpenedAudit, 'items' | 'evaluation'>,
  asking: Asking,
): AsyncIterable<Outcome<ProbedItem>> {
  return probeJudge(items, evaluateOptionsOf(judge, settings, { ...asking, pack }));
}

/** Scores a checkpoint on held-out pairs: as a judge is evaluated where a benchmark has no settings of its own, by greedy verdicts alone. */
export function scoreStage(
  items: Items<BenchmarkItem>,
  checkpoint: string,
  asking: Asking,
): AsyncIterable<Outcome<EvaluatedItem>> {
  const options = evaluateOptionsOf(checkpoint, sharedSettings(asking.config), asking);
  return evaluateJudge(items, { ...options, vote: undefined });
}

/** The settings of an evaluation as options of its judge. */
export function evaluateOptionsOf(
  model: string,
  settings: Omit<EvaluateSettings, 'benchmark'>,
  { config, pack, chatModel, signal }: Asking,
): EvaluateOptions {
  const { temperature, topP, maxTokens, vote, logprobs, method, orders, orderSeed } = settings;
  return {
    chatModel,
    pack,
    model,
    temperature,
    topP,
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
