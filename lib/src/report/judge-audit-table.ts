// The audit of a judge as a table and in words.
import { printable } from '../core/text.js';
import type { IterationMetrics } from '../schema/evaluation.js';
import type { JudgeAudit, ProbeKind, ProbeResult } from '../schema/judge-audit.js';
import { listBlock, tableBlock, text, type Block } from './document.js';
import { byReason, count, counted, estimatedPoints, headline, percentWithInterval } from './format.js';
import { makeTable, type Table } from './tables.js';

/** One row per probe. */
export function judgeAuditTable({ probes }: Pick<JudgeAudit, 'probes'>): Table {
  return makeTable(probes, [
    ['probe', ({ probe }) => printable(probe)],
    ['agreeing % [95%]', ({ agreeing }) => percentWithInterval(agreeing)],
    ['contradicting % [95%]', ({ contradicting }) => percentWithInterval(contradicting)],
    ['difference [95%]', ({ difference }) => estimatedPoints(difference)],
    ['flipped % [95%]', ({ flipped }) => flipped && percentWithInterval(flipped)],
    [
      'difference against the seed [95%]',
      ({ againstSeed }) => againstSeed && estimatedPoints(againstSeed),
      { optional: true },
    ],
    ['pairs', ({ difference }) => count(difference.n)],
    ['unscored', ({ difference }) => count(difference.unscored)],
  ]);
}

/** What was found, in sentences: the judge on the pairs as they are; the probes that move it, the strongest first; what was lost. */
export function judgeAuditSentences({ nPairs, nClusters, nDropped, plain, probes }: JudgeAudit): string[] {
  const moving = probes
    .filter(
      ({ kind, difference: { low, high } }) => FOUND[kind] && low !== null && high !== null && low * high > 0,
    )
    .sort((a, b) => Math.abs(b.difference.value ?? 0) - Math.abs(a.difference.value ?? 0));
  const lost = byReason(nDropped);
  const byProbe = probes.flatMap(({ probe, nDropped: ofProbe }) =>
    ofProbe ? [`${printable(probe)}: ${byReason(ofProbe)}`] : [],
  );
  return [
    `${counted(nPairs, 'held-out pair')} in ${counted(nClusters, 'cluster')}; as they are, ${headline(plain)}.`,
    ...moving.flatMap((result) => FOUND[result.kind]?.(result) ?? []),
    ...(moving.length > 0 ? [] : ['No difference can be told from 0.']),
    ...probes.flatMap((result) => ALWAYS_SAID[result.kind]?.(result) ?? []),
    ...(lost === ''
      ? []
      : [
          `Changed pairs that could not be judged: ${lost}${byProbe.length === 0 ? '' : ` (${byProbe.join('; ')})`}.`,
        ]),
  ];
}

type Sentence = (result: ProbeResult) => string;

/** What a difference that can be told from 0 says, by the kind of probe. */
const FOUND: Partial<Record<ProbeKind, Sentence>> = {
  feature: (result) =>
    `The feature ${printable(result.probe)} moves it by ${moved(result)}: ${shares(result, ['where it speaks for the right response', 'where it speaks for the wrong one'])}.`,
  position: (result) =>
    `The order of the responses moves it by ${moved(result)}: ${shares(result, ['where the right response is first', 'where it is second'])}.`,
  constant: (result) =>
    `A constant text in the place of the wrong response moves it by ${moved(result)}: ${shares(result, ['without it', 'with it'])}.`,
  'same-response': ({ agreeing, difference }) =>
    `Shown the right response twice, it takes the first one in ${percentWithInterval(agreeing)}% of ${counted(agreeing.n, 'pair')}; even would be 50 (difference ${estimatedPoints(difference)}).`,
};

/** What is said whatever was found: without its instruction, a pair should be a guess. */
const ALWAYS_SAID: Partial<Record<ProbeKind, Sentence>> = {
  'hidden-instruction': ({ contradicting }) =>
    `Where the instruction is hidden, ${percentWithInterval(contradicting)}% of ${counted(contradicting.n, 'verdict')} are right; ${
      contradicting.low !== null && contradicting.low > 0.5
        ? 'so many can be found in the responses alone, by what is right in them or by a shortcut'
        : 'a guess would be 50'
    }.`,
};

function moved({ difference, flipped }: ProbeResult): string {
  const turned = flipped
    ? `, and turns ${percentWithInterval(flipped)}% of the verdicts that were right`
    : '';
  return `${estimatedPoints(difference)} points${turned}`;
}

function shares(
  { agreeing, contradicting }: ProbeResult,
  [first, second]: readonly [string, string],
): string {
  return `${percentWithInterval(agreeing)}% are right ${first}, ${percentWithInterval(contradicting)}% ${second}`;
}

/** For the report of a run: the audit of its last judge that has one; empty where none has. */
export function judgeAuditBlocks(iterations: readonly IterationMetrics[]): Block[] {
  const last = iterations.findLast(({ audit }) => audit !== undefined);
  if (!last?.audit) return [];
  return [
    text`How the verdicts of iteration ${last.iteration}'s judge move where held-out pairs are changed in ways that change no answer. A feature is
      given to the right response, with which it then agrees, and to the wrong one; of position, these are the orders; of a constant or a hidden
      instruction, the pair as it is and as it is changed; of the same response twice, the one shown first and the other. Flipped: of the verdicts
      that are right on the pair as it is, those that the change turns. All verdicts: ${{ code: 'probes.jsonl' }} in the folder of the iteration.`,
    ...tableBlock(judgeAuditTable(last.audit)),
    ...listBlock(judgeAuditSentences(last.audit)),
  ];
}
