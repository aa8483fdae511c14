// What the figures of a judge say about it: whether it is better than the seed model and than judges that understand nothing, and whether its
// figures are of what they seem to be of.
import { isDeepStrictEqual } from 'node:util';
import { printable } from '../core/text.js';
import {
  counted,
  percent,
  percentWithInterval,
  pointsWithInterval,
  pValue,
  unscored,
} from '../report/index.js';
import type { IterationMetrics } from '../schema/evaluation.js';
import { TRIVIAL_JUDGES, type TrivialJudge } from '../schema/shortcuts.js';
import { levelOf, missing, type FoundCheck, type Limit } from './levels.js';

/** The figures of a judge on one benchmark. */
type Figures = Pick<IterationMetrics, 'metrics' | 'trivial' | 'againstSeed'>;

/** Whether it is better than the seed model, on every benchmark. Red: shown to be worse. */
export function gainChecks({
  iteration,
  others = [],
  benchmark,
  ...headline
}: IterationMetrics): FoundCheck[] {
  if (iteration === 0)
    return [
      {
        id: 'gain',
        kind: 'gain',
        level: 'unknown',
        found: 'this is the seed model: nothing is trained yet',
        remedy: null,
      },
    ];
  return [
    ...gainOn(headline, benchmark ?? null, 'gain'),
    ...others.flatMap((other) =>
      gainOn(other, other.benchmark, `gain: ${printable(other.benchmark)}`).filter(
        ({ level }) => level === 'red',
      ),
    ),
  ];
}

function gainOn({ againstSeed, metrics }: Figures, benchmark: string | null, id: string): FoundCheck[] {
  const about = { id, kind: 'gain' as const };
  const on = benchmark === null ? '' : ` on ${printable(benchmark)}`;
  if (againstSeed?.difference == null)
    return [
      {
        ...about,
        level: 'unknown',
        found: `not compared with the seed model${on}: no item was scored by both`,
        remedy: null,
      },
    ];
  const { low, high, n } = againstSeed;
  const change = `${pointsWithInterval(againstSeed)} points${on} over ${counted(n, 'pair')}${missing(againstSeed)}, p ${pValue(againstSeed.pValue)}; accuracy ${percent(metrics.accuracy.value)}%${missing(metrics.accuracy)}`;
  if (high !== null && high < 0)
    return [
      {
        ...about,
        level: 'red',
        found: `worse than the seed model: ${change}`,
        remedy: 'do not use it in place of the seed model; look at what it was trained on',
      },
    ];
  if (low === null || low <= 0)
    return [
      {
        ...about,
        level: 'amber',
        found: `not shown to be better than the seed model: ${change}`,
        remedy: 'measure it on more pairs, or train on more instructions',
      },
    ];
  return [{ ...about, level: 'green', found: `better than the seed model: ${change}`, remedy: null }];
}

/** An interval of a difference that reaches as far above 0 is of too few pairs to deny a judge all understanding. */
const TOO_WIDE = 0.1;

/** Whether it is better than each judge that understands nothing. */
export function trivialChecks({ trivial }: Figures): FoundCheck[] {
  const about = { id: 'trivial-judges', kind: 'trivial-judges' as const };
  const compared = (trivial?.comparisons ?? []).filter(({ difference }) => difference !== null);
  const [closest] = [...compared].sort((a, b) => (a.difference ?? 0) - (b.difference ?? 0));
  if (!closest)
    return [
      {
        ...about,
        level: 'unknown',
        found: 'not compared with trivial judges: the texts of the pairs are not known',
        remedy: null,
      },
    ];
  const { baseline, judgeAccuracy, baselineAccuracy, difference, n } = closest;
  const what = Object.hasOwn(TRIVIAL_JUDGES, baseline)
    ? TRIVIAL_JUDGES[baseline as TrivialJudge]
    : printable(baseline);
  const figures = `${percent(judgeAccuracy.value)}% against ${percent(baselineAccuracy.value)}% of choosing ${what}, difference ${pointsWithInterval(closest)} over ${counted(n, 'pair')}${missing({ unscored: closest.unscored })}`;
  if (closest.finding === 'better')
    return [
      {
        ...about,
        level: 'green',
        found: `better than ${counted(compared.length, 'judge')} that understand nothing; the closest: ${figures}`,
        remedy: null,
      },
    ];
  const isBelow = (difference ?? 0) <= 0 && (closest.high ?? 0) < TOO_WIDE;
  return [
    {
      ...about,
      level: isBelow ? 'red' : 'amber',
      found: `${isBelow ? 'no better than' : 'not shown to be better than'} a judge that understands nothing: ${figures}`,
      remedy:
        'do not take its accuracy for understanding: look at the pairs on which the two disagree, or measure it on more of them',
    },
  ];
}

