// How far raters agree with each other, item by item.
import { groupBy } from '../../core/group-by.js';
import { cohensKappa, krippendorffAlpha } from '../../core/statistics/index.js';
import type { Estimate } from '../../schema/estimate.js';
import type { RaterAgreement } from '../../schema/pair-votes.js';
import { ShareCounter } from '../../core/statistics/share-counter.js';
import { isRead, side, type PairVote } from './pair-vote.js';

/** Of every two kinds of raters, and within every kind with several raters; by subset, where there are several. */
export function agreementsOf(byKind: ReadonlyMap<string, readonly PairVote[]>): RaterAgreement[] {
  const kinds = [...byKind.keys()];
  const subsetsOf = (votes: readonly PairVote[]): string[] => {
    const named = [...new Set(votes.map(({ subset }) => subset))].sort();
    return named.length > 1 ? ['all', ...named] : ['all'];
  };
  return kinds.flatMap((raters, i) =>
    kinds.slice(i).flatMap((others) => {
      const all = byKind.get(raters) ?? [];
      return subsetsOf(all).flatMap((subset) => {
        const inSubset = (votes: readonly PairVote[] = []): readonly PairVote[] =>
          subset === 'all' ? votes : votes.filter((vote) => vote.subset === subset);
        const own = inSubset(all);
        const found =
          raters === others ? agreementWithin(own) : agreementBetween(own, inSubset(byKind.get(others)));
        return found === null ? [] : [{ raters, others, subset, ...found }];
      });
    }),
  );
}

type Labels = readonly [0 | 0.5 | 1, 0 | 0.5 | 1];
type Agreement = Omit<RaterAgreement, 'raters' | 'others' | 'subset'>;

/** How many pairs of votes on one item and pair of systems have these labels. */
interface Cell {
  cluster: string;
  labels: Labels;
  times: number;
}

/** Every vote of one kind against every vote of the other on the same item and pair, as FastChat's compute_agreement.py counts. */
function agreementBetween(own: readonly PairVote[], others: readonly PairVote[]): Agreement | null {
  const othersByPlace = groupBy(others.filter(isRead), placeOf);
  const cells = [...groupBy(own.filter(isRead), placeOf)].flatMap(([place, votes]) => {
    const theirs = [...timesOfLabels(othersByPlace.get(place) ?? [])];
    return [...timesOfLabels(votes)].flatMap(([a, nOwn]) =>
      theirs.map(([b, n]): Cell => ({ cluster: clusterOf(votes), labels: [a, b], times: nOwn * n })),
    );
  });
  const kappa = (of: readonly Cell[]): number | null =>
    cohensKappa(
      of.map(({ labels }) => labels[0]),
      of.map(({ labels }) => labels[1]),
      { times: of.map(({ times }) => times) },
    );
  const alpha = (of: readonly Cell[]): number | null =>
    krippendorffAlpha(
      of.map(({ labels }) => labels),
      { times: of.map(({ times }) => times) },
    );
  return agreementOf(cells, (of) => ({ kappa: kappa(of), alpha: alpha(of) }));
}

/** Every two votes on the same item and pair. */
function agreementWithin(votes: readonly PairVote[]): Agreement | null {
  const places = [...groupBy(votes.filter(isRead), placeOf).values()];
  const cells = places.flatMap((of) => {
    const times = [...timesOfLabels(of)];
    return times.flatMap(([a, nOfA], i) =>
      times.slice(i).map(([b, n]): Cell => {
        const nPairs = a === b ? (n * (n - 1)) / 2 : nOfA * n;
        return { cluster: clusterOf(of), labels: [a, b], times: nPairs };
      }),
    );
  });
  const units = places.map((of) => of.map(({ points }) => side(points)));
  return agreementOf(cells, (_, areTiesOut) => ({
    kappa: null,
    // A unit with one value left cannot be paired, and drops out.
    alpha: krippendorffAlpha(
      areTiesOut ? units.map((labels) => labels.filter((label) => label !== 0.5)) : units,
    ),
  }));
}

/** Agreement over cells, with ties and without. */
function agreementOf(
  all: readonly Cell[],
  beyondChance: (of: readonly Cell[], areTiesOut: boolean) => { kappa: number | null; alpha: number | null },
): Agreement | null {
  const cells = all.filter(({ times }) => times > 0);
  if (cells.length === 0) return null;
  const share = (of: readonly Cell[]): Estimate => {
    const counter = new ShareCounter();
    for (const { cluster, labels, times } of of)
      counter.add({ sum: labels[0] === labels[1] ? times : 0, size: times }, { cluster });
    return counter.estimate();
  };
  const decided = cells.filter(({ labels }) => !labels.includes(0.5));
  const [withTies, without] = [beyondChance(cells, false), beyondChance(decided, true)];
  return {
    agreement: share(cells),
    withoutTies: share(decided),
    kappa: withTies.kappa,
    kappaWithoutTies: without.kappa,
    alpha: withTies.alpha,
    alphaWithoutTies: without.alpha,
  };
}

function timesOfLabels(votes: readonly (PairVote & { points: number })[]): Map<Labels[0], number> {
  const times = new Map<Labels[0], number>();
  for (const { points } of votes) times.set(side(points), (times.get(side(points)) ?? 0) + 1);
  return times;
}

/** Of votes on one item. */
function clusterOf([vote]: readonly PairVote[]): string {
  return vote?.cluster ?? '';
}

function placeOf({ item, systems }: PairVote): string {
  return [item, ...systems].join('\u0000');
}
