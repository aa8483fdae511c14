import assert from 'node:assert/strict';
import {
  filterPreferences,
  filterRewardPrompts,
  preferenceSchema,
  type KeptPreference,
  type PreferenceOptions,
} from '../../lib/src/filter/index.js';
import type { JudgedPair, Order, Outcome, Verdict } from '../../lib/src/schema/index.js';
import { collect } from '../fixtures/scripted-endpoint.js';
import { frozenPairs } from './frozen-pairs.js';

const VERDICTS: Record<string, Verdict> = {
  A: { kind: 'A' },
  B: { kind: 'B' },
  C: { kind: 'tie' },
  '-': { kind: 'unparsed', reason: 'no-marker' },
};

/** `judged('p', 'AB', 'B')`: judgments with the winner first that say A and B, then one with the loser first that says B. */
function judged(pairId: string, winnerFirst: string, loserFirst = ''): JudgedPair {
  const of = (order: Order, verdicts: string) =>
    [...verdicts].map((letter, sampleIndex) => ({
      pairId,
      order,
      sampleIndex,
      text: `${order} ${sampleIndex} ${letter}`,
      verdict: VERDICTS[letter]!,
    }));
  return { pairId, judgments: [...of('winner-first', winnerFirst), ...of('loser-first', loserFirst)] };
}

const draw = (
  pairs: JudgedPair[],
  options: Partial<PreferenceOptions> = {},
): Promise<Outcome<KeptPreference>[]> =>
  collect(
    filterPreferences(pairs, { rejected: 'wrong', balanceLabels: false, perPair: 1, seed: 1, ...options }),
  );

const reasons = (outcomes: Outcome<KeptPreference>[]): string[] =>
  outcomes.map((outcome) => (outcome.kind === 'kept' ? outcome.record.verdict : outcome.drop.reason));

const keptOf = (outcomes: Outcome<KeptPreference>[]): KeptPreference[] =>
  outcomes.flatMap((outcome) => (outcome.kind === 'kept' ? [outcome.record] : []));

