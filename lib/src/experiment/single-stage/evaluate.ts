// The evaluate stage alone: a judge on the experiment's benchmark.
import { judgeFigures, readEvaluation, type JudgeFigures } from '../score/judge-figures.js';
import { headlineOf } from '../open/evaluations.js';
import { unknownBenchmark } from '../layout/evaluation-of.js';
import { prepareExperiment } from '../open/prepare.js';
import { evaluateStage } from '../run/asking-stages.js';
import { askInStage } from './asking-stage.js';
import { stagePaths, type SingleStageOptions, type SingleStageResult } from './stage-file.js';

/** The result of an evaluation. */
export interface EvaluationResult extends SingleStageResult, JudgeFigures {
  model: string;
}

/**
 * Evaluates a judge.
 * @param options.model the judge; absent: the seed model
 * @param options.benchmark name of one of several benchmarks; absent: the headline
 * @throws ConfigError, DataError, ModelError, BudgetError; the signal's reason when it aborts
 */
export async function evaluateToFile(
  options: SingleStageOptions & { model?: string | undefined; benchmark?: string | undefined },
): Promise<EvaluationResult> {
  const { configPath, overrides, outFile } = options;
  const paths = await stagePaths(outFile, [configPath]);
  const prepared = await prepareExperiment(configPath, overrides, options.signal);
  const { model = prepared.config.model, benchmark: name } = options;
  const { evaluations } = prepared;
  const how = name === undefined ? headlineOf(evaluations) : evaluations.find((each) => each.name === name);
  if (!how)
    throw unknownBenchmark(
      name ?? '',
      evaluations.map((each) => each.name),
    );
  const { items } = how.benchmark;
  const result = await askInStage(
    prepared,
    {
      stage: 'evaluate',
      paths,
      models: [model],
      nExpected: items.length,
      outcomes: (asking) => evaluateStage(items, model, { ...asking, how }),
    },
    options,
  );
  const figures = judgeFigures(await readEvaluation(outFile), {
    ...how,
    judge: model,
    nDropped: result.record.drops,
  });
  return { ...result, model, ...figures };
}
