// Shortcuts of a judge: by probes where there are some, otherwise by what its evaluation shows.
import { printable } from '../core/text.js';
import { counted, estimatedPoints, percent } from '../report/index.js';
import type { Estimate } from '../schema/estimate.js';
import type { IterationMetrics } from '../schema/evaluation.js';
import type { ProbeResult } from '../schema/judge-audit.js';
import {
  aroundHalf,
  atMostAmber,
  isHollow,
  levelOf,
  missing,
  type FoundCheck,
  type Limit,
} from './levels.js';

/** The response that each shortcut would choose. */
const CHOSEN: Readonly<Record<string, string>> = {
  position: 'the response shown first',
  'same-response': 'the response shown first',
  length: 'the longer response',
  format: 'the response with headings, lists or bold words',
  tone: 'the response that sounds surer',
  authority: 'the response that names an authority',
  'model-name': 'the response that names a model',
  injection: 'the response that tells it what to say',
  'off-topic': 'the response without an irrelevant remark',
};

function chosenBy(probe: string): string {
  return CHOSEN[probe] ?? `the response with the feature ${printable(probe)}`;
}

const LOOK =
  'do not use its verdicts, and do not train on, before this is settled: look at the pairs it was trained on (autodidact audit), change how losers are made, and read the judgments of pairs that the feature turns';
const KNOW = 'look at the judgments that the feature turns before you rely on its verdicts';

/** One check for each probe; for position and length also without probes. */
export function shortcutChecks(
  { audit, metrics }: Pick<IterationMetrics, 'audit' | 'metrics'>,
  limit: Limit,
): FoundCheck[] {
  const probes = audit?.probes ?? [];
  const probed = new Set(probes.map(({ probe }) => probe));
  return [
    ...probes.map((result) => probeCheck(result, limit)),
    ...observedChecks(metrics, { probed, limit }),
  ];
}

function probeCheck(result: ProbeResult, limit: Limit): FoundCheck {
  const about = { id: `shortcut: ${printable(result.probe)}`, kind: 'shortcut' as const };
  switch (result.kind) {
    case 'feature':
    case 'position':
      return { ...about, ...preference(result, limit) };
    case 'same-response':
      return { ...about, ...sameResponse(result, limit) };
    case 'constant':
      return { ...about, ...constantAnswer(result, limit) };
    case 'hidden-instruction':
      return { ...about, ...hiddenInstruction(result) };
  }
}

type Found = Pick<FoundCheck, 'level' | 'found' | 'remedy'>;

function preference(result: ProbeResult, limit: Limit): Found {
  const { probe, agreeing, contradicting, difference } = result;
  const isPutOff = (difference.value ?? 0) < 0 && PUTS_OFF.includes(probe);
  const level = isPutOff ? atMostAmber(levelOf(difference, limit)) : levelOf(difference, limit);
  const chosen = chosenBy(probe);
  const figures = `${percent(agreeing.value)}% right where that is the right one${missing(agreeing)}, ${percent(contradicting.value)}% where it is the wrong one${missing(contradicting)}, ${differenceIn(result)}`;
  if (level === 'unknown')
    return {
      level,
      found: `too few pairs to tell whether it prefers ${chosen}: ${figures}`,
      remedy: MORE_PAIRS,
    };
  if (level === 'green')
    return {
      level,
      found: `no preference for ${chosen} that matters: ${figures}${mended(result, limit)}`,
      remedy: null,
    };
  const verb = (difference.value ?? 0) > 0 ? 'prefers' : 'avoids';
  const how = level === 'red' ? `${verb} ${chosen}, whatever it says` : `${verb} ${chosen} somewhat`;
  return { level, found: `${how}: ${figures}${learned(result)}`, remedy: level === 'red' ? LOOK : KNOW };
}

/** Where verdicts are missing, the two sides are shares of other pairs than their difference, which need not be that of the shares. */
function differenceIn({ agreeing, contradicting, difference, nDropped }: ProbeResult): string {
  const isWhole = [agreeing, contradicting, difference].every((of) => of.unscored === 0);
  const pairs = counted(difference.n, 'pair');
  const over = isWhole ? pairs : `the ${pairs} with verdicts on both sides`;
  return `difference ${estimatedPoints(difference)} over ${over}${missing(difference, nDropped)}`;
}

/** What may put a good judge off: a response that speaks of itself, or to the judge. That it avoids such a response is no shortcut to the winner. */
const PUTS_OFF: readonly string[] = ['tone', 'authority', 'model-name', 'injection'];

const MORE_PAIRS =
  'raise audit.pairs, measure it on a larger benchmark, or have lost pairs judged (audit.drops.jsonl of the iteration)';

/** Whether training made it: the difference grew from the seed's, in its own direction. */
function learned({ difference, againstSeed }: ProbeResult): string {
  if (!againstSeed) return '';
  const { value, low, high } = againstSeed;
  if (value === null || low === null || high === null) return '';
  const grew = (difference.value ?? 0) > 0 ? low > 0 : high < 0;
  return grew
    ? `; learned in training: ${estimatedPoints(againstSeed)} points beyond the seed model`
    : `; the seed model is not shown to have had less of it (${estimatedPoints(againstSeed)})`;
}

