import assert from 'node:assert/strict';
import { filterJudgments, type FilterOptions, type KeptJudgment } from '../../lib/src/filter/index.js';
import type { JudgedPair, Order, Outcome, Verdict } from '../../lib/src/schema/index.js';
import { collect } from '../fixtures/scripted-endpoint.js';

const VERDICTS: Record<string, Verdict> = {
  A: { kind: 'A' },
  B: { kind: 'B' },
  C: { kind: 'tie' },
  '-': { kind: 'unparsed', reason: 'no-marker' },
};

/** `judged('p', 'winner-first', 'AB-')`: three judgments that say A, B and nothing. */
function judged(pairId: string, order: Order, verdicts: string): JudgedPair {
  const judgments = [...verdicts].map((letter, sampleIndex) => ({
    pairId,
    order,
    sampleIndex,
    text: `${sampleIndex}:${letter}`,
    verdict: VERDICTS[letter]!,
  }));
  return { pairId, judgments };
}

const filter = (
  pairs: JudgedPair[],
  options: Partial<FilterOptions> = {},
): Promise<Outcome<KeptJudgment>[]> =>
  collect(
    filterJudgments(pairs, { correctOnly: true, balanceLabels: false, perPair: 1, seed: 1, ...options }),
  );

const brief = (outcomes: Outcome<KeptJudgment>[]): string[] =>
  outcomes.map((outcome) => (outcome.kind === 'kept' ? outcome.record.verdict : outcome.drop.reason));

describe('rejection sampling', () => {
  it('keeps one judgment that names the known winner, in either order', async () => {
    const outcomes = await filter([judged('p', 'winner-first', 'BBAB'), judged('q', 'loser-first', 'AABA')]);
    assert.deepEqual(brief(outcomes), ['A', 'B']);
  });

  it('drops a pair without a right judgment, and one without any verdict, for different reasons', async () => {
    const outcomes = await filter([judged('p', 'winner-first', 'BB-'), judged('q', 'winner-first', '--')]);
    assert.deepEqual(brief(outcomes), ['no-correct-judgment', 'no-verdict']);
  });

  it('never keeps a tie, right or not', async () => {
    assert.deepEqual(brief(await filter([judged('p', 'winner-first', 'CC')])), ['no-verdict']);
    assert.deepEqual(brief(await filter([judged('p', 'winner-first', 'CC')], { correctOnly: false })), [
      'no-verdict',
    ]);
  });

  it('draws each right judgment with the same chance', async () => {
    const pairs = Array.from({ length: 300 }, (_, i) => judged(`p${i}`, 'winner-first', 'ABA'));
    const texts = (await filter(pairs)).map((outcome) =>
      outcome.kind === 'kept' ? outcome.record.judgment.text : '',
    );
    const first = texts.filter((text) => text === '0:A').length;
    assert.equal(texts.filter((text) => text === '2:A').length, 300 - first);
    // Binomial(300, 1/2): 5 standard deviations are 43.
    assert.ok(Math.abs(first - 150) < 43, `${first} of 300`);
  });

  it('keeps wrong judgments too when the correctness filter is off', async () => {
    const pairs = Array.from({ length: 100 }, (_, i) => judged(`p${i}`, 'winner-first', 'AB'));
    const verdicts = brief(await filter(pairs, { correctOnly: false }));
    assert.ok(verdicts.includes('B') && verdicts.includes('A'));
  });

  it('balances the verdicts by dropping the surplus, counted', async () => {
    const pairs = [...'AAAAAB'].map((_, i) => judged(`p${i}`, i < 5 ? 'winner-first' : 'loser-first', 'AB'));
    const outcomes = await filter(pairs, { balanceLabels: true });
    assert.equal(outcomes.length, 6);
    assert.deepEqual(brief(outcomes).sort(), [
      'A',
      'B',
      'label-balance',
      'label-balance',
      'label-balance',
      'label-balance',
    ]);
  });

  it('draws the same with the same seed, and differently with another', async () => {
    const pairs = Array.from({ length: 40 }, (_, i) => judged(`p${i}`, 'winner-first', 'AAAA'));
    assert.deepEqual(await filter(pairs), await filter(pairs));
    assert.notDeepEqual(await filter(pairs), await filter(pairs, { seed: 2 }));
  });
});
