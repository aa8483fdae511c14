// `autodidact score`: reads recorded judgments of any judge from their texts again, and counts them.
import { Option, type Command } from 'commander';
import { ConfigError } from '../core/errors.js';
import { groupBy } from '../core/group-by.js';
import { printable } from '../core/text.js';
import type { RowFormat } from '../datasets/index.js';
import { BENCHMARKS, benchmarkNamed, RECORDED_FORMAT_NAMES } from '../evaluate/index.js';
import { scoreRecorded, scoreSubsetAccuracies } from '../experiment/index.js';
import {
  agreementTable,
  ALL_ITEMS,
  byReason,
  count,
  counted,
  figureTable,
  gradeTable,
  percentWithInterval,
  oneOrderNote,
  labelLines,
  resultSetTable,
  toText,
  trivialText,
} from '../report/index.js';
import { verdictRuleSchema } from '../prompt/index.js';
import { METRICS, type Coverage, type Score } from '../schema/index.js';
import { badRowLines } from './bad-row-lines.js';
import { EndWithCode, EXIT_CODES } from './exit-codes.js';
import { columnMapping, number } from './option-values.js';
import { fileFormatOption, jsonOption, printResult, proseWidth, shownProse } from './shared-options.js';

/** Differing judgments that are shown; `--json` has more. */
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
    .argument('<benchmark>', `${BENCHMARKS.map(({ name }) => name).join(', ')} (your own)`)
    .option(
      '--judgments <file...>',
      `files of judgments, in a format of ${RECORDED_FORMAT_NAMES.join(', ')}; .gz too`,
    )
    .option(
      '--items <file...>',
      'files of the benchmark with its gold labels (default: the cache of `autodidact data`)',
    )
    .option(
      '--columns <mapping>',
      'columns of the items of `pairs`, e.g. instruction=prompt.0.content,winner=chosen, or as JSON',
      columnMapping,
    )
    .option(
      '--format <name>',
      `one of ${RECORDED_FORMAT_NAMES.join(', ')} (default: detected from the first row)`,
    )
    .addOption(fileFormatOption())
    .addOption(
      new Option('--rule <name>', "verdict rule for all texts (default: the format's own)").choices(
        verdictRuleSchema.options,
      ),
    )
    .option('--judge <name>', 'name of the judge (default: from the rows or the file)')
    .option('--save <file>', "write every item's verdicts as JSON Lines, for `autodidact compare`")
    .option('--cache <folder>', 'folder of data sets')
    .option(
      '--subset-accuracies <file...>',
      'rewardbench: published accuracies by subset, in place of judgments',
    )
    .option(
      '--prior-sets <percent>',
      'rewardbench: mean accuracy on the prior sets, for the score of five terms',
      number((value) => value <= 100, 'a number from 0 to 100'),
    )
    .addOption(jsonOption())
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
    printResult(score, options, () =>
      [toText(figureTable(score.judges)), ...badRowLines(score.badRows)].join('\n'),
    );
    return;
  }
  if (judgments === undefined || subsetAccuracies !== undefined || options.priorSets !== undefined) {
    throw new ConfigError({
      subject: 'score',
      expected: '--judgments; or, for rewardbench, --subset-accuracies without --save',
      received:
        judgments === undefined && subsetAccuracies === undefined
          ? 'neither'
          : 'options that exclude each other',
      remedy: 'Name the files: autodidact score llmbar --judgments result.json',
    });
  }
  const score = await scoreRecorded({ benchmark, judgments, cacheFolder: cache, ...rest, signal });
  printResult(score, options, describe);
  if (isNothingRead(score)) throw new EndWithCode(EXIT_CODES.endpointFailed);
  const { sets, coverage } = score;
  if (
    sets.length > 0 &&
    sets.every(({ judge }) => coverage.some((of) => of.judge === judge && of.nJudged === 0))
  )
    throw new EndWithCode(EXIT_CODES.wrongInput);
}

/** Whether no text of any judge holds a verdict, so that there is no figure at all. */
function isNothingRead({ unread, sets, grades }: Score): boolean {
  const blank = new Set(unread.filter(({ nTexts, nUnread }) => nUnread === nTexts).map(({ judge }) => judge));
  return grades.length === 0 && sets.length > 0 && sets.every(({ judge }) => blank.has(judge));
}

