// What the surface of a training set gives away about its winners: what can be learned from it instead of judging.
import { printable } from '../core/text.js';
import { aucText, counted, percent } from '../report/index.js';
import type { Level } from '../schema/assessment.js';
import type { Estimate } from '../schema/estimate.js';
import { POSITION_FEATURE, type PairAudit } from '../schema/pair-audit.js';
import { SURFACE_FEATURES } from '../shortcuts/index.js';
import { atMostAmber, type FoundCheck, type Limit } from './levels.js';

/** Being on topic is the method's own shortcut: a loser answers another instruction. */
const OF_THE_METHOD: readonly string[] = [
  SURFACE_FEATURES.instructionCovered,
  SURFACE_FEATURES.onInstruction,
];
/** The same as the characters of a response, nearly. */
const SAME_AS: Readonly<Record<string, string>> = { [SURFACE_FEATURES.nWords]: SURFACE_FEATURES.characters };
/** So many pairs are not all alike by chance. */
const ENOUGH_ALIKE = 20;
/** One text is the whole response of so many pairs, and so rarely the other one. */
const REPEATED = { share: 0.1, otherSide: 0.25 };

const REMEDY =
  'do not train on it before this is settled: see the audit of the pairs (autodidact audit), make losers that differ less (generate.losers), or let the judge see both orders (judge.orders: both, filter.balanceLabels: true)';

/** Checks of one training set; a single green one where nothing was found. @param set.iteration null: of a file of pairs */
export function trainingSetChecks(
  set: { iteration: number | null; value: PairAudit } | undefined,
  limit: Limit,
): FoundCheck[] {
  const about = { id: 'training-set', kind: 'training-set' as const };
  if (!set) return [];
  const { iteration, value: audit } = set;
  if (audit.nPairs === 0) return [];
  const who = iteration === null ? '' : `iteration ${iteration} trains on `;
  const of = `${who}${counted(audit.nPairs, 'example')} of ${counted(audit.nClusters, 'instruction')}`;
  const levels = new Map(
    audit.features.map(({ feature, auc }) => [feature, levelOfAuc(auc, { feature, limit })]),
  );
  const features = audit.features.flatMap(({ feature, auc }): FoundCheck[] => {
    const level = levels.get(feature) ?? 'green';
    const isRepeated = levels.get(SAME_AS[feature] ?? '') === level;
    if (isRepeated || (level !== 'red' && level !== 'amber')) return [];
    const isMore = (auc.value ?? 0) > 0.5;
    const what =
      feature === POSITION_FEATURE
        ? `they stand ${isMore ? 'first' : 'second'}`
        : `they have ${isMore ? 'more' : 'fewer'} ${feature}`;
    const found = `the winners of the training set can be told without judging: ${what}, AUC ${aucText(auc)} (0.5 is not at all); ${of}`;
    return [{ ...about, id: `training-set: ${feature}`, level, found, remedy: REMEDY }];
  });
  const { bagOfWords } = audit;
  const words: FoundCheck[] =
    bagOfWords?.value != null && bagOfWords.value >= limit.amber && (bagOfWords.low ?? 0) > 0.5
      ? [
          {
            ...about,
            id: 'training-set: words',
            level: 'amber',
            found: `single words tell ${percent(bagOfWords.value)} [${percent(bagOfWords.low)}, ${percent(bagOfWords.high)}] % of the winners of the training set; ${of}`,
            remedy: 'see the strongest words in the audit of the pairs: they should be about the task',
          },
        ]
      : [];
  const checks = [...features, ...words, ...repeatedTexts(audit).map((check) => ({ ...about, ...check }))];
  if (checks.length > 0) return checks;
  const open = audit.features.flatMap(({ feature }) => (levels.get(feature) === 'unknown' ? [feature] : []));
  if (open.length > 0)
    return [
      {
        ...about,
        level: 'unknown',
        found: `too few examples to tell whether the surface of the training set tells the winners (${open.join(', ')}); ${of}`,
        remedy: 'audit more pairs',
      },
    ];
  return [
    {
      ...about,
      level: 'green',
      found: `nothing on the surface of the training set tells the winners; ${of}`,
      remedy: null,
    },
  ];
}

/** As {@link levelOf}, of the distance from 0.5: red needs the nearer end half way to `red`; unknown: the interval reaches to `red`. */
function levelOfAuc(
  { value, low, high, n }: Estimate,
  { feature, limit }: { feature: string; limit: Limit },
): Level {
  const ofMethod = (found: Level): Level => (OF_THE_METHOD.includes(feature) ? atMostAmber(found) : found);
  // Told in every single pair: there is no spread to make an interval from.
  if ((value === 0 || value === 1) && n >= ENOUGH_ALIKE) return ofMethod('red');
  // No pair differs in it.
  if (value === 0.5 && low === null && n >= ENOUGH_ALIKE) return 'green';
  if (value === null || low === null || high === null) return 'unknown';
  const [size, near] = value >= 0.5 ? [value, low] : [1 - value, 1 - high];
  const level =
    size >= limit.red && near >= (limit.red + 0.5) / 2
      ? 'red'
      : size >= limit.amber && near > 0.5
        ? 'amber'
        : Math.max(high, 1 - low) >= limit.red
          ? 'unknown'
          : 'green';
  return ofMethod(level);
}

/** A text that is often the winner and seldom the loser, or the reverse. */
function repeatedTexts({ nPairs, repeatedTexts: texts }: PairAudit): Omit<FoundCheck, 'kind'>[] {
  return texts.flatMap(({ role, nPairs: n, excerpt }) => {
    const other = texts.find((text) => text.role !== role && text.excerpt === excerpt)?.nPairs ?? 0;
    if (n < REPEATED.share * nPairs || other > REPEATED.otherSide * n) return [];
    return [
      {
        id: `training-set: repeated ${role}`,
        level: 'amber' as const,
        found: `one text is the ${role} of ${counted(n, 'example')} and the other side of ${other}: ${printable(excerpt)}`,
        remedy: 'see why it is written again and again; a judge can learn it by heart',
      },
    ];
  });
}
