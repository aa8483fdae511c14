// Which of two responses is better, by their words alone: logistic regression, cross-validated by cluster. Where it does well, a judge
// can do well without understanding either.
import { groupBy } from '../core/group-by.js';
import { deriveRandom } from '../core/random.js';

/** A pair as the words that stand in one of its responses and not in the other, by number. */
export interface BagPair {
  onlyFirst: Int32Array;
  onlySecond: Int32Array;
  /** The better response by the gold label; null for a tie or none, on which nothing is trained. */
  better: 'first' | 'second' | null;
  /** Pairs of one cluster, such as one instruction, are never split over training and test. */
  cluster: string;
}

/** Parts of the clusters, each of which is scored by a model of all others. */
const N_FOLDS = 10;
/** Fewer clusters with a gold label give no figure. */
const FEWEST_CLUSTERS = 2 * N_FOLDS;
/** Weight of the loss of a pair against half the squared length of the weights. */
const COST = 1;
const MOST_PASSES = 50;
/** Training ends after a pass in which no dual variable, 0 to COST, changes by more. */
const TOLERANCE = 0.01;
/** Pairs that one model is trained on, at most, drawn at random: more take longer and change little. */
export const MOST_TRAINED = 5000;

/**
 * Scores of both responses of each pair, by weights that were learnt from the pairs of other clusters; the higher one is better. Null
 * where there are too few clusters.
 *
 * A pair is the difference of the presence of words, first minus second, scaled to length 1, so that no pair counts more for being long;
 * there is no intercept, so that swapping the responses swaps the scores. L2-regularised logistic regression minimises
 * |w|^2 / 2 + C * sum of log(1 + exp(-y w x)). There are more words than pairs, so without the penalty the weights would fit any labels;
 * C = 1 for rows of length 1 is the default of LIBLINEAR (R.-E. Fan et al. 2008, JMLR 9:1871-1874), fixed, so that nothing is tuned on
 * what is tested. Words of one cluster alone, which tell nothing about another, are left out.
 * @param nWords numbers of words are below it
 * @param seed of the folds
 */
export function crossValidatedBag(
  pairs: readonly BagPair[],
  { nWords, seed }: { nWords: number; seed: number },
): (readonly [first: number, second: number])[] | null {
  const clusters = groupBy(pairs.keys(), (i) => pairs[i]?.cluster ?? '');
  const isLabelled = (i: number): boolean => (pairs[i]?.better ?? null) !== null;
  if ([...clusters.values()].filter((members) => members.some(isLabelled)).length < FEWEST_CLUSTERS)
    return null;
  const rows = withSharedWords(pairs, [...clusters.values()], nWords);
  const folds = Array.from({ length: N_FOLDS }, (): number[] => []);
  deriveRandom(seed, 'bag-of-words')
    .shuffled([...clusters.keys()].sort())
    .forEach((cluster, place) => folds[place % N_FOLDS]?.push(...(clusters.get(cluster) ?? [])));
  const scores = pairs.map((): readonly [number, number] => [0, 0]);
  for (const fold of folds) {
    const others = folds.flatMap((other) => (other === fold ? [] : other.filter(isLabelled)));
    const weights = trained(
      others.slice(0, MOST_TRAINED).flatMap((i) => rows[i] ?? []),
      nWords,
    );
    for (const i of fold)
      scores[i] = [scoreOf(rows[i]?.onlyFirst, weights), scoreOf(rows[i]?.onlySecond, weights)];
  }
  return scores;
}

/**
 * The words that tell most about the winner, the weight of each by all pairs together, or by {@link MOST_TRAINED} drawn from more: above 0
 * where it stands in winners.
 * @param seed of that draw
 */
export function strongestWords(
  pairs: readonly BagPair[],
  { nWords, most, seed }: { nWords: number; most: number; seed: number },
): { word: number; weight: number }[] {
  const clusters = groupBy(pairs.keys(), (i) => pairs[i]?.cluster ?? '');
  const labelled = withSharedWords(pairs, [...clusters.values()], nWords).filter(({ better }) => better);
  const drawn =
    labelled.length <= MOST_TRAINED
      ? labelled
      : deriveRandom(seed, 'strongest-words').shuffled(labelled).slice(0, MOST_TRAINED);
  return [...trained(drawn, nWords)]
    .map((weight, word) => ({ word, weight }))
    .sort((a, b) => Math.abs(b.weight) - Math.abs(a.weight))
    .slice(0, most)
    .filter(({ weight }) => weight !== 0);
}

function withSharedWords(
  pairs: readonly BagPair[],
  clusters: readonly (readonly number[])[],
  nWords: number,
): BagPair[] {
  const nClusters = new Int32Array(nWords);
  const lastCluster = new Int32Array(nWords).fill(-1);
  clusters.forEach((members, cluster) => {
    const count = (word: number): void => {
      if (lastCluster[word] === cluster) return;
      lastCluster[word] = cluster;
      nClusters[word] = (nClusters[word] ?? 0) + 1;
    };
    for (const i of members) {
      pairs[i]?.onlyFirst.forEach(count);
      pairs[i]?.onlySecond.forEach(count);
    }
  });
  const shared = (words: Int32Array): Int32Array => words.filter((word) => (nClusters[word] ?? 0) > 1);
  return pairs.map((pair) => ({
    ...pair,
    onlyFirst: shared(pair.onlyFirst),
    onlySecond: shared(pair.onlySecond),
  }));
}

function scoreOf(words: Int32Array = new Int32Array(0), weights: Float64Array): number {
  let sum = 0;
  for (const word of words) sum += weights[word] ?? 0;
  return sum;
}

/** The weights of the words: coordinate descent in the dual (H.-F. Yu, F.-L. Huang and C.-J. Lin 2011, Machine Learning 85:41-75). */
function trained(pairs: readonly BagPair[], nWords: number): Float64Array {
  const weights = new Float64Array(nWords);
  const duals = new Float64Array(pairs.length);
  const add = (words: Int32Array, change: number): void => {
    for (const word of words) weights[word] = (weights[word] ?? 0) + change;
  };
  for (let pass = 0, largest = 1; pass < MOST_PASSES && largest > TOLERANCE; pass++) {
    largest = 0;
    pairs.forEach(({ onlyFirst, onlySecond, better }, i) => {
      const nDifferent = onlyFirst.length + onlySecond.length;
      if (nDifferent === 0) return;
      const scale = (better === 'first' ? 1 : -1) / Math.sqrt(nDifferent);
      const before = duals[i] ?? 0;
      const margin = scale * (scoreOf(onlyFirst, weights) - scoreOf(onlySecond, weights));
      const after = dualAt(margin, before);
      duals[i] = after;
      largest = Math.max(largest, Math.abs(after - before));
      add(onlyFirst, scale * (after - before));
      add(onlySecond, -scale * (after - before));
    });
  }
  return weights;
}

/**
 * The dual variable of a pair with all others fixed. At the optimum it is C / (1 + exp(m)), where m is the pair's margin after the change,
 * m = margin + (dual - before) as the row has length 1. So m is the root of an increasing function with a slope from 1 to 1 + C / 4, which
 * Newton's method finds in a few steps from anywhere.
 */
function dualAt(margin: number, before: number): number {
  let m = margin;
  for (let step = 0, change = 1; step < 20 && Math.abs(change) > 1e-9; step++) {
    const share = 1 / (1 + Math.exp(m));
    change = (m - margin - (COST * share - before)) / (1 + COST * share * (1 - share));
    m -= change;
  }
  return COST / (1 + Math.exp(m));
}
