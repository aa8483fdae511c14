// `autodidact compare`: compares two or more judges on the same items, item by item.
import { Option, type Command } from 'commander';
import { compareInputs } from '../experiment/index.js';
import { comparisonSentences, comparisonTable, toText, trivialText } from '../report/index.js';
import type { Finding } from '../schema/comparison-report.js';
import { EndWithCode, EXIT_CODES } from './exit-codes.js';
import { wholeNumber } from './option-values.js';
import { benchmarkOption, jsonOption, printResult, proseWidth, shownProse } from './shared-options.js';

interface CompareCommandOptions {
  baseline?: string;
  by?: string;
  allPairs: boolean;
  seed: number;
  resamples: number;
  benchmark?: string;
  failIf?: CompareFailure;
  json: boolean;
}

/** What fails a comparison: shown to be worse than the baseline; or not shown to be better. */
const FAILURES = {
  worse: ['worse'],
  'not-better': ['worse', 'within-noise', 'not-compared'],
} as const satisfies Record<string, readonly Finding[]>;
type CompareFailure = keyof typeof FAILURES;

/** Adds `compare` to the program. */
export function addCompareCommand(program: Command, signal: AbortSignal): void {
  program
    .command('compare')
    .description('compare judges on the same items, with intervals and tests')
    .argument(
      '<input...>',
      'folder of a run (its last iteration; folder@2: the second, folder@all: each as a judge), a file of `score --save`, or an evaluation.jsonl',
    )
    .option('--baseline <name>', 'judge that the others are compared with (default: the first)')
    .option(
      '--by <rule>',
      "published: by the accuracy that the inputs' benchmark publishes; or the name of a benchmark (default: a tie is half right)",
    )
    .option('--all-pairs', 'compare every judge with every other', false)
    .option('--seed <number>', 'seed of the bootstrap', wholeNumber(0, 2 ** 32 - 1), 1)
    .option('--resamples <number>', 'resamples of the bootstrap', wholeNumber(100, 10_000_000), 10_000)
    .addOption(benchmarkOption())
    .addOption(
      new Option(
        '--fail-if <finding>',
        'end with exit code 6 where this is so of some judge, over all items',
      ).choices(Object.keys(FAILURES)),
    )
    .addOption(jsonOption())
    .action(async (inputs: string[], { resamples, json, failIf, ...options }: CompareCommandOptions) => {
      const report = await compareInputs(inputs, { ...options, nResamples: resamples, signal });
      const text = (): string =>
        [
          toText(comparisonTable(report), { breakNames: true }),
          shownProse(comparisonSentences(report)),
          trivialText(report.trivial ?? [], proseWidth()),
        ]
          .filter((part) => part !== '')
          .join('\n\n');
      printResult(report, { json }, text);
      if (
        failIf &&
        report.overall.some(({ finding }) => (FAILURES[failIf] as readonly Finding[]).includes(finding))
      )
        throw new EndWithCode(EXIT_CODES.gateClosed);
    });
}
