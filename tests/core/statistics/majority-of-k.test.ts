import assert from 'node:assert/strict';
import fc from 'fast-check';
import { majorityOfK, type SampledVerdicts } from '../../../lib/src/core/statistics/majority-of-k.js';
import { near } from './near.js';

type Label = keyof SampledVerdicts;
const LABELS = ['first', 'second', 'tie', 'none'] as const;

function plainMajority({ first, second, tie }: SampledVerdicts): Label {
  if (first + second + tie === 0) return 'none';
  if (first > second && first > tie) return 'first';
  return second > first && second > tie ? 'second' : 'tie';
}

/** Counts the majorities of all subsets of size k, one by one. */
function byAllSubsets(counts: SampledVerdicts, k: number): SampledVerdicts {
  const votes = LABELS.flatMap((label) => Array<Label>(counts[label]).fill(label));
  const seen: SampledVerdicts = { first: 0, second: 0, tie: 0, none: 0 };
  let nSubsets = 0;
  for (let subset = 0; subset < 2 ** votes.length; subset++) {
    const drawn = votes.filter((_, i) => subset & (1 << i));
    if (drawn.length !== k) continue;
    const of = (label: Label) => drawn.filter((vote) => vote === label).length;
    seen[plainMajority({ first: of('first'), second: of('second'), tie: of('tie'), none: of('none') })]++;
    nSubsets++;
  }
  for (const label of LABELS) seen[label] /= nSubsets;
  return seen;
}

describe('majority of k sampled votes', () => {
  it('equals a case by hand', () => {
    // 3 of 5 votes (3 for the first, 2 for the second): the first wins with 3 or 2 of its own, (1 + 3 * 2) / 10.
    const { first, second, tie, none } = majorityOfK({ first: 3, second: 2, tie: 0, none: 0 }, 3);
    near(first, 0.7, 1e-14);
    near(second, 0.3, 1e-14);
    assert.equal(tie, 0);
    assert.equal(none, 0);
  });

  it('is the share of each label for one vote', () => {
    const shares = majorityOfK({ first: 4, second: 3, tie: 2, none: 1 }, 1);
    for (const [label, share] of Object.entries({ first: 0.4, second: 0.3, tie: 0.2, none: 0.1 })) {
      near(shares[label as Label], share, 1e-14);
    }
  });

  it('equals the count over all subsets', () => {
    const count = fc.integer({ min: 0, max: 3 });
    const counts = fc
      .record({ first: count, second: count, tie: count, none: count })
      .filter((votes) => votes.first + votes.second + votes.tie + votes.none > 0);
    const law = fc.property(counts, fc.double({ min: 0, max: 1, noNaN: true }), (votes, share) => {
      const n = votes.first + votes.second + votes.tie + votes.none;
      const k = Math.max(1, Math.ceil(share * n));
      const chances = majorityOfK(votes, k);
      const counted = byAllSubsets(votes, k);
      for (const label of LABELS) near(chances[label], counted[label], 1e-12);
    });
    fc.assert(law, { seed: 1, numRuns: 60 });
  });

  it('sums to 1, and is the plain majority with certainty for all votes', () => {
    const count = fc.integer({ min: 0, max: 32 });
    const counts = fc
      .record({ first: count, second: count, tie: count, none: count })
      .filter((votes) => votes.first + votes.second + votes.tie + votes.none > 0);
    const law = fc.property(counts, fc.double({ min: 0, max: 1, noNaN: true }), (votes, share) => {
      const n = votes.first + votes.second + votes.tie + votes.none;
      const { first, second, tie, none } = majorityOfK(votes, Math.max(1, Math.ceil(share * n)));
      near(first + second + tie + none, 1, 1e-12);
      assert.equal(majorityOfK(votes, n)[plainMajority(votes)], 1);
    });
    fc.assert(law, { seed: 1, numRuns: 200 });
  });

  it('is exactly 1 where every subset says the same', () => {
    // Of 40 votes at most 13 are not for the first.
    assert.equal(majorityOfK({ first: 50, second: 10, tie: 3, none: 0 }, 40).first, 1);
  });

  it('favours neither candidate', () => {
    const there = majorityOfK({ first: 9, second: 5, tie: 2, none: 3 }, 7);
    const back = majorityOfK({ first: 5, second: 9, tie: 2, none: 3 }, 7);
    near(there.first, back.second, 1e-13);
    near(there.tie, back.tie, 1e-13);
  });

  it('refuses more votes than there are, no votes, and what is no count', () => {
    assert.throws(() => majorityOfK({ first: 1, second: 1, tie: 0, none: 0 }, 3), /from 1 to 2, received 3/);
    assert.throws(() => majorityOfK({ first: 1, second: 1, tie: 0, none: 0 }, 0), RangeError);
    assert.throws(() => majorityOfK({ first: 1, second: 0.5, tie: 0, none: 0 }, 1), RangeError);
    assert.throws(() => majorityOfK({ first: 0, second: 0, tie: 0, none: 0 }, 1), RangeError);
  });
});
