// The parts of a report that follow from a run's configuration and figures.
import { DEFAULT_LOSERS } from '../../generate/index.js';
import type { ReportParts, ReproductionPart } from '../../report/index.js';
import { benchmarksIn, onBenchmark, type IterationMetrics } from '../../schema/evaluation.js';
import type { ExperimentConfig } from '../config/config.js';
import { evaluationsOf, type EvaluateSettings, type Evaluation } from '../config/evaluate-config.js';
import { plantedInWords } from '../config/planted.js';

/** The parts of a report that follow from configuration and figures. */
export function configuredParts(
  config: ExperimentConfig,
  iterations: readonly IterationMetrics[],
): Pick<
  ReportParts,
  'name' | 'description' | 'config' | 'iterations' | 'judging' | 'setUp' | 'reproduction' | 'others'
> {
  const { name, description } = config;
  const evaluations = evaluationsOf(config);
  // Of the benchmarks that have figures: one that was added since has none yet.
  const [headline, ...others] = benchmarksIn(iterations);
  const partsOf = (benchmark: string | undefined, figures: readonly IterationMetrics[]) => {
    const evaluation = evaluations.find((each) => each.name === benchmark) ?? evaluations[0];
    return {
      iterations: figures,
      judging: judgingOf(evaluation),
      reproduction: reproductionOf(evaluation, figures),
    };
  };
  return {
    name,
    description,
    config,
    setUp: setUpOf(config),
    ...partsOf(headline, iterations),
    others: others.map((benchmark) => ({
      benchmark,
      ...partsOf(benchmark, onBenchmark(iterations, benchmark)),
    })),
  };
}

function judgingOf({ settings }: Evaluation): NonNullable<ReportParts['judging']> {
  if (settings.method === 'single-grading') return 'single grades';
  return settings.orders === 'one' ? 'one order' : 'both orders';
}

/** The comparison with the paper: the run's figures on a benchmark with published ones. */
export function reproductionOf(
  { settings: { benchmark, vote } }: Evaluation,
  iterations: readonly IterationMetrics[],
): ReproductionPart | undefined {
  if (benchmark.source !== 'registry') return undefined;
  const nSamples = vote?.samples;
  return {
    benchmark: benchmark.name,
    iterations: iterations.map(({ iteration, published = {}, publishedVote }) => ({
      iteration,
      figures: published,
      ...(publishedVote && nSamples !== undefined ? { vote: { nSamples, figures: publishedVote } } : {}),
    })),
  };
}

/** The main settings, in words. */
function setUpOf(config: ExperimentConfig): { term: string; fact: string }[] {
  const { model, pack, instructions, generate, judge, filter, finetune, iterations } = config;
  const seedModel = { term: 'Seed model', fact: `${model}, with the prompts of the pack ${pack}` };
  const measured = evaluationsOf(config).flatMap(({ settings, ...evaluation }) => {
    const { benchmark, temperature, vote } = settings;
    const of = config.evaluate.benchmarks ? ` (${evaluation.name})` : '';
    const prompts = evaluation.pack === undefined ? '' : `, with the prompts of the pack ${evaluation.pack}`;
    const headline = of !== '' && evaluation.isHeadline ? ', the headline' : '';
    return [
      { term: `Measured on${of}`, fact: `${benchmarkInWords(benchmark)}${prompts}${headline}` },
      ...(temperature === undefined
        ? []
        : [{ term: `Verdicts${of}`, fact: `at temperature ${temperature ?? 'not set'}, not greedy` }]),
      ...(vote ? [{ term: `Majority vote${of}`, fact: `${vote.samples} samples` }] : []),
    ];
  });
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
      fact: `${finetune.start === 'restart' ? 'restarted from the seed model' : 'continued from the model before'}, ${trainingsOf(finetune)}, by ${finetune.trainer.backend === 'command' ? 'a command' : 'the fine-tuning API'}`,
    },
    ...measured,
  ];
}

function slicesOf(instructions: NonNullable<ExperimentConfig['instructions']>): string {
  if (instructions.source !== 'pool') return instructions.slices.join(', ');
  return instructions.choose.slices?.join(', ') ?? 'of a pool';
}

function benchmarkInWords(benchmark: EvaluateSettings['benchmark']): string {
  switch (benchmark.source) {
    case 'embedded':
      return `${benchmark.pairs} pairs of the embedded world’s ${benchmark.split} split`;
    case 'jsonl':
      return benchmark.path;
    case 'registry':
      return benchmark.subsets ? `${benchmark.name}: ${benchmark.subsets.join(', ')}` : benchmark.name;
  }
}

function trainingsOf({ epochs, dpo, reinforcement }: ExperimentConfig['finetune']): string {
  if (reinforcement?.warmStart === false) return 'by rewards (GRPO) alone';
  return `${epochs} epochs${dpo ? ', then DPO' : ''}${reinforcement ? ', then by rewards (GRPO)' : ''}`;
}
