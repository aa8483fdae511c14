// The parts of a report that follow from a run's configuration and figures.
import { DEFAULT_LOSERS } from '../../generate/index.js';
import type { ReportParts, ReproductionPart } from '../../report/index.js';
import type { IterationMetrics } from '../../schema/evaluation.js';
import type { ExperimentConfig } from '../config/config.js';
import { plantedInWords } from '../config/planted.js';

/** The parts of a report that follow from configuration and figures. */
export function configuredParts(
  config: ExperimentConfig,
  iterations: readonly IterationMetrics[],
): Pick<
  ReportParts,
  'name' | 'description' | 'config' | 'iterations' | 'judging' | 'setUp' | 'reproduction'
> {
  const { name, description } = config;
  return {
    name,
    description,
    config,
    iterations,
    judging: judgingOf(config),
    setUp: setUpOf(config),
    reproduction: reproductionOf(config, iterations),
  };
}

function judgingOf({ evaluate }: ExperimentConfig): NonNullable<ReportParts['judging']> {
  if (evaluate.method === 'single-grading') return 'single grades';
  return evaluate.orders === 'one' ? 'one order' : 'both orders';
}

/** The comparison with the paper: the run's figures on a benchmark with published ones. */
function reproductionOf(
  { evaluate }: ExperimentConfig,
  iterations: readonly IterationMetrics[],
): ReproductionPart | undefined {
  if (evaluate.benchmark.source !== 'registry') return undefined;
  const nSamples = evaluate.vote?.samples;
  return {
    benchmark: evaluate.benchmark.name,
    iterations: iterations.map(({ iteration, published = {}, publishedVote }) => ({
      iteration,
      figures: published,
      ...(publishedVote && nSamples !== undefined ? { vote: { nSamples, figures: publishedVote } } : {}),
    })),
  };
}

/** The main settings, in words. */
function setUpOf(config: ExperimentConfig): { term: string; fact: string }[] {
  const { model, pack, instructions, generate, judge, filter, finetune, evaluate, iterations } = config;
  const seedModel = { term: 'Seed model', fact: `${model}, with the prompts of the pack ${pack}` };
  const measured = [
    { term: 'Measured on', fact: benchmarkInWords(evaluate.benchmark) },
    ...(evaluate.temperature === undefined
      ? []
      : [{ term: 'Verdicts', fact: `at temperature ${evaluate.temperature ?? 'not set'}, not greedy` }]),
    ...(evaluate.vote ? [{ term: 'Majority vote', fact: `${evaluate.vote.samples} samples` }] : []),
  ];
  if (iterations === 0 || instructions === undefined)
    return [seedModel, { term: 'Training', fact: 'none: the seed model alone is measured' }, ...measured];
  const planted = plantedInWords(config);
  const losers = (generate.losers ?? DEFAULT_LOSERS).map(({ method }) => method);
  return [
    seedModel,
    {
      term: 'Iterations',
      fact: `${iterations} of ${instructions.perIteration} ${instructions.fresh ? 'fresh' : 'and always the same'} instructions (${slicesOf(instructions)})`,
    },
    { term: 'Losers', fact: losers.join(', ') },
    ...(planted === null ? [] : [{ term: 'Planted on purpose', fact: planted }]),
    {
      term: 'Judgments',
      fact: `N = ${judge.samples}, ${judge.orders === 'both' ? 'in each order' : 'in one order a pair'}, temperature ${judge.temperature ?? 'not set'}, top-p ${judge.topP ?? 'not set'}`,
    },
    {
      term: 'Kept for training',
      fact: [
        filter.correctOnly ? 'right judgments only' : 'right or wrong',
        `${filter.perPair} a pair`,
        filter.balanceLabels ? 'A and B balanced' : 'labels as they come',
      ].join(', '),
    },
    {
      term: 'Training',
      fact: `${finetune.start === 'restart' ? 'restarted from the seed model' : 'continued from the model before'}, ${finetune.epochs} epochs${finetune.dpo ? ', then DPO' : ''}, by ${finetune.trainer.backend === 'command' ? 'a command' : 'the fine-tuning API'}`,
    },
    ...measured,
  ];
}

function slicesOf(instructions: NonNullable<ExperimentConfig['instructions']>): string {
  if (instructions.source !== 'pool') return instructions.slices.join(', ');
  return instructions.choose.slices?.join(', ') ?? 'of a pool';
}

function benchmarkInWords(benchmark: ExperimentConfig['evaluate']['benchmark']): string {
  switch (benchmark.source) {
    case 'embedded':
      return `${benchmark.pairs} pairs of the embedded world’s ${benchmark.split} split`;
    case 'jsonl':
      return benchmark.path;
    case 'registry':
      return benchmark.subsets ? `${benchmark.name}: ${benchmark.subsets.join(', ')}` : benchmark.name;
  }
}
