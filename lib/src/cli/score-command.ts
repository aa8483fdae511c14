// `autodidact score`: recorded judgments of any judge, read from their text again and counted.
import { InvalidArgumentError, type Command } from 'commander';
import { ConfigError } from '../core/errors.js';
import { printable } from '../core/text.js';
import { ROW_FORMATS, type RowFormat } from '../datasets/index.js';
import { BENCHMARKS, benchmarkNamed, RECORDED_FORMAT_NAMES } from '../evaluate/index.js';
import { scoreRecorded, scoreSubsetAccuracies } from '../experiment/index.js';
import { agreementTable, count, figureTable, gradeTable, resultSetTable, toText } from '../report/index.js';
import type { Score } from '../schema/index.js';

/** Differing judgments and bad rows that a person is shown; `--json` has more. */
const MOST_SHOWN = 10;

interface ScoreCommandOptions {
  judgments?: string[];
  items?: string[];
  columns?: Record<string, unknown>;
  format?: string;
  fileFormat?: RowFormat;
  rule?: string;
  judge?: string;
  save?: string;
  cache?: string;
  subsetAccuracies?: string[];
  priorSets?: number;
  json: boolean;
}

/** Adds `score` to the program. */
export function addScoreCommand(program: Command, signal: AbortSignal): void {
  program
    .command('score')
    .description('score recorded judgments of any judge on a benchmark')
    .argument('<benchmark>', BENCHMARKS.map(({ name }) => name).join(', '))
    .option(
      '--judgments <file...>',
      `files of judgments, in a format of ${RECORDED_FORMAT_NAMES.join(', ')}; .gz too`,
    )
    .option(
      '--items <file...>',
      'files of the benchmark with its gold labels (default: the cache of `autodidact data`)',
    )
    .option(
      '--columns <json>',
      'columns of the items of `pairs`, e.g. {"winner":"chosen","loser":"rejected"}',
      json,
    )
    .option(
      '--format <name>',
      `one of ${RECORDED_FORMAT_NAMES.join(', ')} (default: detected from the first row)`,
    )
    .option(
      '--file-format <name>',
      `${ROW_FORMATS.join(', ')} (default: detected from the names of the files)`,
      fileFormat,
    )
    .option('--rule <name>', "verdict rule by which all texts are read (default: the format's own)")
    .option('--judge <name>', 'who judged (default: as the rows or the file say)')
    .option('--save <file>', "write every item's verdicts as JSON Lines, for `autodidact compare`")
    .option('--cache <folder>', 'where data sets are kept')
    .option(
      '--subset-accuracies <file...>',
      'rewardbench: published accuracies by subset, in place of judgments',
    )
    .option(
      '--prior-sets <percent>',
      'rewardbench: mean accuracy on the prior sets, for the scale of five terms',
      percentage,
    )
    .option('--json', 'print every figure as JSON', false)
    .action((benchmark: string, options: ScoreCommandOptions) => scoreCommand(benchmark, options, signal));
}

async function scoreCommand(
  benchmark: string,
  options: ScoreCommandOptions,
  signal: AbortSignal,
): Promise<void> {
  const { judgments, subsetAccuracies, cache, ...rest } = options;
  if (
    subsetAccuracies !== undefined &&
    benchmark === 'rewardbench' &&
    judgments === undefined &&
    options.save === undefined
  ) {
    const priorSets = options.priorSets === undefined ? null : options.priorSets / 100;
    const score = await scoreSubsetAccuracies(subsetAccuracies, { judge: options.judge, priorSets });
    print(
      options.json
        ? JSON.stringify(score)
        : `${toText(figureTable(score.judges))}${badRowLines(score.badRows)}`,
    );
    return;
  }
  if (judgments === undefined || subsetAccuracies !== undefined || options.priorSets !== undefined) {
    throw new ConfigError({
      subject: 'score',
      expected:
        'judgments, or, for rewardbench alone, accuracies by subset, of which there are no items to save',
      received:
        judgments === undefined && subsetAccuracies === undefined ? 'neither' : 'what does not go together',
      remedy: 'Name the files: autodidact score llmbar --judgments result.json',
    });
  }
  const score = await scoreRecorded({ benchmark, judgments, cacheFolder: cache, ...rest, signal });
  print(options.json ? JSON.stringify(score) : describe(score));
}

function describe(score: Score): string {
  const parts = [
    score.sets.length > 0 ? toText(resultSetTable(score.sets)) : '',
    score.judges.some(({ figures }) => Object.keys(figures).length > 0)
      ? `as the benchmark's publications count them:\n${toText(figureTable(score.judges))}`
      : '',
    score.grades.length > 0 ? toText(gradeTable(score.grades)) : '',
    Object.keys(score.goldAgreement).length > 0 ? toText(agreementTable(score.goldAgreement)) : '',
    summaryOf(score),
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

/** How the gold labels of a benchmark are got, where the registry has them. */
function pullAdvice(benchmark: string): string {
  const datasets = benchmarkNamed(benchmark)?.itemFiles.map(({ dataset }) => dataset) ?? [];
  return datasets.length === 0 ? '' : `, or run: autodidact data pull ${datasets.join(' ')}`;
}

function summaryOf(score: Score): string {
  const { nJudgments, nReparsed, nDiffering, differing, nWithoutGold, droppedItems } = score;
  const lines = [
    nReparsed === 0
      ? `${plural(nJudgments, 'judgment')}, none with a verdict recorded beside its text`
      : `${plural(nJudgments, 'judgment')}; ${count(nReparsed)} held against the verdict recorded with them, ${count(nDiffering)} differ`,
    ...differing
      .slice(0, MOST_SHOWN)
      .map(
        ({ file, line, judge, itemId, shown, recorded, parsed }) =>
          `  ${file}:${line} ${judge} ${itemId} ${shown}: recorded ${recorded}, read ${parsed}`,
      ),
    ...(nWithoutGold > 0
      ? [
          `${count(nWithoutGold)} items have no gold label, so no accuracy: name a file that has it with --items${pullAdvice(score.benchmark)}`,
        ]
      : []),
    ...Object.entries(droppedItems).map(
      ([reason, n]) => `${count(n)} rows of the benchmark are no items: ${reason}`,
    ),
  ];
  return lines.map((line) => printable(line, 1000)).join('\n') + badRowLines(score.badRows, score.dropped);
}

function plural(n: number, noun: string): string {
  return `${count(n)} ${noun}${n === 1 ? '' : 's'}`;
}

function badRowLines(badRows: Score['badRows'], dropped: Score['dropped'] = {}): string {
  if (badRows.length === 0) return '';
  const reasons = Object.entries(dropped).map(([reason, n]) => `${reason} ${count(n)}`);
  const shown = badRows
    .slice(0, MOST_SHOWN)
    .map(({ file, line, reason, detail }) => printable(`  ${file}:${line} ${reason}: ${detail}`));
  return `\nrows that could not be used: ${reasons.length > 0 ? reasons.join(', ') : count(badRows.length)}\n${shown.join('\n')}`;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

function json(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  } catch {
    // Said below.
  }
  throw new InvalidArgumentError('expected a JSON object.');
}

function fileFormat(text: string): RowFormat {
  const format = ROW_FORMATS.find((known) => known === text);
  if (format) return format;
  throw new InvalidArgumentError(`expected one of ${ROW_FORMATS.join(', ')}.`);
}

function percentage(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= 0 && value <= 100) return value;
  throw new InvalidArgumentError('expected a number from 0 to 100.');
}
