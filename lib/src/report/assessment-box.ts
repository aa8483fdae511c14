// Whether a judge can be trusted, in words: the first thing of reports, terminals and cells. No colour says what a word does not.
import { printable } from '../core/text.js';
import { wrapped } from '../core/prose.js';
import type { Assessment, AssessmentCheck, Level } from '../schema/assessment.js';
import { counted } from './format.js';

/** The answer of each level. */
const ANSWERS: Readonly<Record<Level, string>> = {
  red: 'no',
  amber: 'with care',
  green: 'nothing was found that speaks against it',
  unknown: 'not known: too little was looked at',
};

/** Title of the box. */
export const ASSESSMENT_TITLE = 'Can this judge be trusted?';

/** The answer in one line, e.g. `RED: no. iteration 5: 1 of 14 checks red, 2 amber, 3 not looked at`. */
export function assessmentAnswer({ level, iteration, checks }: Assessment): string {
  const n = (wanted: Level): number => checks.filter((check) => check.level === wanted).length;
  const who = iteration === 0 ? 'the seed model' : `iteration ${iteration}`;
  const counts = [
    [n('red'), 'red'],
    [n('amber'), 'amber'],
    [n('unknown'), 'not looked at'],
    [n('green'), 'green'],
  ] as const;
  const said = counts.flatMap(([number, word]) => (number === 0 ? [] : `${number} ${word}`)).join(', ');
  return `${levelWord(level)}: ${ANSWERS[level]} (${who}; of ${counted(checks.length, 'check')} ${said})`;
}

/** A level as a word that stands out without colour. */
export function levelWord(level: Level): string {
  return level === 'unknown' ? 'NOT KNOWN' : level.toUpperCase();
}

/** What was found and what to do, for those that need it; and the rest in a sentence a level. */
export interface AssessmentParts {
  /** Red, then amber. */
  telling: readonly AssessmentCheck[];
  /** What was looked at and found nothing, and what was not looked at. */
  rest: readonly string[];
}

/** The checks by what a reader needs of them. */
export function assessmentParts({ checks }: Assessment): AssessmentParts {
  const of = (level: Level): AssessmentCheck[] => checks.filter((check) => check.level === level);
  const ids = (level: Level): string =>
    of(level)
      .map(({ id }) => printable(id))
      .join(', ');
  return {
    telling: [...of('red'), ...of('amber')],
    rest: [
      ...(of('unknown').length > 0 ? [`Not looked at, or too little to tell: ${ids('unknown')}.`] : []),
      ...(of('green').length > 0 ? [`Nothing found: ${ids('green')}.`] : []),
    ],
  };
}

/** That somebody let the run go on in spite of a check; null where nobody did. */
export function acceptedInWords({ accepted }: AssessmentCheck): string | null {
  return accepted ? `accepted ${accepted.at.slice(0, 10)}: ${printable(accepted.reason)}` : null;
}

const WIDTH = 80;
const INDENT = '  ';

function within(text: string, indent: string): string[] {
  return wrapped(text, WIDTH - indent.length).map((line) => indent + line);
}

/** A check for a terminal: its level, what was found, and what to do. */
export function checkLines(check: AssessmentCheck): string[] {
  const below = [acceptedInWords(check), check.remedy === null ? null : `-> ${check.remedy}`];
  return [
    ...within(`${levelWord(check.level)} ${printable(check.id)}: ${check.found}`, INDENT),
    ...below.flatMap((line) => (line === null ? [] : within(line, INDENT + INDENT))),
  ];
}

/** The box for a terminal of 80 columns. */
export function assessmentLines(assessment: Assessment): string[] {
  const { telling, rest } = assessmentParts(assessment);
  return [
    ...within(`${ASSESSMENT_TITLE} ${assessmentAnswer(assessment)}`, ''),
    ...telling.flatMap((check) => checkLines(check)),
    ...rest.flatMap((line) => within(line, INDENT)),
  ];
}
