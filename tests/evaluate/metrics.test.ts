import assert from 'node:assert/strict';
import { judgeMetrics, verdictMetrics, VerdictTable } from '../../lib/src/evaluate/index.js';
import { majorities, pooledSubsets } from '../../lib/src/evaluate/verdict-table.js';
import { METRIC_KEYS } from '../../lib/src/schema/metrics.js';
import {
  judgeMetricsSchema,
  verdictScore,
  type EvaluatedItem,
  type Verdict,
} from '../../lib/src/schema/index.js';
import { brief, tableFrom } from './tables.js';

const VERDICTS: Record<string, Verdict> = {
  A: { kind: 'A' },
  B: { kind: 'B' },
  C: { kind: 'tie' },
  '-': { kind: 'unparsed', reason: 'no-marker' },
};

/** `item('x', 'AB')`: A with the winner first (right), B with the loser first (right). */
function item(itemId: string, verdicts: string, slice = 'math'): EvaluatedItem {
  return {
    itemId,
    slice,
    errorKind: 'off-by-one',
    orders: [
      { order: 'winner-first', text: '', verdict: VERDICTS[verdicts[0]!]! },
      { order: 'loser-first', text: '', verdict: VERDICTS[verdicts[1]!]! },
    ],
  };
}

describe('judge metrics', () => {
  it('count a judge that is always right, one that always says A, and one that is half right', () => {
    assert.equal(judgeMetrics([item('x', 'AB'), item('y', 'AB')]).accuracy.value, 1);
    const alwaysA = judgeMetrics([item('x', 'AA'), item('y', 'AA')]);
    assert.deepEqual(
      [
        alwaysA.accuracy.value,
        alwaysA.shareOfA.value,
        alwaysA.positionConsistency.value,
        alwaysA.bothOrdersCorrect.value,
      ],
      [0.5, 1, 0, 0],
    );
    const half = judgeMetrics([item('x', 'AB'), item('y', 'BA')]);
    assert.deepEqual(
      [half.accuracy.value, half.positionConsistency.value, half.bothOrdersCorrect.value],
      [0.5, 1, 0.5],
    );
  });

  it('keep what has no verdict out of every share, and count it', () => {
    const metrics = judgeMetrics([item('x', 'A-'), item('y', 'AB')]);
    assert.deepEqual([metrics.accuracy.value, metrics.accuracy.n, metrics.accuracy.unscored], [1, 3, 1]);
    assert.deepEqual([metrics.positionConsistency.n, metrics.positionConsistency.unscored], [1, 1]);
    assert.deepEqual([metrics.bothOrdersCorrect.n, metrics.bothOrdersCorrect.unscored], [1, 1]);
    assert.equal(metrics.nUnparsed, 1);
  });

  it('say why observations of the accuracy are unscored: by the verdicts, the drops, and the gold labels', () => {
    const cut = item('y', 'AB');
    cut.orders[0] = { order: 'winner-first', text: '', verdict: { kind: 'unparsed', reason: 'truncated' } };
    const { accuracy, accuracyBySlice } = judgeMetrics([item('x', 'A-'), cut], {
      nDropped: { refusal: 1, truncated: 1 },
    });
    // Two verdicts of the judged items, and two orders of each item that was not judged.
    assert.deepEqual(accuracy.unscoredReasons, { truncated: 3, 'no-marker': 1, refusal: 2 });
    assert.equal(accuracy.unscored, 6);
    assert.deepEqual(accuracyBySlice.math?.unscoredReasons, { truncated: 1, 'no-marker': 1 });
    assert.equal(judgeMetrics([item('x', 'AB')]).accuracy.unscoredReasons, undefined);
    const table = tableFrom({ x: { gold: null, given: 'A-' }, y: { gold: 'first', given: '-' } });
    assert.deepEqual(verdictMetrics(table).accuracy.unscoredReasons, { 'no-gold-label': 2, 'no-verdict': 1 });
    const unknown = verdictMetrics(table, { withoutGold: 'unknown-id' });
    assert.deepEqual(unknown.accuracy.unscoredReasons, { 'unknown-id': 2, 'no-verdict': 1 });
    assert.deepEqual(unknown.voteAccuracy?.unscoredReasons, { 'unknown-id': 1, 'no-verdict': 1 });
  });

  it('say why observations of biases, of pairs and of every number of votes are unscored', () => {
    const table = new VerdictTable();
    const respondents = [{ nCharacters: 9 }, { nCharacters: 3 }] as const;
    for (const [itemId, gold] of [
      ['x', 'first'],
      ['y', 'first'],
      ['z', null],
    ] as const)
      table.addItem({ itemId, gold, responses: respondents });
    const cut = { kind: 'unparsed', reason: 'truncated' } as const;
    table.addVerdicts('x', 'given', { kind: 'tie' });
    table.addVerdicts('x', 'swapped', cut);
    table.addVerdicts('y', 'given', { kind: 'A', times: 2 });
    table.addVerdicts('z', 'given', { ...cut, times: 2 });
    table.addVerdicts('z', 'swapped', { kind: 'B' });
    const metrics = verdictMetrics(
      pooledSubsets(
        new Map([
          ['a', table],
          ['b', table],
        ]),
      ),
    );
    // Everything is there twice, in two subsets.
    assert.deepEqual(Object.fromEntries(METRIC_KEYS.map((key) => [key, metrics[key]?.unscoredReasons])), {
      accuracy: { truncated: 2, 'no-gold-label': 6 },
      voteAccuracy: { 'no-verdict': 2, 'no-gold-label': 4 },
      bothOrdersCorrect: { truncated: 2, 'no-gold-label': 2 },
      positionConsistency: { truncated: 4 },
      shareOfA: { tie: 2, truncated: 6 },
      primacy: undefined,
      shareOfTies: { truncated: 6 },
      longerChosen: { truncated: 2 },
      ownFamilyChosen: undefined,
    });
    assert.deepEqual(metrics.voteAccuracyByK?.['1']?.unscoredReasons, {
      'no-verdict': 2,
      'no-gold-label': 4,
    });
    // The greedy majority keeps the reason that all of its samples have.
    assert.deepEqual(verdictMetrics(majorities(table)).shareOfTies.unscoredReasons, { truncated: 2 });
  });

  it('count items that could not be judged at all as unscored', () => {
    const metrics = judgeMetrics([item('x', 'AB')], { nDropped: 2 });
    assert.deepEqual([metrics.accuracy.value, metrics.accuracy.n, metrics.accuracy.unscored], [1, 2, 4]);
    assert.deepEqual([metrics.nItems, metrics.bothOrdersCorrect.unscored], [3, 2]);
    assert.deepEqual([metrics.shareOfA.unscored, metrics.shareOfTies.unscored], [4, 4]);
  });

  it('count items that could not be judged as unscored in votes too, for every number of samples', () => {
    const voted = item('x', 'AB');
    for (const order of voted.orders) order.votes = { A: 2, B: 0, tie: 0, unparsed: 0 };
    const { voteAccuracy, voteAccuracyByK } = judgeMetrics([voted], { nDropped: 3 });
    // Two orders, right in the first and wrong in the second; three items of two orders were never judged.
    assert.deepEqual(brief(voteAccuracy), [0.5, 2, 6]);
    assert.deepEqual(brief(voteAccuracyByK?.['1']), [0.5, 2, 6]);
    assert.deepEqual(brief(voteAccuracyByK?.['2']), [0.5, 2, 6]);
  });

  it('count one order of an item that could not be judged where the benchmark shows one', () => {
    const one = { ...item('x', 'AB'), orders: item('x', 'AB').orders.slice(0, 1) };
    const { accuracy } = judgeMetrics([one], { nDropped: 2 });
    assert.deepEqual(brief(accuracy), [1, 1, 2]);
  });

  it('take the greedy verdicts for accuracy and the sampled ones for the vote', () => {
    const voted = item('x', 'AB');
    for (const order of voted.orders) order.votes = { A: 0, B: 3, tie: 0, unparsed: 0 };
    const metrics = judgeMetrics([voted]);
    assert.equal(metrics.accuracy.value, 1);
    assert.equal(metrics.voteAccuracy?.value, 0.5);
    assert.equal(judgeMetrics([item('x', 'AB')]).voteAccuracy, undefined);
  });

  it('take a hundred thousand items and more', () => {
    const items = Array.from({ length: 130_000 }, (_, i) => item(String(i), i % 4 === 0 ? 'BA' : 'AB'));
    assert.equal(judgeMetrics(items).accuracy.value, 0.75);
  });

  it('score ties and listings as the benchmark has them', () => {
    // Winner and loser of a gold tie are the first and the second response: right is a tie, and one of the two verdicts is.
    const tie = { ...item('x', 'CA'), goldTie: true as const };
    assert.equal(judgeMetrics([tie]).accuracy.value, 0.5);
    // Where the loser is listed first, the winner first is the swapped order; A is right in it all the same.
    const listed = { ...item('y', 'AB'), givenFirst: 'loser' as const };
    assert.deepEqual(
      [judgeMetrics([listed]).accuracy.value, judgeMetrics([listed]).bothOrdersCorrect.value],
      [1, 1],
    );
  });

  it('give a tie half a point', () => {
    assert.equal(verdictScore({ kind: 'tie' }, 'winner-first'), 0.5);
    assert.equal(judgeMetrics([item('x', 'CC')]).accuracy.value, 0.5);
  });

  it('have no value for no items, never 0', () => {
    const metrics = judgeMetrics([]);
    assert.deepEqual([metrics.accuracy.value, metrics.accuracy.low, metrics.accuracy.n], [null, null, 0]);
    assert.deepEqual(judgeMetricsSchema.parse(JSON.parse(JSON.stringify(metrics))), metrics);
  });

  it('are split by slice and by kind of error', () => {
    const { accuracyBySlice, accuracyByErrorKind } = judgeMetrics([
      item('x', 'AB', 'math'),
      item('y', 'BA', 'code'),
    ]);
    assert.equal(accuracyBySlice.math?.value, 1);
    assert.equal(accuracyBySlice.code?.value, 0);
    assert.deepEqual(Object.keys(accuracyByErrorKind), ['code/off-by-one', 'math/off-by-one']);
  });
});

