// Several judges compared at once: every pair overall and by subset, each p corrected for the number of comparisons.
import { setImmediate } from 'node:timers/promises';
import { ConfigError, DataError } from '../core/errors.js';
import { holm } from '../core/statistics/holm.js';
import type { ComparisonReport, Finding, JudgeComparison } from '../schema/comparison-report.js';
import { agreeOnGold, type NamedJudge } from './judge-tables.js';
import { gatherPairs, PairedScores, type PairedFigures } from './paired-scores.js';

/** A Holm-corrected p below this is a finding. */
const ALPHA = 0.05;

/**
 * Random sign patterns for each test of a family, at least. The smallest p that N patterns can give is 1 / (N + 1); corrected for m
 * tests it must come well below 0.05, so N grows with m.
 */
const PERMUTATIONS_PER_TEST = 100;

/** What is compared with what, and how. */
export interface FamilyOptions {
  /** Seed of the random streams; the same for every comparison. */
  seed: number;
  /** Resamples of the bootstrap, and sign patterns where the test is not exact, from 1; default 10,000. */
  nResamples?: number | undefined;
  /** Name of the baseline judge; default the first. */
  baseline?: string | undefined;
  /** Every judge with every other; the baseline comes first. */
  allPairs?: boolean | undefined;
  /** Checked between comparisons. */
  signal?: AbortSignal | undefined;
}

/** The comparisons of a family, without the sources of the judges. */
export type ComparisonFamily = Omit<ComparisonReport, 'judges'>;

/**
 * Compares judges on the items that they share, joined by subset and id. All items of a cluster are one observation, as in
 * {@link compareTables}. Two families of tests are corrected each for itself (Holm): the comparisons over all items, and those by
 * subset.
 * @param judges at least two, with distinct names; gold labels that only some of them have are copied to the others
 * @throws ConfigError for fewer than two judges, a repeated name, or an unknown baseline
 * @throws DataError where an item has two gold labels, or no judge shares an item with its baseline; the signal's reason when aborted
 */
export async function compareFamily(
  judges: readonly NamedJudge[],
  { seed, nResamples = 10_000, baseline, allPairs = false, signal }: FamilyOptions,
): Promise<ComparisonFamily> {
  const ordered = baselineFirst(judges, baseline);
  agreeOnGold(judges);
  const pairs = allPairs
    ? ordered.flatMap((earlier, i) => ordered.slice(i + 1).map((later) => [earlier, later] as const))
    : ordered.slice(1).map((later) => [ordered[0], later] as const);
  const gathered: { overall: Gathered; bySubset: Gathered[] }[] = [];
  for (const [earlier, later] of pairs) {
    await giveWay(signal);
    gathered.push(gather(earlier, later));
  }
  if (gathered.every(({ overall }) => overall.scores.nSeenByBoth === 0)) throw nothingShared(judges);
  const test = async (family: readonly Gathered[]): Promise<JudgeComparison[]> => {
    const nPermutations = Math.max(nResamples, PERMUTATIONS_PER_TEST * family.length);
    const uncorrected: Uncorrected[] = [];
    for (const { scores, ...names } of family) {
      await giveWay(signal);
      uncorrected.push({ ...names, ...scores.figures({ seed, nResamples, nPermutations }) });
    }
    return corrected(uncorrected);
  };
  return {
    baseline: ordered[0].name,
    allPairs,
    seed,
    nResamples,
    overall: await test(gathered.map(({ overall }) => overall)),
    bySubset: await test(gathered.flatMap(({ bySubset }) => bySubset)),
  };
}

/** Yields to the event loop so that signals are handled: millions of items or thousands of tests take a while. */
async function giveWay(signal: AbortSignal | undefined): Promise<void> {
  await setImmediate();
  signal?.throwIfAborted();
}

interface Gathered {
  judge: string;
  baseline: string;
  subset: string | null;
  scores: PairedScores;
}

function gather(earlier: NamedJudge, later: NamedJudge): { overall: Gathered; bySubset: Gathered[] } {
  const names = { judge: later.name, baseline: earlier.name };
  const overall: Gathered = { ...names, subset: null, scores: new PairedScores() };
  const [before, after] = [earlier.tables.bySubset, later.tables.bySubset];
  const subsets = [...new Set([...before.keys(), ...after.keys()])].sort();
  const bySubset = subsets.map((subset): Gathered => {
    const scores = new PairedScores();
    gatherPairs({ baseline: before.get(subset), judge: after.get(subset) }, [overall.scores, scores]);
    return { ...names, subset, scores };
  });
  return { overall, bySubset };
}

type Uncorrected = PairedFigures & Pick<JudgeComparison, 'judge' | 'baseline' | 'subset'>;

/** Comparisons as one family of tests, each with its conclusion. */
export function corrected<Tested extends Pick<JudgeComparison, 'difference' | 'low' | 'high' | 'pValue'>>(
  comparisons: readonly Tested[],
): (Tested & Pick<JudgeComparison, 'pHolm' | 'finding'>)[] {
  const adjusted = holm(comparisons.map(({ pValue }) => pValue));
  return comparisons.map((comparison, i) => {
    const pHolm = adjusted[i] ?? null;
    return { ...comparison, pHolm, finding: findingOf({ ...comparison, pHolm }) };
  });
}

/** The outcome: better or worse only where both the corrected test and the interval, if there is one, agree. */
function findingOf({
  difference,
  low,
  high,
  pHolm,
}: Pick<JudgeComparison, 'difference' | 'low' | 'high' | 'pHolm'>): Finding {
  if (difference === null || pHolm === null) return 'not-compared';
  // Where differences show no spread there is no interval, and the test alone decides.
  if (pHolm >= ALPHA || (low !== null && high !== null && low <= 0 && high >= 0)) return 'within-noise';
  return difference > 0 ? 'better' : 'worse';
}

function baselineFirst(
  judges: readonly NamedJudge[],
  baseline: string | undefined,
): [NamedJudge, ...NamedJudge[]] {
  const names = judges.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  const [first] = judges;
  if (first === undefined || judges.length < 2 || twice !== undefined) {
    throw new ConfigError({
      subject: 'compare',
      expected: 'at least two judges with distinct names',
      received: twice === undefined ? (names[0] ?? 'none') : `${twice} twice`,
      remedy: 'Name another input; <run folder>@all gives one judge per iteration of a run.',
    });
  }
  const chosen = baseline === undefined ? first : judges.find(({ name }) => name === baseline);
  if (chosen) return [chosen, ...judges.filter((judge) => judge !== chosen)];
  throw new ConfigError({
    subject: '--baseline',
    expected: `one of ${names.join(', ')}`,
    received: baseline ?? 'none',
    remedy: 'Give one of these names, or omit it to take the first.',
  });
}

function nothingShared(judges: readonly NamedJudge[]): DataError {
  const subsets = judges.map(
    ({ name, tables }) => `${name} on ${[...tables.bySubset.keys()].slice(0, 5).join(', ') || 'nothing'}`,
  );
  return new DataError({
    subject: 'compare',
    expected: 'items that a judge and its baseline share, by subset and id',
    received: `none: ${subsets.join('; ')}`,
    remedy: 'Compare judges on the same benchmark, scored with the same subsets and ids.',
  });
}
