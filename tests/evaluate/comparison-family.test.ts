import assert from 'node:assert/strict';
import {
  compareFamily,
  compareJudges,
  JudgeTables,
  type FamilyOptions,
  type NamedJudge,
} from '../../lib/src/evaluate/index.js';
import { ConfigError, DataError } from '../../lib/src/core/errors.js';
import type { EvaluatedItem, JudgeComparison, ScoredItem } from '../../lib/src/schema/index.js';
import { near } from '../core/statistics/near.js';

const NONE = { A: 0, B: 0, tie: 0, unparsed: 0 };
const OPTIONS: FamilyOptions = { seed: 1, nResamples: 500 };

/** An item whose first response is better, shown as given once: `1` right, `0` wrong, `=` a tie, `-` without a verdict. */
function scored(
  itemId: string,
  verdict: string,
  others: Partial<ScoredItem> = {},
): Omit<ScoredItem, 'judge'> {
  const kind = { '1': 'A', '0': 'B', '=': 'tie', '-': 'unparsed' }[verdict];
  const given = { ...NONE, ...(kind ? { [kind]: 1 } : {}) };
  return { subset: 'all', itemId, gold: 'first', given, swapped: NONE, ...others };
}

/** `judge('a', '10')`: right on item 0, wrong on item 1. */
function judge(name: string, verdicts: string, subset = 'all'): NamedJudge {
  return judgeOf(
    name,
    [...verdicts].map((verdict, i) => scored(String(i), verdict, { subset })),
  );
}

function judgeOf(name: string, items: readonly Omit<ScoredItem, 'judge'>[]): NamedJudge {
  const tables = new JudgeTables();
  for (const item of items) tables.addScored(item);
  return { name, tables };
}

async function onlyOverall(
  judges: readonly NamedJudge[],
  options: FamilyOptions = OPTIONS,
): Promise<JudgeComparison> {
  const { overall } = await compareFamily(judges, options);
  assert.equal(overall.length, 1);
  return overall[0]!;
}

/** Without what binomial logarithms leave in the last bits. */
const rounded = (p: number | null): number | null => (p === null ? null : Number(p.toFixed(9)));

