import assert from 'node:assert/strict';
import { deriveRandom } from '../../lib/src/core/random.js';
import {
  crossValidatedBag,
  MOST_TRAINED,
  strongestWords,
  type BagPair,
} from '../../lib/src/shortcuts/index.js';

const N_WORDS = 60;
const words = (...ids: number[]): Int32Array => Int32Array.from(ids);

/** Two pairs for each of 30 clusters: words at random, and word 0 in the better response, where it is telling. */
function randomPairs(isTelling: boolean): BagPair[] {
  const random = deriveRandom('bag of words');
  const some = (): number[] => [...new Set(Array.from({ length: 8 }, () => 1 + random.below(N_WORDS - 1)))];
  return Array.from({ length: 60 }, (_, i) => {
    const better = random.below(2) === 0 ? 'first' : 'second';
    const isFirst = isTelling && better === 'first';
    return {
      onlyFirst: words(...(isFirst ? [0] : []), ...some()),
      onlySecond: words(...(isTelling && !isFirst ? [0] : []), ...some()),
      better,
      cluster: `c${i % 30}`,
    };
  });
}

const options = { nWords: N_WORDS, seed: 1 };
const shareRight = (pairs: readonly BagPair[]): number => {
  const scores = crossValidatedBag(pairs, options)!;
  return scores.filter(([a, b], i) => a > b === (pairs[i]!.better === 'first')).length / pairs.length;
};

describe('a cross-validated bag of words', () => {
  it('finds a word that tells the winner, and nothing where there is none', () => {
    assert.equal(shareRight(randomPairs(true)), 1);
    const byChance = shareRight(randomPairs(false));
    // 60 coins: 0.5 ± 3.3 standard errors of 0.065.
    assert.ok(byChance > 0.28 && byChance < 0.72, String(byChance));
  });

  it('scores a cluster without ever having seen its labels', () => {
    const pairs = randomPairs(true);
    const flipped = pairs.map((pair): BagPair => {
      if (pair.cluster !== 'c7') return pair;
      return { ...pair, better: pair.better === 'first' ? 'second' : 'first' };
    });
    const [before, after] = [pairs, flipped].map((set) => crossValidatedBag(set, options)!);
    const ofCluster = pairs.flatMap(({ cluster }, i) => (cluster === 'c7' ? [i] : []));
    assert.equal(ofCluster.length, 2);
    for (const i of ofCluster) assert.deepEqual(after![i], before![i]);
    assert.notDeepEqual(after, before);
  });

  it('learns the strongest words of more pairs than it takes from some of all of them', () => {
    // Each of the first pairs has words of its own, so that nothing can be learnt from them.
    const pairs = Array.from({ length: MOST_TRAINED + 500 }, (_, i): BagPair => {
      const own = i < MOST_TRAINED ? [2 * i, 2 * i + 1] : [2 * MOST_TRAINED, 2 * MOST_TRAINED + 1];
      return { onlyFirst: words(own[0]!), onlySecond: words(own[1]!), better: 'first', cluster: `c${i}` };
    });
    const strongest = strongestWords(pairs, { nWords: 2 * MOST_TRAINED + 2, most: 2, seed: 1 });
    assert.deepEqual(strongest.map(({ word }) => word), [2 * MOST_TRAINED, 2 * MOST_TRAINED + 1]); // prettier-ignore
    assert.ok(strongest[0]!.weight > 0 && strongest[1]!.weight < 0);
  });

  it('swaps its scores with the responses', () => {
    const pairs = randomPairs(true);
    const swapped = pairs.map(({ onlyFirst, onlySecond, better, cluster }): BagPair => ({
      onlyFirst: onlySecond,
      onlySecond: onlyFirst,
      better: better === 'first' ? 'second' : 'first',
      cluster,
    }));
    // Sums are taken in another order, so their last digits differ.
    const rounded = (scores: readonly (readonly number[])[]): string[] =>
      scores.map((pair) => pair.map((score) => score.toFixed(9)).join(' '));
    assert.deepEqual(
      rounded(crossValidatedBag(swapped, options)!.map(([a, b]) => [b, a])),
      rounded(crossValidatedBag(pairs, options)!),
    );
  });

  it('is the minimum of loss and penalty', () => {
    const one = (i: number): BagPair => ({
      onlyFirst: words(0),
      onlySecond: words(),
      better: 'first',
      cluster: `c${i}`,
    });
    const scores = crossValidatedBag(
      Array.from({ length: 20 }, (_, i) => one(i)),
      options,
    )!;
    // Of 18 pairs with x = 1, w^2 / 2 + 18 log(1 + exp(-w)) is least where w = 18 / (1 + exp(w)): w = 1.9796.
    for (const [first, second] of scores) {
      assert.ok(Math.abs(first - 18 / (1 + Math.exp(first))) < 0.05, String(first));
      assert.equal(second, 0);
    }
  });

  it('gives none for fewer than 20 clusters with a label', () => {
    const pairs = randomPairs(true);
    const few = pairs.map((pair, i): BagPair => (i % 30 < 11 ? { ...pair, better: null } : pair));
    assert.equal(crossValidatedBag(few, options), null);
    assert.equal(crossValidatedBag([], options), null);
  });
});