describe('preference examples', () => {
  it('are a right judgment and a wrong one of the same pair in the same order', async () => {
    const kept = keptOf(await draw(frozenPairs(3, 400)));
    assert.ok(kept.length > 50);
    for (const { chosen, rejected, verdict } of kept) {
      assert.deepEqual([chosen.pairId, chosen.order], [rejected.pairId, rejected.order]);
      const winner = chosen.order === 'winner-first' ? 'A' : 'B';
      assert.deepEqual([chosen.verdict.kind, verdict], [winner, winner]);
      assert.equal(rejected.verdict.kind, winner === 'A' ? 'B' : 'A');
    }
  });

  it('report why a pair gives none, with the counts of its judgments', async () => {
    const outcomes = await draw([judged('none right', 'BC-'), judged('none wrong', 'AC-', 'B')]);
    assert.deepEqual(outcomes, [
      {
        kind: 'dropped',
        drop: {
          subjectId: 'none right',
          reason: 'no-right-judgment',
          detail: '0 right, 1 wrong, 1 tie, 1 unparsed',
        },
      },
      {
        kind: 'dropped',
        drop: {
          subjectId: 'none wrong',
          reason: 'no-wrong-judgment',
          detail: '2 right, 0 wrong, 1 tie, 1 unparsed',
        },
      },
    ]);
  });

  it('are not made of a right judgment in one order and a wrong one in the other', async () => {
    assert.deepEqual(reasons(await draw([judged('p', 'AA', 'AA')])), ['no-order-with-both']);
  });

  it('reject ties and judgments without a verdict only where asked for', async () => {
    const pairs = [judged('tie', 'AC'), judged('unread', 'A-')];
    const kinds = async (rejected: PreferenceOptions['rejected']): Promise<string[]> =>
      (await draw(pairs, { rejected })).map((outcome) =>
        outcome.kind === 'kept' ? outcome.record.rejected.verdict.kind : outcome.drop.reason,
      );
    assert.deepEqual(await kinds('wrong'), ['no-wrong-judgment', 'no-wrong-judgment']);
    assert.deepEqual(await kinds('wrong-or-tie'), ['tie', 'no-wrong-judgment']);
    assert.deepEqual(await kinds('wrong-or-unparsed'), ['no-wrong-judgment', 'unparsed']);
    assert.deepEqual(await kinds('not-right'), ['tie', 'unparsed']);
  });

  it('never reject a judgment without any text', async () => {
    const pair = judged('p', 'A-');
    pair.judgments[1]!.text = '';
    assert.deepEqual(reasons(await draw([pair], { rejected: 'not-right' })), ['no-wrong-judgment']);
  });

  it('are up to k of a pair, no judgment in two of them', async () => {
    const pair = judged('p', 'AAABB', 'BBBBAAAA');
    for (const [perPair, n] of [
      [1, 1],
      [4, 4],
      [100, 6],
    ] as const) {
      const kept = keptOf(await draw([pair], { perPair }));
      assert.equal(kept.length, n);
      const texts = kept.flatMap(({ chosen, rejected }) => [chosen.text, rejected.text]);
      assert.equal(new Set(texts).size, 2 * n);
    }
  });

  it('come from both orders, and any right one with any wrong one', async () => {
    const pairs = Array.from({ length: 200 }, (_, i) => judged(`p${i}`, 'AABB', 'BA'));
    const seen = new Set(
      keptOf(await draw(pairs)).map(({ chosen, rejected }) => `${chosen.text} over ${rejected.text}`),
    );
    assert.equal(seen.size, 5);
  });

  it('are as many that choose A as that choose B when labels are balanced, the rest counted', async () => {
    const outcomes = await draw([judged('p', 'AB'), judged('q', 'AB'), judged('r', '', 'BA')], {
      balanceLabels: true,
    });
    assert.deepEqual(reasons(outcomes).sort(), ['A', 'B', 'label-balance']);
  });

  it('leave out pairs of which too few judgments are right', async () => {
    const outcomes = await draw([judged('p', 'ABBB'), judged('q', 'ABAA')], { minCorrectShare: 0.5 });
    assert.deepEqual(reasons(outcomes), ['low-correct-share', 'A']);
  });

  it('reject wrong judgments only, by default', () => {
    assert.deepEqual(preferenceSchema.parse({}), { perPair: 1, balanceLabels: true, rejected: 'wrong' });
    assert.equal(preferenceSchema.safeParse({ rejected: 'tie' }).success, false);
  });
});

describe('prompts for rewards', () => {
  const outcomesOf = async (pairs: JudgedPair[], prompts: 'all' | 'undecided') =>
    (await collect(filterRewardPrompts(pairs, { prompts }))).map((outcome) =>
      outcome.kind === 'kept'
        ? [outcome.record.judgment.pairId, outcome.record.judgment.order, outcome.record.verdict]
        : [outcome.drop.subjectId, outcome.drop.reason, outcome.drop.detail],
    );
  const pairs = [judged('one', 'AB-', 'BB'), judged('two', 'B'), judged('three', '', 'AB')];

  it('are all orders that were judged, each with the label of its winner', async () => {
    assert.deepEqual(await outcomesOf(pairs, 'all'), [
      ['one', 'winner-first', 'A'],
      ['one', 'loser-first', 'B'],
      ['two', 'winner-first', 'A'],
      ['three', 'loser-first', 'B'],
    ]);
  });

  it('are on demand those on which the judge wavers; the others are dropped with their reason', async () => {
    assert.deepEqual(await outcomesOf(pairs, 'undecided'), [
      ['one', 'winner-first', 'A'],
      ['one', 'all-judgments-right', '2 of 2 right, order loser-first'],
      ['two', 'no-right-judgment', '0 of 1 right, order winner-first'],
      ['three', 'loser-first', 'B'],
    ]);
  });
});
