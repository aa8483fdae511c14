// Which file of an iteration holds the evaluation on a benchmark.
import { ConfigError } from '../../core/errors.js';
import { didYouMean } from '../../core/nearest.js';
import { printable } from '../../core/text.js';
import type { IterationManifest, StageRecord } from '../../schema/manifest.js';
import { ITERATION_FILES } from './run-files.js';

/**
 * The evaluation of an iteration on a benchmark.
 * @param name of several benchmarks; undefined: the headline, or the only one
 * @param runPath the run that an error names
 * @throws ConfigError where the iteration has no evaluation of that name
 */
export function evaluationIn(
  { stages, headline, iteration }: Pick<IterationManifest, 'stages' | 'headline' | 'iteration'>,
  name: string | undefined = headline,
  runPath?: string,
): { fileName: string; record: StageRecord | undefined } {
  const done = stages.filter(({ stage }) => stage === 'evaluate');
  const record = done.find(({ benchmark }) => benchmark === name);
  if (!record && name !== undefined)
    throw unknownBenchmark(
      name,
      done.flatMap(({ benchmark = [] }) => benchmark),
      [...(runPath === undefined ? [] : [printable(runPath)]), `iteration ${iteration}`].join(', '),
    );
  const written = Object.keys(record?.files ?? {}).find((file) => /^evaluation(-.*)?\.jsonl$/.test(file));
  return { fileName: written ?? ITERATION_FILES.evaluation, record };
}

/**
 * The error for a benchmark that there are no figures of.
 * @param names of those that there are; empty: a single one without a name
 */
export function unknownBenchmark(name: string, names: readonly string[], place?: string): ConfigError {
  const known = names.map((each) => printable(each));
  return new ConfigError({
    subject: place === undefined ? '--benchmark' : `--benchmark, ${place}`,
    expected: known.length === 0 ? 'no name, since there is one benchmark' : `one of ${known.join(', ')}`,
    received: `${printable(name)}${didYouMean(name, known)}`,
    remedy:
      'Name a benchmark of evaluate.benchmarks, or leave the option out for the headline; one that was added since is measured by autodidact run.',
  });
}