/** Whether it names the same response in both orders: one that does not is unsure at best, whatever side it prefers. */
export function consistencyCheck(
  { metrics: { positionConsistency: same } }: Figures,
  limit: Limit,
): FoundCheck {
  const about = { id: 'consistency', kind: 'consistency' as const };
  const { value, low, high, n } = same;
  if (value === null || low === null || high === null)
    return {
      ...about,
      level: 'unknown',
      found: `no pair has verdicts in both orders${n + same.unscored > 0 ? ` (${unscored(same)})` : ''}`,
      remedy: null,
    };
  const level = levelOf({ ...same, value: 1 - value, low: 1 - high, high: 1 - low }, limit);
  const figures = `${percentWithInterval(same)} % of ${counted(n, 'pair')} have one verdict in both orders${missing(same)}`;
  if (level === 'green' || level === 'unknown')
    return level === 'unknown' || 1 - low >= limit.red
      ? {
          ...about,
          level: 'unknown',
          found: `too few pairs to tell whether it contradicts itself: ${figures}`,
          remedy: 'measure it on more pairs',
        }
      : { ...about, level, found: `seldom contradicts itself: ${figures}`, remedy: null };
  return {
    ...about,
    level,
    found: `contradicts itself where the order of the responses is swapped: ${figures}; a coin would have 50`,
    remedy:
      'ask in both orders, take only verdicts on which they agree, and look at the pairs on which they do not',
  };
}

/** Items without a verdict, on every benchmark. */
export function lostItemsChecks({ others = [], ...headline }: IterationMetrics, limit: Limit): FoundCheck[] {
  return [
    lostItemsOn(headline, { id: 'lost-items', limit }),
    ...others
      .map((other) => lostItemsOn(other, { id: `lost-items: ${printable(other.benchmark)}`, limit }))
      .filter(({ level }) => level !== 'green'),
  ];
}

function lostItemsOn(
  { metrics, benchmark, problem }: Pick<IterationMetrics, 'metrics' | 'benchmark' | 'problem'>,
  { id, limit: { amber, red } }: { id: string; limit: Limit },
): FoundCheck {
  const { accuracy } = metrics;
  const about = { id, kind: 'lost-items' as const };
  const on = benchmark === undefined ? '' : ` on ${printable(benchmark)}`;
  if (problem !== undefined)
    return { ...about, level: 'unknown', found: `not measured${on}: ${printable(problem)}`, remedy: null };
  const n = accuracy.n + accuracy.unscored;
  if (n === 0)
    return {
      ...about,
      level: 'red',
      found: `no pair was judged${on}`,
      remedy: 'see the drops of the evaluation',
    };
  const share = accuracy.unscored / n;
  const level = share >= red ? 'red' : share >= amber ? 'amber' : 'green';
  return {
    ...about,
    level,
    found: `${percent(share)}% of ${counted(n, 'verdict')} are missing${on}${accuracy.unscored > 0 ? ` (${unscored(accuracy)})` : ''}`,
    remedy:
      level === 'green'
        ? null
        : 'accuracy is of the others alone, which may be the easier ones: see the reasons, and raise maxTokens or mend the prompts',
  };
}

/** Fewer pairs can come out the same by chance. */
const ENOUGH_TO_DIFFER = 100;

/** Whether all figures are those of an earlier judge, which two trainings hardly give. */
export function identicalCheck(iterations: readonly IterationMetrics[]): FoundCheck[] {
  const last = iterations.at(-1);
  const before = iterations.slice(0, -1).findLast(({ metrics }) => isDeepStrictEqual(metrics, last?.metrics));
  const id = { id: 'identical-iterations', kind: 'identical-iterations' as const };
  if (!last || iterations.length === 1) return [];
  if (!before)
    return [{ ...id, level: 'green', found: 'no earlier judge has the same figures', remedy: null }];
  const { accuracy } = last.metrics;
  if (accuracy.value === 1 && accuracy.unscored === 0)
    return [
      {
        ...id,
        level: 'unknown',
        found: `an earlier judge is right on all ${counted(last.metrics.nItems, 'pair')} too, so that equal figures say nothing`,
        remedy: 'measure it on harder pairs',
      },
    ];
  const whose = before.iteration === 0 ? 'the seed model' : `iteration ${before.iteration}`;
  return [
    {
      ...id,
      level: last.metrics.nItems >= ENOUGH_TO_DIFFER ? 'red' : 'amber',
      found: `every figure on ${counted(last.metrics.nItems, 'pair')} equals that of ${whose}, so it may be the same model`,
      remedy:
        'see that the server gives the trained model under the name that was asked for, and that the training changed its weights',
    },
  ];
}
