// How far raters agree with each other, item by item.
import { groupBy } from '../../core/group-by.js';
import { cohensKappa, krippendorffAlpha } from '../../core/statistics/index.js';
import type { Estimate } from '../../schema/estimate.js';
import type { RaterAgreement } from '../../schema/pair-votes.js';
import { ShareCounter } from '../share-counter.js';
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

/** Every vote of one kind against every vote of the other on the same item and pair, as FastChat's compute_agreement.py counts. */
function agreementBetween(own: readonly PairVote[], others: readonly PairVote[]): Agreement | null {
  const byPlace = groupBy(others.filter(isRead), placeOf);
  const pairs = own.filter(isRead).flatMap((vote) =>
    (byPlace.get(placeOf(vote)) ?? []).map((other) => ({
      cluster: vote.cluster,
      labels: [side(vote.points), side(other.points)] as const,
    })),
  );
  const kappa = (of: readonly Labels[]): number | null =>
    cohensKappa(
      of.map(([a]) => a),
      of.map(([, b]) => b),
    );
  return agreementOf(pairs, { kappa, units: pairs.map(({ labels }) => labels) });
}

/** Every two votes on the same item and pair. */
function agreementWithin(votes: readonly PairVote[]): Agreement | null {
  const places = [...groupBy(votes.filter(isRead), placeOf).values()];
  const pairs = places.flatMap((of) =>
    of.flatMap((vote, i) =>
      of.slice(i + 1).map((other) => ({
        cluster: vote.cluster,
        labels: [side(vote.points), side(other.points)] as const,
      })),
    ),
  );
  const units = places.map((of) => of.map(({ points }) => side(points)));
  return agreementOf(pairs, { kappa: () => null, units });
}

function agreementOf(
  pairs: readonly { cluster: string; labels: Labels }[],
  {
    kappa,
    units,
  }: { kappa: (of: readonly Labels[]) => number | null; units: readonly (readonly number[])[] },
): Agreement | null {
  if (pairs.length === 0) return null;
  const share = (counted: typeof pairs): Estimate => {
    const counter = new ShareCounter();
    for (const { cluster, labels } of counted) counter.addOne(Number(labels[0] === labels[1]), { cluster });
    return counter.estimate();
  };
  const decided = pairs.filter(({ labels }) => !labels.includes(0.5));
  const labelsOf = (counted: typeof pairs): Labels[] => counted.map(({ labels }) => labels);
  return {
    agreement: share(pairs),
    withoutTies: share(decided),
    kappa: kappa(labelsOf(pairs)),
    kappaWithoutTies: kappa(labelsOf(decided)),
    alpha: krippendorffAlpha(units),
    // A unit with one value left cannot be paired, and drops out.
    alphaWithoutTies: krippendorffAlpha(units.map((labels) => labels.filter((label) => label !== 0.5))),
  };
}

function placeOf({ item, systems }: PairVote): string {
  return [item, ...systems].join('\u0000');
}
