// Converts between winner and loser, as runs record pairs, and first and second response, as benchmarks list them.
import { contentHash } from '../core/hash.js';
import type { BenchmarkItem } from '../schema/benchmark-item.js';
import type { EvaluatedItem } from '../schema/evaluation.js';
import type { Gold, Respondent, Shown } from '../schema/recorded-judgment.js';
import type { Order } from '../schema/verdict.js';

/** The fields of a benchmark item that decide how its pair is listed. */
export interface Listing {
  goldTie?: true | undefined;
  givenFirst?: 'winner' | 'loser' | undefined;
}

/** The gold label of a pair as it is listed. */
export function goldOf({ goldTie, givenFirst }: Listing): Gold {
  if (goldTie) return 'tie';
  return givenFirst === 'loser' ? 'second' : 'first';
}

/** Whether an order of winner and loser is the one in which the benchmark lists them. */
export function shownOf(order: Order, { givenFirst }: Listing): Shown {
  return (order === 'winner-first') === (givenFirst !== 'loser') ? 'given' : 'swapped';
}

/** The cluster of an item: the one that its benchmark names, else all items with its instruction. */
export function clusterOf({ cluster, instruction }: Pick<BenchmarkItem, 'cluster' | 'instruction'>): string {
  return cluster ?? contentHash(instruction).slice(0, 16);
}

/** Metadata of the responses of an item. */
export function respondentsOf(item: Pick<BenchmarkItem, 'winner' | 'loser' | 'winnerModel' | 'loserModel'>): {
  winner: Respondent;
  loser: Respondent;
} {
  const { winner, loser, winnerModel, loserModel } = item;
  return {
    winner: { nCharacters: winner.length, ...(winnerModel === undefined ? {} : { model: winnerModel }) },
    loser: { nCharacters: loser.length, ...(loserModel === undefined ? {} : { model: loserModel }) },
  };
}

/** Winner and loser as they are listed. */
export function asListed<Side>(
  { winner, loser }: { winner: Side; loser: Side },
  { givenFirst }: Listing,
): readonly [Side, Side] {
  return givenFirst === 'loser' ? [loser, winner] : [winner, loser];
}

/** The grades of an item as it is listed; undefined where one is not known. */
export function scoresOf(item: EvaluatedItem): readonly [number, number] | undefined {
  const winner = item.grades?.winner.grade ?? null;
  const loser = item.grades?.loser.grade ?? null;
  return winner === null || loser === null ? undefined : asListed({ winner, loser }, item);
}
