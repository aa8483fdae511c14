// `autodidact prefer`: which responses of a file the judge of a run prefers, and whether that judge can be trusted.
import type { Command } from 'commander';
import {
  iterationOf,
  judgeFile,
  planJudging,
  type JudgedFile,
  type JudgingPlan,
} from '../experiment/index.js';
import { printable } from '../core/text.js';
import { isEnough } from '../evaluate/index.js';
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
import type { Assessment } from '../schema/index.js';
import { badRowLines } from './bad-row-lines.js';
import { EndWithCode, EXIT_CODES } from './exit-codes.js';
import { LiveText } from './live-text.js';
import { columnMapping, notBlank, wholeNumber } from './option-values.js';
import { completionsOption, jsonOption, printResult, shownProse } from './shared-options.js';
import { usageLines } from './stage-summary.js';

interface PreferCommandOptions {
  columns?: Record<string, unknown>;
  out?: string;
  votes: boolean;
  plan: boolean;
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
    .option('-o, --out <file>', 'write what it says of each pair: CSV (.csv) or JSON Lines', notBlank)
    .option('--votes', 'also sample the votes of evaluate.vote, by which confidence then goes', false)
    .option('--plan', 'show what would be asked for, and ask nothing', false)
    .addOption(completionsOption())
    .option('--seed <number>', 'seed of the bootstrap of ratings', wholeNumber(0, 2 ** 32 - 1), 1)
    .option('--resamples <number>', 'its resamples', wholeNumber(100, 10_000_000), 1000)
    .addOption(jsonOption())
    .action((input: string, file: string, options: PreferCommandOptions) =>
      preferCommand({ input, file }, options, signal),
    );
}

async function preferCommand(
  { input, file }: { input: string; file: string },
  options: PreferCommandOptions,
  signal: AbortSignal,
): Promise<void> {
  const { columns, votes, completions: completionsFolder, out: outFile, seed, resamples } = options;
  const { run: runFolder, which } = iterationOf(input);
  const shared = {
    runFolder,
    iteration: which ?? undefined,
    file,
    columns,
    votes,
    completionsFolder,
    signal,
  };
  if (options.plan) {
    printResult(await planJudging(shared), options, describePlan);
    return;
  }
  const live = new LiveText(process.stderr);
  try {
    const result = await judgeFile({
      ...shared,
      outFile,
      seed,
      nResamples: resamples,
      environment: process.env,
      onProgress: (done, total) => live.show(() => `${count(done)} of ${counted(total, 'pair')} judged`),
      onWarning: (message) => live.print(`warning: ${message}`),
    });
    live.wipe();
    printResult(result, options, (judged) => describe(judged, outFile));
    if (result.verdicts.unscored === result.nPairs) throw new EndWithCode(EXIT_CODES.endpointFailed);
  } finally {
    live.wipe();
  }
}

function trustLine(assessment: Assessment): string {
  return `Can this judge be trusted? ${assessmentAnswer(assessment)}. The whole answer: autodidact audit.`;
}

function describePlan({ assessment, nPairs, dropped, badRows, ...counts }: JudgingPlan): string {
  const { nRequests, nSamples, nStored } = counts;
  return [
    shownProse([
      trustLine(assessment),
      `${counted(nPairs, 'pair')}: ${counted(nRequests, 'request')} for ${counted(nSamples, 'completion')}; the store answers ${count(nStored)} more.`,
    ]),
    ...badRowLines(badRows, dropped),
  ].join('\n');
}

/** By what groups of confidence are told apart. */
const SUPPORT_WORDS = { votes: 'share of votes', probabilities: 'probability' } as const;

function confidenceLines(judged: JudgedFile): string[] {
  const { confidence, confidenceGroups: groups, support, benchmark } = judged;
  const rightIn = (share: JudgedFile['confidence']): string =>
    `${percentWithInterval(share)} % of ${counted(share.n, 'held-out pair')}`;
  if (!isEnough(confidence)) {
    return [
      `No confidence: verdicts were alike in both orders on only ${counted(confidence.n, 'held-out pair')} of ${benchmark}, which say too little.`,
    ];
  }
  const parts = groups.map(({ least, share }) =>
    isEnough(share)
      ? `from ${percent(least)}%: ${rightIn(share)}`
      : `from ${percent(least)}%: unknown, of only ${counted(share.n, 'held-out pair')}`,
  );
  return [
    `Verdicts that were alike in both orders were right in ${rightIn(confidence)} of ${benchmark}; that holds for pairs like those.`,
    ...(support === null
      ? []
      : [`By the ${SUPPORT_WORDS[support]} of the response that both orders name: ${parts.join('; ')}.`]),
  ];
}

function describe(judged: JudgedFile, outFile: string | undefined): string {
  const { assessment, standings, nPairs, verdicts, unscored: reasons, shareOfFirst, usage } = judged;
  const { a, b, tie, abstained, unscored } = verdicts;
  const said = judged.refusals.map(
    ({ pairId, reason, detail = 'no reason' }) =>
      `${reason}, pair ${printable(pairId, 60)}: ${printable(detail)}`,
  );
  const why = unscored === 0 ? '' : ` (${byReason(reasons)})`;
  const notes = [
    trustLine(assessment),
    `${counted(nPairs, 'pair')}, each in both orders: a ${count(a)}, b ${count(b)}, tie ${count(tie)}, abstained ${count(abstained)} since the two orders contradict each other, unscored ${count(unscored)}${why}. An abstention counts half in win rates and ratings, as a tie does.`,
    ...said,
    ...confidenceLines(judged),
    ...(shareOfFirst.value === null
      ? []
      : [
          `It names the response shown first in ${percentWithInterval(shareOfFirst)} % of ${counted(shareOfFirst.n, 'verdict')}; 50 is even.`,
        ]),
  ];
  return [
    shownProse(notes),
    toText(winRateTable(standings.winRates)),
    ...(standings.ratings.length > 0 ? [toText(ratingTable(standings.ratings))] : []),
    [
      ...usageLines({ usage }),
      ...(outFile === undefined ? [] : [`written: ${outFile}`]),
      ...badRowLines(judged.badRows, judged.dropped),
    ].join('\n'),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}
