// Compares judges by the accuracy that their benchmark publishes: scores of pairs by its own rule take the place of verdicts.
import { ConfigError } from '../../core/errors.js';
import {
  agreeOnGold,
  BENCHMARKS,
  benchmarkNamed,
  scoredTable,
  type NamedJudge,
} from '../../evaluate/index.js';
import { RunFolder } from '../../store/index.js';
import { evaluationsOf } from '../config/evaluate-config.js';
import { readRunConfig } from '../config/run-config.js';

/** A judge with its verdicts, and where it comes from. */
export interface JudgeOfBenchmark extends NamedJudge {
  source: string;
  /** The run's folder, or the benchmark that a file of scored items names. */
  runPath?: string;
  benchmark?: string | undefined;
}

/**
 * Judges whose scores are those of a rule, and the rule in words.
 * @param by `published`, for the benchmark of the inputs, or the name of a benchmark
 * @param onBenchmark of several benchmarks of runs, the one whose items are compared; absent: their headlines
 * @throws ConfigError for a benchmark that is not known, or whose publications have no accuracy of pairs
 * @throws DataError for an item with two gold labels
 */
export async function scoredBy<Judge extends JudgeOfBenchmark>(
  judges: readonly Judge[],
  by: string,
  onBenchmark?: string,
): Promise<{ judges: Judge[]; by: string }> {
  const names = by === 'published' ? await benchmarksOf(judges, onBenchmark) : [by];
  const [name = ''] = names;
  const { scoring, title, convention, publishes } = benchmarkNamed(name) ?? {};
  if (!scoring || names.length > 1) {
    const published = BENCHMARKS.filter((benchmark) => benchmark.scoring).map((benchmark) => benchmark.name);
    throw new ConfigError({
      subject: `--by ${by}`,
      expected: `inputs of one benchmark that publishes an accuracy of single pairs: ${published.join(', ')}`,
      received: `${names.join(' and ')}${names.length === 1 && publishes !== undefined ? `, which publishes ${publishes}` : ''}`,
      remedy:
        names.length === 1 && publishes !== undefined
          ? `Leave out --by: accuracies over all items and by subset are compared, with a tie as half right. The published figure of each judge, with its interval but without a test of the difference: autodidact score ${name}`
          : `Name the benchmark where the inputs do not, as --by ${published[0]}; without --by, accuracies are compared, with a tie as half right.`,
    });
  }
  agreeOnGold(judges);
  const rescored = judges.map((judge) => ({
    ...judge,
    tables: judge.tables.mapped((table) => scoredTable(table, { ...scoring, convention })),
  }));
  return { judges: rescored, by: `${title}: ${scoring.rule}` };
}

/** The names of the inputs' benchmarks, each once. */
async function benchmarksOf(
  judges: readonly JudgeOfBenchmark[],
  onBenchmark: string | undefined,
): Promise<string[]> {
  const names = new Set<string>();
  for (const { runPath, benchmark, source } of judges) {
    if (runPath === undefined)
      names.add(benchmark ?? `an input that does not name its benchmark (${source})`);
    else {
      const evaluations = evaluationsOf(await readRunConfig(new RunFolder(runPath)));
      const found = evaluations.find(({ name, isHeadline }) =>
        onBenchmark === undefined ? isHeadline : name === onBenchmark,
      );
      const settings = found?.settings.benchmark;
      names.add(settings?.source === 'registry' ? settings.name : 'pairs of your own');
    }
  }
  return [...names];
}
