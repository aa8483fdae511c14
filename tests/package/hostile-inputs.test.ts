import assert from 'node:assert/strict';
import * as autodidact from '../../lib/src/index.js';
import * as evaluate from '../../lib/src/public/evaluate.js';
import * as statistics from '../../lib/src/public/statistics.js';
import {
  EVALUATE_CALLS,
  EVALUATE_WITHOUT_NUMBERS,
  PUBLIC_CALLS,
  PUBLIC_WITHOUT_NUMBERS,
} from './hostile-evaluate.js';
import { functionsOf, refusesWrongTypes, survivesAnyNumber } from './hostile.js';
import { STATISTICS_CALLS } from './hostile-statistics.js';

const { brierScore, clusteredShare, cohensKappa, deriveRandom, holm, mean, quantile, wilsonInterval } =
  statistics;
const random = deriveRandom('hostile');

const ENTRIES = [
  { name: 'autodidact/statistics', entry: statistics, calls: STATISTICS_CALLS, withoutNumbers: [] },
  {
    name: 'autodidact/evaluate',
    entry: evaluate,
    calls: EVALUATE_CALLS,
    withoutNumbers: EVALUATE_WITHOUT_NUMBERS,
  },
  { name: 'autodidact', entry: autodidact, calls: PUBLIC_CALLS, withoutNumbers: PUBLIC_WITHOUT_NUMBERS },
];
for (const { name, entry, calls, withoutNumbers } of ENTRIES) {
  describe(`hostile inputs of ${name}`, () => {
    it('are tried on every function that it exports and that takes numbers', () => {
      assert.deepEqual([...Object.keys(calls), ...withoutNumbers].sort(), functionsOf(entry).sort());
    });

    for (const [called, call] of Object.entries(calls)) {
      it(`${called} refuses what is no number, in words`, () => refusesWrongTypes(called, call));
      it(`${called} gives finite numbers for any number, or refuses it in words`, () =>
        survivesAnyNumber(call));
    }
  });
}

describe('public functions', () => {
  const REFUSED: readonly [name: string, call: () => unknown, message: string][] = [
    [
      'a count in the place of a share',
      () => wilsonInterval(150, 200),
      'wilsonInterval(share): expected a number from 0 to 1, received 150',
    ],
    [
      'a missing value in a list of numbers',
      () => mean([0.5, null as never]),
      'mean: expected a number from -1e100 to 1e100 at index 1, received null. Leave out what has no value.',
    ],
    [
      'an outcome without a score',
      () => brierScore([0.5, 0.7], [1, null as never]),
      'calibration(outcomes): expected a number from 0 to 1 at index 1, received null. Leave out what has no value.',
    ],
    [
      'texts of digits',
      () => holm(['0.5' as never]),
      'holm(pValues): expected a number from 0 to 1 or null at index 0, received "0.5"',
    ],
    [
      'a gap in a list',
      () => mean([1, , 2] as never), // eslint-disable-line no-sparse-arrays -- what is tested
      'mean: expected a number from -1e100 to 1e100 at index 1, received undefined',
    ],
    [
      'lists of unequal length',
      () => cohensKappa([1, 2], [1]),
      'cohensKappa: expected as many values in the second list as in the first, 2, received 1',
    ],
    [
      'a score outside its range, with both indices',
      () => clusteredShare([[1], [0, 2]]),
      'clusteredShare(clusters[1]): expected a number from 0 to 1 or null at index 1, received 2',
    ],
    ['a list that is none', () => mean('12' as never), 'mean: expected a list, received "12"'],
    [
      'a level of 1',
      () => statistics.bootstrapMean([1, 2], { random, level: 1 }),
      'bootstrap(level): expected a number above 0 and below 1, received 1',
    ],
    [
      'a bootstrap without a random stream',
      () => statistics.bootstrapMean([1, 2], {} as never),
      'bootstrap(random): expected a random stream, as deriveRandom(seed) gives one, received undefined',
    ],
    [
      'more resamples than fit in memory',
      () => statistics.bootstrapMean([1, 2], { random, nResamples: 1e15 }),
      'bootstrap(nResamples): expected a whole number from 1 to 100000000, received 1000000000000000',
    ],
    [
      'degrees of freedom that would take hours',
      () => statistics.studentTWithin(1, 1e15),
      'studentTWithin(degrees): expected a whole number from 1 to 10000000, received 1000000000000000',
    ],
    [
      'a quantile of nothing',
      () => quantile([], 0.5),
      'quantile: expected at least one value, received a list of 0',
    ],
    [
      'a quantile of an unsorted list',
      () => quantile([1, 3, 2], 0.5),
      'quantile: expected ascending values at index 2, received 2',
    ],
    [
      'a weight that does not exist',
      () => cohensKappa([1], [1], { weights: 'cubic' as never }),
      'cohensKappa(weights): expected one of none, linear, quadratic, received "cubic"',
    ],
    [
      'weights between words',
      () => cohensKappa(['a'] as never, ['b'] as never, { weights: 'linear' }),
      'cohensKappa: expected a number from -1e100 to 1e100 at index 0, received "a"',
    ],
    [
      'a judgment of another kind',
      () => autodidact.verdictScore({ kind: 'C' } as never, 'winner-first'),
      'verdictScore(verdict.kind): expected one of A, B, tie, unparsed, received "C"',
    ],
    [
      'an order that is none',
      () => autodidact.verdictScore({ kind: 'A' }, 'first' as never),
      'order: expected one of winner-first, loser-first, received "first"',
    ],
    [
      'a share that is none, in a text',
      () => autodidact.percent(NaN),
      'percent: expected a number from -1e100 to 1e100, received NaN',
    ],
    [
      'votes of another kind',
      () => evaluate.countVotes([{ kind: 'A' }, { kind: 'X' } as never]),
      'countVotes: expected A, B, tie or unparsed as kind at index 1, received "X"',
    ],
    [
      'a misspelt setting as a seed',
      () => deriveRandom(undefined as never),
      'deriveRandom: expected a text or a finite number as label 0, received undefined',
    ],
  ];
  for (const [name, call, message] of REFUSED)
    it(`refuse ${name}`, () => assert.throws(call, { name: 'RangeError', message }));

  it('count a null as unscored, never as wrong', () => {
    // One of one score is right, so the share is 1; as a wrong answer the null would make it 1/2.
    const { value, n, unscored } = clusteredShare([[1, null], [null]]);
    assert.deepEqual({ value, n, unscored }, { value: 1, n: 1, unscored: 2 });
    assert.equal(clusteredShare([[null]]).value, null);
  });

  it('leave typed arrays alone: columns of data frames are such', () => {
    assert.equal(mean(Float64Array.of(1, 2) as never), 1.5);
  });
});
