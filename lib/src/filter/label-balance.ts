// Balances the labels A and B of examples, so that the judge learns no preference for a position (paper, section 3.2).
import { deriveRandom } from '../core/random.js';
import { dropped, type Outcome } from '../schema/drop.js';
import type { Draw } from './draw-judgments.js';

type Balanced = Pick<Draw<unknown>, 'pairId' | 'verdict'>;

/** The outcomes with the surplus of the more frequent verdict dropped, which of them at random, counted as `label-balance`. */
export function* balanced<Kept extends Balanced>(
  outcomes: readonly Outcome<Kept>[],
  seed: number,
): Generator<Outcome<Kept>> {
  const surplus = surplusOf(outcomes, seed);
  for (const [place, outcome] of outcomes.entries()) {
    if (outcome.kind === 'kept' && surplus.has(place)) {
      yield dropped(outcome.record.pairId, 'label-balance', outcome.record.verdict);
    } else yield outcome;
  }
}

/** The places of the outcomes to drop so that both verdicts are equally frequent. */
function surplusOf(outcomes: readonly Outcome<Balanced>[], seed: number): ReadonlySet<number> {
  const places: Record<Balanced['verdict'], number[]> = { A: [], B: [] };
  for (const [place, outcome] of outcomes.entries()) {
    if (outcome.kind === 'kept') places[outcome.record.verdict].push(place);
  }
  const size = Math.min(places.A.length, places.B.length);
  const random = deriveRandom(seed, 'label-balance');
  return new Set([...random.shuffled(places.A).slice(size), ...random.shuffled(places.B).slice(size)]);
}