function describe(score: Score): string {
  const figures = figureTable(score.judges, score.sets);
  const parts = [
    score.sets.length > 0
      ? `${toText(resultSetTable(score.sets, score.judges), { breakNames: true })}\n${shownProse([`accuracy: ${METRICS.accuracy.explanation}`, ...overAll(score)])}`
      : '',
    figures.rows.length > 0
      ? `${score.benchmark === 'pairs' ? 'by other rules' : "as the benchmark's publications count"}:\n${toText(figures, { breakNames: true })}`
      : '',
    trivialText(score.trivial, proseWidth()),
    score.grades.length > 0 ? toText(gradeTable(score.grades)) : '',
    Object.keys(score.goldAgreement).length > 0 ? toText(agreementTable(score.goldAgreement)) : '',
    summaryOf(score),
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

/** How the rows over all items count, where there are some. */
function overAll({ judges }: Score): string[] {
  if (!judges.some(({ metrics }) => metrics)) return [];
  return [`${ALL_ITEMS}: of all subsets together, in which each item counts alike`];
}

/** The items that each judge judged in one order alone. */
function oneOrderLines({ sets }: Score): string[] {
  return [...groupBy(sets, ({ judge }) => judge)].flatMap(([judge, ofJudge]) =>
    oneOrderNote(ofJudge.map(({ metrics }) => metrics)).map((note) => `${judge}: ${note}`),
  );
}

/** How to get the gold labels of a benchmark, where the registry has them. */
function pullAdvice(benchmark: string): string {
  const datasets = benchmarkNamed(benchmark)?.itemFiles.map(({ dataset }) => dataset) ?? [];
  return datasets.length === 0 ? '' : `, or run: autodidact data pull ${datasets.join(' ')}`;
}

function summaryOf(score: Score): string {
  const { nJudgments, nReparsed, nDiffering, differing, nWithoutGold, droppedItems } = score;
  const lines = [
    ...score.unread.map(unreadLine),
    ...score.coverage.map(coverageLine),
    ...oneOrderLines(score),
    ...score.weighted.map(
      ({ judge, nSignificant, accuracy }) =>
        `${judge}: accuracy ${percentWithInterval(accuracy)}% (n ${count(accuracy.n)}, unscored ${count(accuracy.unscored)}) with ${counted(nSignificant, 'verdict')} of significantly better counted three times each, as Arena-Hard weighs its win rate`,
    ),
    nReparsed === 0
      ? `${counted(nJudgments, 'judgment')}, none with a verdict recorded beside its text`
      : `${counted(nJudgments, 'judgment')}; ${count(nReparsed)} compared with the verdict recorded beside them, ${count(nDiffering)} differ`,
    ...differing
      .slice(0, MOST_SHOWN)
      .map(
        ({ file, line, judge, itemId, shown, recorded, parsed }) =>
          `  ${file}:${line} ${judge} ${itemId} ${shown}: recorded ${recorded}, read ${parsed}`,
      ),
    ...(nWithoutGold > 0 && !score.coverage.some(({ nUnknown }) => nUnknown > 0)
      ? [
          `${counted(nWithoutGold, 'item')} with no gold label, left out of every accuracy: name a file that has it with --items${pullAdvice(score.benchmark)}`,
        ]
      : []),
    ...labelLines(score.labels),
    ...(Object.keys(droppedItems).length > 0
      ? [
          `rows of the benchmark that are not items: ${byReason(droppedItems)}; first: ${score.itemProblems.join('; ')}`,
        ]
      : []),
    ...score.repeated.map(
      ({ judge, subset, n, itemIds }) =>
        `${judge}, ${subset}: ${counted(n, 'item')} with several verdicts in one order, which count as samples of a vote: ${itemIds.join(', ')}`,
    ),
  ];
  return shownProse([
    ...lines.map((line) => `${/^ */.exec(line)?.[0]}${printable(line, 1000)}`),
    ...badRowLines(score.badRows, score.dropped),
  ]);
}

function coverageLine({ judge, nItems, nJudged, notJudged, nUnknown, unknown }: Coverage): string {
  const named = (ids: readonly string[], n: number): string =>
    `${ids.join(', ')}${n > ids.length ? ', …' : ''}`;
  const missing = nItems - nJudged;
  const advice =
    nJudged === 0 ? '; compare them with the itemId of the items, or name their column with --columns' : '';
  const places = unknown.map(({ itemId, file, line }) => `${itemId} (${file}:${line})`);
  return [
    `${judge}: judged ${count(nJudged)} of ${counted(nItems, 'item')}`,
    ...(missing > 0 ? [`not judged: ${named(notJudged, missing)}`] : []),
    ...(nUnknown > 0
      ? [`${counted(nUnknown, 'judged id')} not among the items: ${named(places, nUnknown)}${advice}`]
      : []),
  ].join('; ');
}

function unreadLine({ judge, rule, nTexts, nUnread, ending, betterRule }: Score['unread'][number]): string {
  const advice =
    betterRule === null ? 'no rule reads them' : `try --rule ${betterRule}, which reads more of them`;
  return `${judge}: ${count(nUnread)} of ${counted(nTexts, 'text')} hold no verdict by the rule ${rule}; the first ends with ${JSON.stringify(ending)}; ${advice}`;
}