/** Whether training took a shortcut of the seed model away. */
function mended({ difference, againstSeed }: ProbeResult, { red }: Limit): string {
  const { value, low, high } = againstSeed ?? { value: null, low: null, high: null };
  if (value === null || low === null || high === null || low * high <= 0) return '';
  const before = (difference.value ?? 0) - value;
  return Math.abs(before) >= red
    ? `; the seed model had one of ${estimatedPoints({ ...difference, value: before, low: null, high: null })}`
    : '';
}

function sameResponse({ agreeing, difference, nDropped }: ProbeResult, limit: Limit): Found {
  const level = levelOf(difference, limit);
  const found = `shown one response twice, it takes the first in ${percent(agreeing.value)}% of ${counted(agreeing.n, 'pair')}${missing(agreeing, nDropped)}; even would be 50`;
  if (level === 'green' || level === 'unknown')
    return { level, found, remedy: level === 'green' ? null : MORE_PAIRS };
  // Where both are equally good, either may be named; that it is always the same place is a taste, not yet a wrong verdict.
  return {
    level: atMostAmber(level),
    found,
    remedy: 'ask in both orders, and take only verdicts on which they agree',
  };
}

function constantAnswer(result: ProbeResult, limit: Limit): Found {
  const { agreeing, contradicting, difference } = result;
  const drops = { ...difference, value: Math.max(0, difference.value ?? 0) };
  const level = difference.value === null ? 'unknown' : levelOf(drops, limit);
  const figures = `${percent(agreeing.value)}% right against the wrong response${missing(agreeing)}, ${percent(contradicting.value)}% against a constant answer${missing(contradicting)}, ${differenceIn(result)}`;
  if (level === 'red' || level === 'amber')
    return { level, found: `a constant answer fools it: ${figures}`, remedy: LOOK };
  return {
    level,
    found: `a constant answer does not fool it: ${figures}`,
    remedy: level === 'unknown' ? MORE_PAIRS : null,
  };
}

/** Of accuracy above chance, the share that may be left without the instruction. Wrong responses may be bad by themselves, so never red. */
const LEFT_WITHOUT_INSTRUCTION = 0.5;

function hiddenInstruction(result: ProbeResult): Found {
  const { agreeing, contradicting, difference, nDropped = {} } = result;
  const [plain, hidden] = [agreeing.value, contradicting.value];
  const figures = `${percent(plain)}% right with the instruction${missing(agreeing)}, ${percent(hidden)}% without it${missing(contradicting)}, ${differenceIn(result)}`;
  // A judge may well say nothing without the instruction; what was lost says nothing about it.
  const nLost = Object.values(nDropped).reduce((sum, lost) => sum + lost, 0);
  const told = (contradicting.low ?? 0) > 0.5 ? (hidden ?? 0) - 0.5 : 0;
  if (plain !== null && told > LEFT_WITHOUT_INSTRUCTION * Math.max(0, plain - 0.5))
    return {
      level: 'amber',
      found: `much of its accuracy needs no instruction: ${figures}`,
      remedy:
        'see whether the wrong responses of the benchmark are bad by themselves; if not, it judges by their surface',
    };
  if (plain === null || hidden === null || isHollow({ n: difference.n, unscored: nLost }))
    return {
      level: 'unknown',
      found: `without the instruction it gave too few verdicts: ${figures}`,
      remedy: null,
    };
  return { level: 'green', found: `it needs the instruction: ${figures}`, remedy: null };
}

/** What the evaluation shows at no cost. Benchmarks differ in what is long, so that only position weighs as much as a probe. */
function observedChecks(
  { shareOfA, bothOrdersCorrect, longerChosen, ownFamilyChosen }: IterationMetrics['metrics'],
  { probed, limit }: { probed: ReadonlySet<string>; limit: Limit },
): FoundCheck[] {
  const doubled = { amber: 2 * limit.amber, red: 2 * limit.red };
  const observed = (
    name: string,
    share: Estimate | undefined,
    { by, what }: { by: Limit; what: string },
  ): FoundCheck[] => {
    if (probed.has(name) || !share || share.n === 0) return [];
    const level = levelOf(aroundHalf(share), by);
    const figures = `chosen in ${percent(share.value)} [${percent(share.low)}, ${percent(share.high)}] % of ${counted(share.n, 'verdict')}${missing(share)}; 50 is even`;
    const about = { id: `shortcut: ${name}`, kind: 'shortcut' as const, level };
    if (level === 'green')
      return [{ ...about, found: `no preference for ${what} that matters: ${figures}`, remedy: null }];
    if (level === 'unknown')
      return [
        {
          ...about,
          found: `too few verdicts to tell whether it prefers ${what}: ${figures}`,
          remedy: MORE_PAIRS,
        },
      ];
    const verb = (share.value ?? 0) > 0.5 ? 'prefers' : 'avoids';
    return [{ ...about, found: `${verb} ${what}: ${figures}`, remedy: level === 'red' ? LOOK : PROBE }];
  };
  return [
    ...(bothOrdersCorrect.n > 0
      ? observed('position', shareOfA, { by: limit, what: 'the response shown first' })
      : []),
    ...observed('length', longerChosen, { by: doubled, what: 'the longer response' }),
    ...observed('own-family', ownFamilyChosen, { by: doubled, what: 'the response of its own model family' }),
  ];
}

const PROBE =
  'try it with probes: add a section audit to the experiment and run it again; nothing is trained anew';
