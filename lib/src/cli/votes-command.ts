// `autodidact votes`: win rates, ratings and agreement from votes of people and judges on pairs of systems.
import type { Command } from 'commander';
import { printable } from '../core/text.js';
import type { RowFormat } from '../datasets/index.js';
import { PAIR_VOTE_FORMATS, reportPairVotes } from '../evaluate/index.js';
import { count, percent, raterAgreementTable, ratingTable, toText, winRateTable } from '../report/index.js';
import type { PairVoteReport } from '../schema/index.js';
import { badRowLines } from './bad-row-lines.js';
import { columnMapping, wholeNumber } from './option-values.js';
import { fileFormatOption, jsonOption, printResult, shownProse } from './shared-options.js';

/** Pairs of systems whose win rates are shown; `--json` has all. */
const MOST_RATES = 20;

interface VotesCommandOptions {
  columns?: Record<string, unknown>;
  fileFormat?: RowFormat;
  seed: number;
  resamples: number;
  json: boolean;
}

/** Adds `votes` to the program. */
export function addVotesCommand(program: Command, signal: AbortSignal): void {
  program
    .command('votes')
    .description('win rates and ratings of systems, and agreement of raters, from votes on pairs')
    .argument(
      '<file...>',
      `files of votes by people or judges, in a format of ${PAIR_VOTE_FORMATS.map(({ name }) => name).join(', ')}; .gz too`,
    )
    .addOption(fileFormatOption())
    .option(
      '--columns <mapping>',
      'columns of other files, e.g. item=id,first=models[0],second=models[1],winner=vote, or as JSON',
      columnMapping,
    )
    .option('--seed <number>', 'seed of the bootstrap', wholeNumber(0, 2 ** 32 - 1), 1)
    .option('--resamples <number>', 'resamples of the bootstrap', wholeNumber(100, 10_000_000), 1000)
    .addOption(jsonOption())
    .action(async (files: string[], options: VotesCommandOptions) => {
      const { fileFormat, columns, seed, resamples } = options;
      const report = await reportPairVotes({
        files,
        fileFormat,
        columns,
        seed,
        nResamples: resamples,
        signal,
      });
      printResult(report, options, describe);
    });
}

function describe(report: PairVoteReport): string {
  const { winRates, ratings, agreements, repeatedAnswers, raters, dropped, badRows } = report;
  const more = winRates.length - MOST_RATES;
  const parts = [
    more > 0
      ? `${count(winRates.length)} pairs of systems: their win rates are in --json`
      : toText(winRateTable(winRates), { breakNames: true }),
    ratings.length > 0 ? toText(ratingTable(ratings)) : '',
    agreements.length > 0 ? toText(raterAgreementTable(agreements), { breakNames: true }) : '',
    shownProse(
      [
        `${count(report.nVotes)} votes: ${Object.entries(raters)
          .map(
            ([kind, { nRaters, nVotes }]) =>
              `${kind} ${count(nVotes)}${nRaters > 1 ? ` (${count(nRaters)} raters)` : ''}`,
          )
          .join(', ')}`,
        ...repeatedAnswers.map(
          ({ system, nEqual, nAnswers }) =>
            `warning: ${system} gives one and the same text to ${count(nEqual)} of ${count(nAnswers)} items (${percent(nEqual / nAnswers)}%): its win rate tells about the judge, not about answers`,
        ),
      ]
        .map((line) => printable(line, 1000))
        .concat(badRowLines(badRows, dropped)),
    ),
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}
