// `autodidact prefer`: which responses of a file the judge of a run prefers, and whether that judge can be trusted.
import type { Command } from 'commander';
import { iterationOf, judgeFile, type JudgedFile } from '../experiment/index.js';
import {
  assessmentAnswer,
  byReason,
  count,
  counted,
  percent,
  percentWithInterval,
  ratingTable,
  toText,
  winRateTable,
} from '../report/index.js';
import { badRowLines } from './bad-row-lines.js';
import { columnMapping, notBlank, wholeNumber } from './option-values.js';
import { completionsOption, jsonOption, printResult, shownProse } from './shared-options.js';

interface PreferCommandOptions {
  columns?: Record<string, unknown>;
  out?: string;
  completions: string;
  seed: number;
  resamples: number;
  json: boolean;
}

/** Adds `prefer` to the program. */
export function addPreferCommand(program: Command, signal: AbortSignal): void {
  program
    .command('prefer')
    .description('judge pairs of which nobody knows the better response, with the judge of a run')
    .argument(
      '<run>',
      'folder of a run (its last judge; folder@2: that of iteration 2, folder@0: the seed model)',
    )
    .argument('<file>', 'rows with instruction, a and b, or with instruction, system and response')
    .option(
      '--columns <mapping>',
      'other columns, e.g. instruction=prompt,a=answers[0],b=answers[1], or as JSON',
      columnMapping,
    )
    .option('-o, --out <file>', 'write what it says of each pair, JSON Lines', notBlank)
    .addOption(completionsOption())
    .option('--seed <number>', 'seed of the bootstrap of ratings', wholeNumber(0, 2 ** 32 - 1), 1)
    .option('--resamples <number>', 'its resamples', wholeNumber(100, 10_000_000), 1000)
    .addOption(jsonOption())
    .action(async (input: string, file: string, options: PreferCommandOptions) => {
      const { columns, out, completions, seed, resamples } = options;
      const { run, which } = iterationOf(input);
      const result = await judgeFile({
        runFolder: run,
        iteration: which ?? undefined,
        file,
        columns,
        outFile: out,
        completionsFolder: completions,
        seed,
        nResamples: resamples,
        environment: process.env,
        onWarning: (message) => process.stderr.write(`warning: ${message}\n`),
        signal,
      });
      printResult(result, options, describe);
    });
}

function describe(judged: JudgedFile): string {
  const { assessment, standings, nPairs, verdicts, refused, confidence, benchmark, shareOfFirst } = judged;
  const { a, b, tie, abstained, unscored } = verdicts;
  const lost = byReason(refused);
  const notes = [
    `Can this judge be trusted? ${assessmentAnswer(assessment)}. The whole answer: autodidact audit.`,
    `${counted(nPairs, 'pair')}, each in both orders: a ${count(a)}, b ${count(b)}, tie ${count(tie)}, abstained ${count(abstained)} since the two orders contradict each other, unscored ${count(unscored)}${lost === '' ? '' : `, refused ${lost}`}. An abstention counts half in win rates and ratings, as a tie does.`,
    `Verdicts that were alike in both orders were right in ${percentWithInterval(confidence)} % of ${counted(confidence.n, 'held-out pair')} of ${benchmark}; that holds for pairs like those.`,
    ...(shareOfFirst === null
      ? []
      : [`It names the response shown first in ${percent(shareOfFirst)}% of its verdicts; 50 is even.`]),
  ];
  return [
    shownProse(notes),
    toText(winRateTable(standings.winRates)),
    ...(standings.ratings.length > 0 ? [toText(ratingTable(standings.ratings))] : []),
    ...badRowLines(judged.badRows, judged.dropped),
  ].join('\n\n');
}
