import assert from 'node:assert/strict';
import fc from 'fast-check';
import { deriveRandom } from '../../../lib/src/core/random.js';
import {
  bootstrapMean,
  bootstrapRatio,
  bootstrapStatistic,
} from '../../../lib/src/core/statistics/bootstrap.js';
import { TypeCounts } from '../../../lib/src/core/statistics/type-counts.js';
import { quantile } from '../../../lib/src/core/statistics/summary.js';
import { near } from './near.js';

interface Item {
  sum: number;
  size: number;
  times: number;
}

function countsOf(items: readonly Item[]): TypeCounts {
  const counts = new TypeCounts();
  for (const { sum, size, times } of items) counts.add(sum, size, times);
  return counts;
}

/** The textbook's way: draw as many items as there are, with replacement. */
function plainBootstrapRatio(items: readonly Item[], nResamples: number): { low: number; high: number } {
  const each = items.flatMap((item) => Array<Item>(item.times).fill(item));
  const random = deriveRandom('plain');
  const ratios = Float64Array.from({ length: nResamples }, () => {
    const drawn = each.map(() => random.pick(each));
    return drawn.reduce((sum, item) => sum + item.sum, 0) / drawn.reduce((sum, item) => sum + item.size, 0);
  });
  ratios.sort();
  // pnorm(-qt(0.975, 99) * sqrt(100 / 99)): the level for 100 items.
  return { low: quantile(ratios, 0.0230813), high: quantile(ratios, 1 - 0.0230813) };
}

describe('bootstrap by types', () => {
  it('has the binomial interval for 0 and 1', () => {
    // The resampled mean is binomial(400, 0.25) / 400; SciPy: binom.ppf([0.025, 0.975], 400, 0.25) = [83, 117].
    const interval = bootstrapRatio(
      countsOf([
        { sum: 1, size: 1, times: 100 },
        { sum: 0, size: 1, times: 300 },
      ]),
      { random: deriveRandom(1), nResamples: 100_000 },
    );
    near(interval.low, 83 / 400, 1e-12);
    near(interval.high, 117 / 400, 1e-12);
  });

  it('has the interval of item by item resampling where sizes differ', () => {
    const items = [
      { sum: 2, size: 2, times: 60 },
      { sum: 0.5, size: 1, times: 30 },
      { sum: 0, size: 4, times: 10 },
    ];
    const byType = bootstrapRatio(countsOf(items), { random: deriveRandom(1), nResamples: 20_000 });
    const plain = plainBootstrapRatio(items, 20_000);
    // Standard error of such a quantile, sqrt(0.025 * 0.975 / 20000) / density, is 0.0008 for this spread (about 0.042).
    near(byType.low, plain.low, 0.004);
    near(byType.high, plain.high, 0.004);
  });

  it('has the normal interval where nearly every item is a type of its own', () => {
    const random = deriveRandom('values');
    const values = Array.from({ length: 2000 }, () => 3 + random.normal());
    const centre = values.reduce((sum, value) => sum + value, 0) / 2000;
    const { low, high } = bootstrapMean(values, { random: deriveRandom(1), nResamples: 2000 });
    near(low, centre - 1.96 / Math.sqrt(2000), 0.006);
    near(high, centre + 1.96 / Math.sqrt(2000), 0.006);
  });

  it('takes a list and its counts for the same thing', () => {
    const counts = new TypeCounts();
    counts.add(1, 1, 3);
    counts.add(0, 1, 20);
    const list = [0, 1, 1, 1, ...Array<number>(19).fill(0)];
    assert.deepEqual(
      bootstrapMean(counts, { random: deriveRandom(1) }),
      bootstrapMean(list, { random: deriveRandom(1) }),
    );
  });

  it('narrows with a lower level', () => {
    const counts = countsOf([
      { sum: 1, size: 1, times: 500 },
      { sum: 0, size: 1, times: 500 },
    ]);
    const at = (level: number) =>
      bootstrapRatio(counts, { random: deriveRandom(1), nResamples: 20_000, level });
    // Half-widths 1.645 and 2.576 standard errors of sqrt(0.25 / 1000) = 0.0158.
    near(at(0.9).high, 0.5 + 0.026, 0.0015);
    near(at(0.99).high, 0.5 + 0.0407, 0.0025);
  });

  it('is as wide as the level for few items asks', () => {
    // 5 items: qt(0.975, 4) * sqrt(5 / 4) = 3.1042, pnorm of which leaves 0.000954 on either side: of 3125 resamples, all but 2.98. The
    // least, all five the least item, has the probability 1 / 3125 = 0.00032, the next 5 / 3125 more.
    const interval = bootstrapMean([1, 2, 4, 8, 16], { random: deriveRandom(1), nResamples: 200_000 });
    assert.deepEqual(interval, { low: (4 * 1 + 2) / 5, high: (4 * 16 + 8) / 5 });
  });

  it('has no interval where all items have the same ratio', () => {
    const alike = countsOf([
      { sum: 7, size: 10, times: 3 },
      { sum: 2.1, size: 3, times: 4 },
    ]);
    assert.deepEqual(bootstrapRatio(alike, { random: deriveRandom(1) }), { low: null, high: null });
    assert.deepEqual(bootstrapMean([0, 0, 0], { random: deriveRandom(1) }), { low: null, high: null });
  });

  it('surrounds the ratio and stays within the shares of the items', () => {
    const item = fc.record({
      sum: fc.integer({ min: 0, max: 4 }),
      size: fc.integer({ min: 4, max: 6 }),
      times: fc.integer({ min: 1, max: 40 }),
    });
    const law = fc.property(fc.array(item, { minLength: 1, maxLength: 6 }), (items) => {
      const counts = countsOf(items);
      const { low, high } = bootstrapRatio(counts, {
        random: deriveRandom(1),
        nResamples: 200,
        level: 0.998,
      });
      const shares = items.map(({ sum, size }) => sum / size);
      if (new Set(shares).size === 1) {
        assert.deepEqual({ low, high }, { low: null, high: null });
        return;
      }
      assert.ok(low! <= counts.ratio()! + 1e-12 && counts.ratio()! <= high! + 1e-12);
      assert.ok(low! >= Math.min(...shares) - 1e-12 && high! <= Math.max(...shares) + 1e-12);
    });
    fc.assert(law, { seed: 1, numRuns: 200 });
  });

  it('says nothing about no items, and refuses settings that say nothing', () => {
    const [none, one] = [new TypeCounts(), countsOf([{ sum: 1, size: 2, times: 1 }])];
    assert.deepEqual(bootstrapRatio(none, { random: deriveRandom(1) }), { low: null, high: null });
    assert.deepEqual(bootstrapMean([], { random: deriveRandom(1) }), { low: null, high: null });
    assert.deepEqual(bootstrapRatio(one, { random: deriveRandom(1) }), { low: null, high: null });
    assert.throws(() => bootstrapRatio(one, { random: deriveRandom(1), nResamples: 0 }), RangeError);
    assert.throws(() => bootstrapRatio(one, { random: deriveRandom(1), level: 1 }), RangeError);
    assert.throws(() => bootstrapMean(one, { random: deriveRandom(1) }), /size 2/);
  });
});

