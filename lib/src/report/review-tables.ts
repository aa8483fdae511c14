// What people say of a run, as a table and as sentences.
import { printable, visibleText } from '../core/text.js';
import { stageName } from '../schema/manifest.js';
import type { ReviewNote, ReviewResult } from '../schema/review.js';
import { listBlock, tableBlock, text, type Block } from './document.js';
import { count, counted, NO_VALUE, percent, percentWithInterval } from './format.js';
import { makeTable, type Table } from './tables.js';

/** One row for each stage and iteration that people were asked about. */
export function reviewTable(results: readonly ReviewResult[]): Table {
  const chanceCorrected = (value: number | null | undefined): string | undefined =>
    value === undefined ? undefined : value === null ? NO_VALUE : value.toFixed(3);
  return makeTable(results, [
    ['iteration', ({ iteration }) => String(iteration)],
    ['stage', stageName],
    ['items', ({ nItems, nAnswered }) => `${count(nAnswered)} of ${count(nItems)}`],
    ['approval % [95%]', ({ approval }) => percentWithInterval(approval)],
    ['n', ({ approval }) => count(approval.n)],
    ['skipped', ({ nSkipped }) => count(nSkipped)],
    ['reviewers', ({ reviewers }) => count(reviewers.length)],
    [
      'alike % [95%]',
      ({ betweenReviewers }) => betweenReviewers && percentWithInterval(betweenReviewers.agreement),
      { optional: true, blank: NO_VALUE },
    ],
    [
      'alpha',
      ({ betweenReviewers }) => chanceCorrected(betweenReviewers?.chanceCorrected),
      { optional: true, blank: NO_VALUE },
    ],
    [
      'as the judge % [95%]',
      ({ withJudge }) => withJudge && percentWithInterval(withJudge.agreement),
      { optional: true, blank: NO_VALUE },
    ],
    [
      'kappa',
      ({ withJudge }) => chanceCorrected(withJudge?.chanceCorrected),
      { optional: true, blank: NO_VALUE },
    ],
  ]);
}

/** What approval means for each stage, and what the tests say. */
export function reviewLines(results: readonly ReviewResult[]): string[] {
  return results.flatMap(({ iteration, approval, need, altTest, ...of }) => {
    const place = `${stageName(of)} of iteration ${iteration}`;
    return [
      ...(need
        ? [
            approval.n === 0
              ? `${place}: no answers yet, so that nothing is known of approval`
              : `${place}: ${NEED_WORDS[need.state](percent(need.share), need.nMoreItems)}`,
          ]
        : []),
      ...(altTest?.winningRate === null || altTest === undefined
        ? altTest
          ? [
              `${place}: no alternative annotator test: it takes reviewers with 30 items each that others answered too`,
            ]
          : []
        : [
            `${place}: the judge does no worse than ${counted(altTest.annotators.filter(({ isBeaten }) => isBeaten).length, 'reviewer')} of ${altTest.annotators.length}, give or take ${altTest.epsilon} ` +
              `(alternative annotator test; advantage ${(altTest.advantageProbability ?? 0).toFixed(2)}): ` +
              (altTest.winningRate >= 0.5 ? 'it may stand in for them' : 'it may not stand in for them'),
          ]),
    ];
  });
}

const NEED_WORDS: Readonly<
  Record<'met' | 'failed' | 'open', (share: string, nMoreItems: number | null) => string>
> = {
  met: (share) => `approval is at least ${share}%`,
  failed: (share) => `approval is below ${share}%`,
  open: (share, nMoreItems) =>
    nMoreItems === null
      ? `whether approval is at least ${share}% is open, and more items would not tell: it is about ${share}%`
      : `whether approval is at least ${share}% is open: about ${count(nMoreItems)} more items would tell, if it stays as it is`,
};

/** Answers of a run that do not count. */
export interface LostAnswers {
  /** Lines of the file of answers that are no answers, counted from 1: mostly the end of a process that was killed. */
  damagedLines: readonly number[];
  /** Answers to items that were not drawn, as in a file of another run. */
  nStray: number;
}

/** How many answers do not count, and why; no lines where all do. */
export function lostAnswerLines({ damagedLines, nStray }: LostAnswers): string[] {
  const nDamaged = damagedLines.length;
  const unread = `${counted(nDamaged, 'line')} of the file of answers could not be read: ${damagedLines.join(', ')}`;
  const stray = `${counted(nStray, 'answer')} to items that were not drawn, which do not count`;
  return [...(nDamaged > 0 ? [unread] : []), ...(nStray > 0 ? [stray] : [])];
}

/** So many notes are shown. */
const MOST_NOTES = 200;

/** The section of a report; empty where nobody was asked. Notes and names of reviewers are hostile text, and stay text. */
export function reviewBlocks(
  results: readonly ReviewResult[] = [],
  notes: readonly ReviewNote[] = [],
  lost: LostAnswers = { damagedLines: [], nStray: 0 },
): Block[] {
  if (results.length === 0) return [];
  const shown = notes.slice(0, MOST_NOTES).map(({ stage, iteration, itemId, reviewer, answer, note }) => {
    const about = `${stage} of iteration ${iteration}, ${itemId}`;
    return `${printable(about)}: ${printable(reviewer)} answered ${answer}: ${visibleText(note)}`;
  });
  const left = notes.length - shown.length;
  return [
    text`Answers of people to a random sample of each stage, drawn equally from every slice. Approval: the instruction is fit, the known winner or gold label is the better response, the reasoning is sound; a tie counts half.`,
    ...tableBlock(reviewTable(results)),
    ...listBlock([...reviewLines(results), ...lostAnswerLines(lost)]),
    ...(shown.length === 0
      ? []
      : [
          {
            kind: 'folded' as const,
            summary: `${counted(notes.length, 'note')} of reviewers`,
            blocks: [...listBlock(shown), ...(left > 0 ? [text`Not shown: ${count(left)} more.`] : [])],
          },
        ]),
  ];
}
