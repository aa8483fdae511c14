// The stages of an experiment in the order of a run: classify; evaluate the seed; then for each iteration select, generate, judge,
// filter, prefer, finetune and evaluate. Runs (loop.ts), plans (plan/survey.ts) and batch rounds (batch-walk.ts) follow it. Select is a
// part of `generate` here, filter and prefer are parts of `train`, and the audit of a judge is a part of `evaluate`.
import type { ExperimentConfig } from '../config/config.js';

/**
 * Carries the stages out, or looks at what they would ask for.
 * `Source`: what iterations take instructions from. `Pairs` and `Judgments`: what an iteration makes. `Judge`: a model's name, or what
 * stands for one that is not trained yet.
 */
export interface PipelineExecutor<Source, Pairs, Judgments, Judge> {
  /** Opens the instructions, and classifies the pool if there is one to classify. */
  classify: () => Promise<Source>;
  /** The judge of an iteration that is complete, whose stages need not be followed; absent or undefined: they are. */
  finished?: (iteration: number) => Promise<Judge | undefined>;
  /** Selects instructions and writes pairs for them. @param iteration from 1, here and below */
  generate: (iteration: number, source: Source) => Promise<Pairs>;
  judge: (iteration: number, judge: Judge, pairs: Pairs) => Promise<Judgments>;
  /** Filters the judgments and trains on what is kept. @returns the judge that comes out */
  train: (iteration: number, judge: Judge, judgments: Judgments) => Promise<Judge>;
  /** Evaluates a judge on the held-out pairs and audits it, which ends its iteration. @param iteration 0 for the seed model */
  evaluate: (iteration: number, judge: Judge) => Promise<void>;
}

/**
 * Follows the stages: the pool is classified, the seed model is evaluated as iteration 0, and each iteration starts from the judge that
 * the one before it made. Without iterations only the seed model is evaluated.
 * @throws whatever the executor throws
 */
export async function followPipeline<Source, Pairs, Judgments, Judge>(
  { iterations }: Pick<ExperimentConfig, 'iterations'>,
  seed: Judge,
  executor: PipelineExecutor<Source, Pairs, Judgments, Judge>,
): Promise<void> {
  // A seed model that is only measured takes no instructions.
  const taken = iterations === 0 ? null : { source: await executor.classify() };
  let judge = seed;
  for (let iteration = 0; iteration <= iterations; iteration++) {
    const finished = await executor.finished?.(iteration);
    if (finished !== undefined) {
      judge = finished;
      continue;
    }
    if (taken && iteration > 0) {
      const pairs = await executor.generate(iteration, taken.source);
      const judgments = await executor.judge(iteration, judge, pairs);
      judge = await executor.train(iteration, judge, judgments);
    }
    await executor.evaluate(iteration, judge);
  }
}