describe('metrics of counted verdicts', () => {
  it('score every sample and hold the majorities of the two orders against each other', () => {
    const metrics = verdictMetrics(tableFrom({ x: { gold: 'first', given: 'AAB', swapped: 'BBB' } }));
    // Right are A as given, B when swapped: (2 + 3) of 6 samples; the majorities are right in both orders.
    assert.deepEqual(brief(metrics.accuracy), [0.833333, 6, 0]);
    assert.deepEqual(brief(metrics.voteAccuracy), [1, 2, 0]);
    assert.deepEqual(brief(metrics.bothOrdersCorrect), [1, 1, 0]);
    assert.deepEqual(brief(metrics.positionConsistency), [1, 1, 0]);
    // Two of six verdicts are A.
    assert.deepEqual(brief(metrics.shareOfA), [0.333333, 6, 0]);
  });

  it('have no vote where each order was judged once', () => {
    const metrics = verdictMetrics(tableFrom({ x: { gold: 'first', given: 'A', swapped: 'B' } }));
    assert.deepEqual(
      [metrics.voteAccuracy, metrics.voteAccuracyByK, metrics.calibration],
      [undefined, undefined, undefined],
    );
  });

  it('take a tie for right where gold is one, and A or B for wrong', () => {
    const metrics = verdictMetrics(
      tableFrom({
        x: { gold: 'tie', given: 'C', swapped: 'A' },
        y: { gold: 'tie', given: 'C', swapped: 'C' },
      }),
    );
    assert.deepEqual(brief(metrics.accuracy), [0.75, 4, 0]);
    assert.deepEqual(brief(metrics.bothOrdersCorrect), [0.5, 2, 0]);
    assert.deepEqual(brief(metrics.positionConsistency), [0.5, 2, 0]);
    // Three of four verdicts are ties; the share of A has one verdict to go by and three that name no side.
    assert.deepEqual(brief(metrics.shareOfTies), [0.75, 4, 0]);
    assert.deepEqual(brief(metrics.shareOfA), [1, 1, 3]);
  });

  it('count verdicts on items without a gold label as unscored, and still look at their consistency', () => {
    const metrics = verdictMetrics(tableFrom({ x: { gold: null, given: 'A', swapped: 'B-' } }));
    assert.deepEqual(brief(metrics.accuracy), [null, 0, 3]);
    assert.deepEqual(brief(metrics.bothOrdersCorrect), [null, 0, 1]);
    assert.deepEqual(brief(metrics.positionConsistency), [1, 1, 0]);
    assert.equal(metrics.nUnparsed, 1);
  });

  it('say nothing of two orders where one was judged', () => {
    const metrics = verdictMetrics(
      tableFrom({ x: { gold: 'first', given: 'A' }, y: { gold: 'first', swapped: 'A' } }),
    );
    assert.deepEqual(brief(metrics.accuracy), [0.5, 2, 0]);
    for (const name of ['bothOrdersCorrect', 'positionConsistency', 'primacy'] as const)
      assert.deepEqual(brief(metrics[name]), [null, 0, 0], name);
  });

  it('tell a taste for what stands first from one for what stands last', () => {
    const metrics = verdictMetrics(
      tableFrom({
        first: { gold: 'first', given: 'A', swapped: 'A' },
        firstToo: { gold: 'second', given: 'A', swapped: 'A' },
        last: { gold: 'first', given: 'B', swapped: 'B' },
        consistent: { gold: 'first', given: 'A', swapped: 'B' },
        half: { gold: 'first', given: 'A', swapped: 'C' },
        unread: { gold: 'first', given: 'A', swapped: '-' },
      }),
    );
    // Three items contradict each other outright, two of them for the first.
    assert.deepEqual(brief(metrics.primacy), [0.666667, 3, 0]);
    // Of the five that can be read in both orders one agrees.
    assert.deepEqual(brief(metrics.positionConsistency), [0.2, 5, 1]);
  });

  it('count what cannot be read apart in every share', () => {
    const metrics = verdictMetrics(tableFrom({ x: { gold: 'first', given: '--', swapped: '-' } }));
    assert.deepEqual(brief(metrics.accuracy), [null, 0, 3]);
    assert.deepEqual(brief(metrics.shareOfA), [null, 0, 3]);
    assert.deepEqual(brief(metrics.shareOfTies), [null, 0, 3]);
    assert.deepEqual(brief(metrics.positionConsistency), [null, 0, 1]);
    assert.equal(metrics.nUnparsed, 3);
  });

  it('take the two orders of an item for one cluster', () => {
    const { accuracy } = verdictMetrics(
      tableFrom({
        x: { gold: 'first', given: 'A', swapped: 'B' },
        y: { gold: 'first', given: 'B', swapped: 'A' },
      }),
    );
    // p = 1/2, v = 2 / 1 * (1 + 1) / 4^2 = 1/4, so that deff = 1/4 / (1/4 / 3) = 3. With two clusters the quantiles of R are qt(0.975, 3) =
    // 3.182446 and qt(0.975, 1) = 12.706205: n_eff = 4 / 3 * 0.250464^2. Wilson's half width at p = 1/2 is z / (2 sqrt(n_eff + z^2)).
    const nEffective = (4 / 3) * (3.182446 / 12.706205) ** 2;
    assert.ok(
      Math.abs(accuracy.low! - (0.5 - 1.959964 / (2 * Math.sqrt(nEffective + 1.959964 ** 2)))) < 1e-6,
    );
    assert.ok(
      Math.abs(accuracy.high! - (0.5 + 1.959964 / (2 * Math.sqrt(nEffective + 1.959964 ** 2)))) < 1e-6,
    );
    assert.deepEqual([accuracy.n, accuracy.nClusters], [4, 2]);
    assert.equal(accuracy.method, 'Wilson 95%, 2 clusters, design effect 3.00, t adjustment');
  });
});
