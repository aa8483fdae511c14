// The split of instructions by hash, and the pools that are drawn from it.
import assert from 'node:assert/strict';
import { deriveRandom } from '../../lib/src/core/random.js';
import { heldOutPairs, unlabeledInstructions } from '../../lib/src/micro/world/pools.js';
import { generateFrom, splitOf } from '../../lib/src/micro/world/split.js';
import { sliceNames, sliceOf, slices } from '../../lib/src/micro/world/tasks.js';

describe('split of instructions', () => {
  it('depends on the text alone', () => {
    assert.equal(splitOf('compute 7 + 2 * 6 - 3 * 4'), splitOf(['compute 7 + 2', '6 - 3 * 4'].join(' * ')));
  });

  it('gives 70, 15, 5 and 10 percent to seed, pool, dev and test', () => {
    const counts = { seed: 0, pool: 0, dev: 0, test: 0 };
    const random = deriveRandom('shares');
    const n = 10_000;
    for (let i = 0; i < n; i++) counts[splitOf(slices.math.generate(random))]++;
    // Four standard deviations of a share p of n draws: 4 * sqrt(p * (1 - p) / n) < 0.02.
    for (const [split, share] of Object.entries({ seed: 0.7, pool: 0.15, dev: 0.05, test: 0.1 })) {
      assert(
        Math.abs(counts[split as keyof typeof counts] / n - share) < 0.02,
        `${split}: ${JSON.stringify(counts)}`,
      );
    }
  });

  it('is respected by generateFrom', () => {
    const random = deriveRandom('from');
    for (let i = 0; i < 20; i++) assert.equal(splitOf(generateFrom('dev', slices.code, random)), 'dev');
  });
});

describe('unlabeled instructions', () => {
  it('come from the pool, never twice, the slices in turn', () => {
    const drawn = [...unlabeledInstructions({ seed: 1, slices: sliceNames, count: 3000 })];
    assert.equal(new Set(drawn.map(({ text }) => text)).size, 3000);
    for (const [i, { text, slice }] of drawn.entries()) {
      assert.equal(splitOf(text), 'pool');
      assert.equal(sliceOf(text)?.name, slice);
      assert.equal(slice, sliceNames[i % 3]);
    }
  });

  it('begin the same whatever their number, and differ between seeds', () => {
    const request = { seed: 7, slices: sliceNames };
    const few = [...unlabeledInstructions({ ...request, count: 10 })];
    assert.deepEqual([...unlabeledInstructions({ ...request, count: 40 })].slice(0, 10), few);
    assert.notDeepEqual([...unlabeledInstructions({ ...request, seed: 8, count: 10 })], few);
  });

  it('need a slice', () => {
    assert.throws(() => [...unlabeledInstructions({ seed: 1, slices: [], count: 1 })], RangeError);
  });
});

describe('held-out pairs', () => {
  for (const split of ['dev', 'test'] as const) {
    it(`of ${split} are distinct, with a right winner and a wrong loser of a known kind`, () => {
      const pairs = [...heldOutPairs({ split, seed: 1, slices: sliceNames, count: 300 })];
      assert.equal(new Set(pairs.map(({ instruction }) => instruction)).size, 300);
      for (const pair of pairs) {
        assert.equal(splitOf(pair.instruction), split);
        assert.equal(slices[pair.slice].solve(pair.instruction)?.answer, pair.winner);
        assert.notEqual(pair.loser, pair.winner);
        assert(slices[pair.slice].errorKinds.includes(pair.errorKind));
      }
    });
  }

  it('show the work before both answers where they are asked for with it, and are the same pairs', () => {
    const request = { split: 'dev', seed: 1, slices: sliceNames, count: 60 } as const;
    const worked = [...heldOutPairs({ ...request, responses: 'worked' })];
    for (const [i, pair] of [...heldOutPairs(request)].entries()) {
      const work = slices[pair.slice].solve(pair.instruction)?.work;
      const [winner, loser] = [`${work} = ${pair.winner}`, `${work} = ${pair.loser}`];
      assert.deepEqual(worked[i], { ...pair, winner, loser });
    }
  });

  it('can be drawn from one slice alone', () => {
    const pairs = [...heldOutPairs({ split: 'dev', seed: 1, slices: ['code'], count: 5 })];
    assert.deepEqual(new Set(pairs.map(({ slice }) => slice)), new Set(['code']));
  });
});