describe('bootstrap of any statistic', () => {
  const kinds = [
    { item: 1, times: 100 },
    { item: 0, times: 300 },
  ];
  const share = (resample: readonly { item: number; times: number }[]): number =>
    resample.reduce((sum, { item, times }) => sum + item * times, 0) / 400;

  it('has the binomial interval of a share', () => {
    // As above: binom.ppf([0.025, 0.975], 400, 0.25) = [83, 117].
    const { low, high } = bootstrapStatistic(kinds, share, { random: deriveRandom(5), nResamples: 20_000 });
    near(low! * 400, 83, 1);
    near(high! * 400, 117, 1);
  });

  it('draws as many items as there are, and leaves out kinds that were not drawn', () => {
    const sizes = new Set<number>();
    bootstrapStatistic(
      [...kinds, { item: 2, times: 1 }],
      (resample) => {
        sizes.add(resample.reduce((n, { times }) => n + times, 0));
        assert.ok(resample.every(({ times }) => times > 0));
        return 0;
      },
      { random: deriveRandom(6), nResamples: 50 },
    );
    assert.deepEqual([...sizes], [401]);
  });

  it('has no interval for no items, nor where the statistic has no value', () => {
    const nothing = { low: null, high: null };
    assert.deepEqual(bootstrapStatistic([], share, { random: deriveRandom(7) }), nothing);
    assert.deepEqual(
      bootstrapStatistic(kinds, () => null, { random: deriveRandom(7) }),
      nothing,
    );
  });
});
