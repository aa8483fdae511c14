import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError, DataError } from '../../../lib/src/core/errors.js';
import { Confidence, jointVerdict, readPairsToJudge } from '../../../lib/src/evaluate/index.js';
import type { EvaluatedItem } from '../../../lib/src/schema/evaluation.js';
import type { Verdict } from '../../../lib/src/schema/verdict.js';
import { inTemporaryFolder } from '../../fixtures/temporary-folder.js';

const VERDICTS: Readonly<Record<string, Verdict>> = {
  A: { kind: 'A' },
  B: { kind: 'B' },
  t: { kind: 'tie' },
  '?': { kind: 'unparsed', reason: 'no-marker' },
};

/** @param said the verdict with the first response first, and with it second */
const ordersOf = (said: string): EvaluatedItem['orders'] =>
  (['winner-first', 'loser-first'] as const).map((order, i) => ({
    order,
    text: said,
    verdict: VERDICTS[said[i] ?? '?'] ?? { kind: 'tie' },
  }));

describe('what both orders say together', () => {
  const cases = {
    AB: 'a',
    BA: 'b',
    tt: 'tie',
    AA: 'abstained',
    BB: 'abstained',
    At: 'abstained',
    tB: 'abstained',
    'A?': 'unscored',
    '??': 'unscored',
  };
  for (const [said, verdict] of Object.entries(cases))
    it(`is ${verdict} for ${said}`, () => {
      assert.equal(jointVerdict(ordersOf(said)), verdict);
    });
});

describe('the confidence of a judge', () => {
  const items = (said: readonly string[]): EvaluatedItem[] =>
    said.map((each, i) => ({ itemId: `${i}`, slice: 'all', errorKind: 'none', orders: ordersOf(each) }));

  it('is the share of right verdicts among those alike in both orders', () => {
    // 18 right, 6 wrong: 18 / 24; 3 that contradict each other and one without a verdict are none.
    const said = [...Array<string>(18).fill('AB'), ...Array<string>(6).fill('BA'), 'AA', 'BB', 'AA', 'A?'];
    const confidence = Confidence.from(items(said));
    assert.deepEqual([confidence.share.value, confidence.share.n, confidence.nAbstained], [0.75, 24, 4]);
    assert.equal(confidence.of('a')?.value, 0.75);
    assert.equal(confidence.of('abstained'), null);
  });

  it('is none where too few held-out pairs were alike', () => {
    assert.equal(Confidence.from(items(Array<string>(19).fill('AB'))).of('b'), null);
    assert.equal(Confidence.from(items(Array<string>(20).fill('AB'))).of('b')?.value, 1);
  });
});

describe('pairs without a known winner', () => {
  const reading = (content: string, columns?: Record<string, unknown>) =>
    inTemporaryFolder(async (folder) => {
      const file = join(folder, 'mine.jsonl');
      await writeFile(file, content);
      return readPairsToJudge(file, { columns });
    });
  const lines = (rows: readonly object[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('');

  it('are rows with two responses; rows that are none are counted with their reason', async () => {
    const rows = [
      { id: 'x', instruction: 'i', a: '1', b: 2, system_a: 's', system_b: 't' },
      { id: 'x', instruction: 'i', a: '', b: '2' },
      { instruction: 'i', a: '1' },
      { instruction: ' ', a: '1', b: '2' },
      { instruction: 'i', a: '1', b: '2', system_a: 's', system_b: 's' },
    ];
    const { pairs, dropped } = await reading(lines(rows));
    assert.deepEqual(pairs, [
      { pairId: 'x', instruction: 'i', a: '1', b: '2', systems: ['s', 't'] },
      { pairId: 'x (2)', instruction: 'i', a: '', b: '2' },
    ]);
    assert.deepEqual(dropped, { 'wrong-shape': 1, 'no-instruction': 1, 'same-system': 1 });
  });

  it('have ids of their own, also where a row has the id that would be next', async () => {
    const rows = ['x', 'x', 'x (2)', 'x'].map((id) => ({ id, instruction: 'i', a: '1', b: '2' }));
    const { pairs } = await reading(lines(rows));
    assert.deepEqual(
      pairs.map(({ pairId }) => pairId),
      ['x', 'x (2)', 'x (2) (2)', 'x (3)'],
    );
  });

  it('are made of every two systems on one instruction', async () => {
    const rows = ['s', 't', 'u', 's'].map((system, i) => ({ prompt: 'p', system, response: `${i}` }));
    const { pairs } = await reading(lines([...rows, { prompt: 'q', system: 's', response: '' }]), {
      instruction: 'prompt',
    });
    assert.deepEqual(
      pairs.map(({ systems, a, b }) => [systems, a, b]),
      [
        [['s', 't'], '0', '1'],
        [['s', 'u'], '0', '2'],
        [['t', 'u'], '1', '2'],
      ],
    );
  });

  it('say what is wrong where there are none', async () => {
    await assert.rejects(reading(lines([{ prompt: 'p' }])), (error: unknown) => {
      assert.ok(error instanceof DataError);
      return /mine\.jsonl:1.*column "instruction".*--columns/s.test(error.message);
    });
    await assert.rejects(reading(lines([{ a: '' }]), { prompt: 'p' }), ConfigError);
  });
});