describe('a family of comparisons', () => {
  it('gives the paired difference with its tests, and what the two judges score on the items of both', async () => {
    const found = await onlyOverall([judge('a', '1000'), judge('b', '1110')]);
    assert.deepEqual([found.judge, found.baseline, found.subset], ['b', 'a', null]);
    // Differences 0, 1, 1, 0.
    assert.deepEqual([found.difference, found.n, found.unscored], [0.5, 4, 0]);
    // Two differences that are not 0: sums of +-1 +-1 are 2 or -2 in two of four cases.
    assert.equal(found.pValue, 0.5);
    // Two discordant items, both for b: exact p 2 / 4, less the probability 1 / 4 of that split.
    near(found.mcNemarMidP, 0.25, 1e-12);
    assert.deepEqual([found.baselineAccuracy.value, found.judgeAccuracy.value], [0.25, 0.75]);
    assert.deepEqual([found.baselineAccuracy.n, found.judgeAccuracy.n], [4, 4]);
    // (1.959964 + 0.841621) * sqrt(1 / 3) / sqrt(4)
    near(found.minimumDetectable, 0.808748, 1e-5);
    assert.equal(found.finding, 'within-noise');
  });

  it('is what the report of a run says of the same items', async () => {
    const run = (verdicts: string): EvaluatedItem[] =>
      Array.from({ length: verdicts.length / 2 }, (_, i) => ({
        itemId: `i${i}`,
        slice: i % 2 === 0 ? 'math' : 'code',
        errorKind: 'random',
        ...(i % 3 === 0 ? { givenFirst: 'loser' as const } : {}),
        orders: (['winner-first', 'loser-first'] as const).map((order, k) => {
          const letter = verdicts[2 * i + k];
          return {
            order,
            text: '',
            verdict:
              letter === 'A' || letter === 'B' ? { kind: letter } : { kind: 'unparsed', reason: 'no-marker' },
          };
        }),
      }));
    const [earlier, later] = [run('AAABBABB--AA'), run('ABABABABAB-B')];
    const named = (name: string, items: EvaluatedItem[]): NamedJudge => {
      const tables = new JudgeTables();
      for (const item of items) tables.addEvaluated(item);
      return { name, tables };
    };
    const found = await onlyOverall([named('seed', earlier), named('final', later)]);
    const reported = compareJudges(earlier, later, { seed: 1, nResamples: 500 });
    assert.deepEqual(
      Object.fromEntries(Object.keys(reported).map((key) => [key, found[key as 'n']])),
      reported,
    );
    // Both orders of an item: no single verdict, so no McNemar test.
    assert.equal(found.mcNemarMidP, null);
  });

  it('calls a judge better or worse only where the corrected test says so, and no interval contradicts it', async () => {
    // Six of six items: p = 2 / 64 = 0.031; five of five: p = 2 / 32 = 0.063. Items that are all alike have no interval.
    assert.equal((await onlyOverall([judge('a', '000000'), judge('b', '111111')])).finding, 'better');
    assert.equal((await onlyOverall([judge('a', '111111'), judge('b', '000000')])).finding, 'worse');
    const five = await onlyOverall([judge('a', '00000'), judge('b', '11111')]);
    assert.deepEqual([five.low, five.high, five.finding], [null, null, 'within-noise']);
    const { overall } = await compareFamily(
      [judge('a', '000000'), judge('b', '111111'), judge('c', '111111')],
      OPTIONS,
    );
    // Holm over two tests doubles both.
    assert.deepEqual(
      overall.map(({ pValue, pHolm, finding }) => [rounded(pValue), rounded(pHolm), finding]),
      [
        [0.03125, 0.0625, 'within-noise'],
        [0.03125, 0.0625, 'within-noise'],
      ],
    );
  });

  it('corrects the comparisons over all items and those by subset each as a family of its own', async () => {
    const onTwoSubsets = (name: string, x: string, y: string): NamedJudge =>
      judgeOf(name, [
        ...[...x].map((verdict, i) => scored(String(i), verdict, { subset: 'x' })),
        ...[...y].map((verdict, i) => scored(String(i), verdict, { subset: 'y' })),
      ]);
    const { overall, bySubset } = await compareFamily(
      [
        onTwoSubsets('a', '000000', '11'),
        onTwoSubsets('b', '111111', '11'),
        onTwoSubsets('c', '000000', '11'),
      ],
      OPTIONS,
    );
    // The same ids in two subsets are different items.
    assert.deepEqual(
      overall.map(({ judge: name, n, pHolm }) => [name, n, rounded(pHolm)]),
      [
        ['b', 8, 2 * 0.03125],
        ['c', 8, 1],
      ],
    );
    assert.deepEqual(
      bySubset.map(({ judge: name, subset, n, pHolm }) => [name, subset, n, rounded(pHolm)]),
      [
        ['b', 'x', 6, 4 * 0.03125],
        ['b', 'y', 2, 1],
        ['c', 'x', 6, 1],
        ['c', 'y', 2, 1],
      ],
    );
  });

  it('compares with the baseline, or all pairs with the baseline first', async () => {
    const judges = [judge('a', '10'), judge('b', '01'), judge('c', '11')];
    const pairs = async (options: Partial<FamilyOptions>): Promise<string[]> =>
      (await compareFamily(judges, { ...OPTIONS, ...options })).overall.map(
        ({ judge: later, baseline }) => `${later}-${baseline}`,
      );
    assert.deepEqual(await pairs({}), ['b-a', 'c-a']);
    assert.deepEqual(await pairs({ baseline: 'c' }), ['a-c', 'b-c']);
    assert.deepEqual(await pairs({ allPairs: true, baseline: 'b' }), ['a-b', 'c-b', 'c-a']);
  });

  it('says why items are in no comparison', async () => {
    const swapped = { given: NONE, swapped: { ...NONE, B: 1 } };
    const a = judgeOf('a', [
      scored('both', '1'),
      scored('no verdict', '-'),
      scored('order', '1'),
      scored('no gold', '1', { gold: null }),
      scored('only a', '1'),
    ]);
    const b = judgeOf('b', [
      scored('both', '0'),
      scored('no verdict', '1'),
      scored('order', '', swapped),
      scored('no gold', '1', { gold: null }),
      scored('only b', '1'),
      scored('only b too', '1'),
    ]);
    const found = await onlyOverall([a, b]);
    assert.deepEqual([found.n, found.unscored, found.difference], [1, 6, -1]);
    assert.deepEqual(found.unscoredReasons, { oneJudgeOnly: 3, noGold: 1, noCommonOrder: 1, noVerdict: 1 });
    assert.deepEqual([found.judgeAccuracy.n, found.judgeAccuracy.unscored], [1, 6]);
  });

  it('takes the orders of an item as one observation, and leaves McNemar out where scores are not single', async () => {
    const bothRight = { given: { ...NONE, A: 1 }, swapped: { ...NONE, B: 1 } };
    const found = await onlyOverall([
      judgeOf('a', [scored('x', '', bothRight), scored('y', '0')]),
      judgeOf('b', [scored('x', '', { ...bothRight, swapped: { ...NONE, A: 1 } }), scored('y', '1')]),
    ]);
    // Item x: 1 to 1/2; item y: 0 to 1. Each item weighs the same: (1 + 0) / 2 and (1/2 + 1) / 2.
    assert.deepEqual([found.baselineAccuracy.value, found.judgeAccuracy.value], [0.5, 0.75]);
    assert.equal(found.difference, 0.25);
    assert.equal(found.mcNemarMidP, null);
    assert.equal((await onlyOverall([judge('a', '1='), judge('b', '11')])).mcNemarMidP, null);
  });

  it('takes enough sign patterns that a test by subset can stand up to its family', async () => {
    // 15 differences 1/30 ... 15/30, all for b: 2^15 patterns are too many to go through, and the true p is 2 / 2^15. With 100 patterns
    // p could not fall below 1 / 101, which ten tests correct to 0.099.
    const subsets = Array.from({ length: 10 }, (_, i) => `s${i}`);
    const items = (nRight: (i: number) => number): Omit<ScoredItem, 'judge'>[] =>
      subsets.flatMap((subset) =>
        Array.from({ length: 15 }, (_, i) =>
          scored(String(i), '', { subset, given: { ...NONE, A: nRight(i), B: 30 - nRight(i) } }),
        ),
      );
    const { bySubset } = await compareFamily(
      [
        judgeOf(
          'a',
          items(() => 0),
        ),
        judgeOf(
          'b',
          items((i) => i + 1),
        ),
      ],
      { seed: 1, nResamples: 100 },
    );
    assert.ok(bySubset.every(({ finding }) => finding === 'better'));
  });

  it('tells a judge without gold labels those of the others', async () => {
    const b = judgeOf(
      'b',
      ['0', '1'].map((itemId) => scored(itemId, '1', { gold: null })),
    );
    assert.equal((await onlyOverall([judge('a', '10'), b])).difference, 0.5);
  });

  it('refuses an item with two gold labels, and names it with the judges', async () => {
    const b = judgeOf('b', [scored('0', '1', { gold: 'second' })]);
    await assert.rejects(
      compareFamily([judge('a', '1'), b], OPTIONS),
      (error) =>
        error instanceof DataError &&
        error.subject === 'all/0' &&
        error.received === 'second of b and first of a',
    );
    assert.throws(() => judgeOf('c', [scored('0', '1'), scored('0', '1', { gold: 'tie' })]), {
      subject: 'all/0',
      received: 'first and tie',
    });
  });

  it('says so where no item was scored by both, and fails where none was shown to both', async () => {
    const nothing = await onlyOverall([judge('a', '-'), judge('b', '1')]);
    assert.deepEqual(
      [nothing.finding, nothing.difference, nothing.pValue, nothing.pHolm, nothing.judgeAccuracy.value],
      ['not-compared', null, null, null, null],
    );
    await assert.rejects(
      compareFamily([judge('a', '1', 'x'), judge('b', '1', 'y')], OPTIONS),
      (error) => error instanceof DataError && error.received === 'none: a on x; b on y',
    );
  });

  it('refuses fewer than two judges, a name twice and an unknown baseline', async () => {
    const rejects = async (judges: NamedJudge[], expected: RegExp, baseline?: string): Promise<void> => {
      await assert.rejects(
        compareFamily(judges, { ...OPTIONS, baseline }),
        (error) => error instanceof ConfigError && expected.test(error.message),
      );
    };
    await rejects([], /two judges.*received none/);
    await rejects([judge('a', '1')], /two judges.*received a\./);
    await rejects([judge('a', '1'), judge('a', '1')], /received a twice/);
    await rejects([judge('a', '1'), judge('b', '1')], /--baseline: expected one of a, b, received c/, 'c');
  });

  it('gives the same figures for the same seed', async () => {
    const judges = [judge('a', '10101100'), judge('b', '11110010')];
    assert.deepEqual(await compareFamily(judges, OPTIONS), await compareFamily(judges, OPTIONS));
  });

  it('stops when it is asked to', async () => {
    const stop = new AbortController();
    const reason = new Error('stopped');
    const comparing = compareFamily([judge('a', '10'), judge('b', '11')], {
      ...OPTIONS,
      signal: stop.signal,
    });
    stop.abort(reason);
    await assert.rejects(comparing, (error) => error === reason);
  });
});
