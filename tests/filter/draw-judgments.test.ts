import assert from 'node:assert/strict';
import { contentHash } from '../../lib/src/core/hash.js';
import { filterJudgments, filterSchema, type FilterOptions } from '../../lib/src/filter/index.js';
import { collect } from '../fixtures/scripted-endpoint.js';
import { frozenPairs } from './frozen-pairs.js';

const choose = (options: Partial<FilterOptions>): FilterOptions => ({
  correctOnly: true,
  balanceLabels: false,
  perPair: 1,
  seed: 7,
  ...options,
});

/** Texts of the kept judgments, and drops by reason. */
async function kept(
  options: Partial<FilterOptions>,
): Promise<{ texts: string[]; drops: Map<string, string[]> }> {
  const texts: string[] = [];
  const drops = new Map<string, string[]>();
  for (const outcome of await collect(filterJudgments(frozenPairs(107), choose(options)))) {
    if (outcome.kind === 'kept') texts.push(outcome.record.judgment.text);
    else drops.set(outcome.drop.reason, [...(drops.get(outcome.drop.reason) ?? []), outcome.drop.subjectId]);
  }
  return { texts, drops };
}

describe('drawing judgments of a pair', () => {
  // Hashes of all outcomes, from the filter as it was when one judgment a pair was all that it could keep.
  for (const [correctOnly, balanceLabels, hash] of [
    [true, true, 'f5deca33fc1ce019'],
    [true, false, '560cd1a174cea035'],
    [false, true, 'da2cd787130fddcb'],
    [false, false, 'a600c011feab7d65'],
  ] as const) {
    it(`draws what earlier versions drew: correctOnly ${correctOnly}, balanceLabels ${balanceLabels}`, async () => {
      const outcomes = await collect(
        filterJudgments(frozenPairs(107), choose({ correctOnly, balanceLabels })),
      );
      assert.equal(contentHash(outcomes).slice(0, 16), hash);
    });
  }

  it('keeps up to k of a pair, in their order, and all that a smaller k keeps', async () => {
    const [one, two, all] = [await kept({}), await kept({ perPair: 2 }), await kept({ perPair: 256 })];
    assert.ok(one.texts.length < two.texts.length && two.texts.length < all.texts.length);
    assert.ok(one.texts.every((text) => two.texts.includes(text)));
    assert.ok(two.texts.every((text) => all.texts.includes(text)));
    const inOrder = frozenPairs(107).flatMap(({ judgments }) => judgments.map(({ text }) => text));
    assert.deepEqual(
      all.texts,
      inOrder.filter((text) => all.texts.includes(text)),
    );
    const nRight = frozenPairs(107)
      .flatMap(({ judgments }) => judgments)
      .filter(({ order, verdict }) => verdict.kind === (order === 'winner-first' ? 'A' : 'B')).length;
    assert.equal(all.texts.length, nRight);
  });

  it('balances judgments, not pairs, where a pair has several', async () => {
    const outcomes = await collect(
      filterJudgments(frozenPairs(107), choose({ perPair: 3, balanceLabels: true })),
    );
    const verdicts = outcomes.flatMap((outcome) => (outcome.kind === 'kept' ? [outcome.record.verdict] : []));
    assert.equal(
      verdicts.filter((verdict) => verdict === 'A').length,
      verdicts.filter((verdict) => verdict === 'B').length,
    );
    const unbalanced = await collect(filterJudgments(frozenPairs(107), choose({ perPair: 3 })));
    assert.equal(outcomes.length, unbalanced.length);
  });

  it('drops a pair when too few of its judgments, ties and unparsed ones included, are right', async () => {
    const { drops } = await kept({ minCorrectShare: 0.5 });
    const expected = frozenPairs(107).filter(({ judgments }) => {
      const withVerdict = judgments.filter(({ verdict }) => verdict.kind === 'A' || verdict.kind === 'B');
      const right = withVerdict.filter(
        ({ order, verdict }) => (order === 'winner-first') === (verdict.kind === 'A'),
      );
      return right.length > 0 && right.length < judgments.length / 2;
    });
    assert.deepEqual(
      drops.get('low-correct-share'),
      expected.map(({ pairId }) => pairId),
    );
    assert.ok(expected.length > 10);
  });

  it('accepts a share that is met exactly', async () => {
    const judgments = Array.from({ length: 100 }, (_, sampleIndex) => ({
      pairId: 'p',
      order: 'winner-first' as const,
      sampleIndex,
      text: 'x',
      verdict: { kind: sampleIndex < 7 ? ('A' as const) : ('B' as const) },
    }));
    const outcomes = (minCorrectShare: number) =>
      collect(filterJudgments([{ pairId: 'p', judgments }], choose({ minCorrectShare })));
    assert.equal((await outcomes(0.07))[0]?.kind, 'kept');
    assert.deepEqual(await outcomes(0.08), [
      { kind: 'dropped', drop: { subjectId: 'p', reason: 'low-correct-share', detail: '7 of 100' } },
    ]);
  });

  it('has settings whose defaults are those of the paper, and refuses unknown ones', () => {
    assert.deepEqual(filterSchema.parse({}), { correctOnly: true, balanceLabels: true, perPair: 1 });
    for (const wrong of [{ perPair: 0 }, { minCorrectShare: 1.1 }, { keep: 1 }]) {
      assert.equal(filterSchema.safeParse(wrong).success, false, JSON.stringify(wrong));
    }
  });
});
