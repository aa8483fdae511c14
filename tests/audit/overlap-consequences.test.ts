import assert from 'node:assert/strict';
import { DataError } from '../../lib/src/core/errors.js';
import { overlapSchema, requireNoOverlap } from '../../lib/src/audit/index.js';
import { audit, itemOf, textOf, wordsFrom } from './overlap-cases.js';

const items = [
  itemOf('a', wordsFrom(0, 20)),
  itemOf('b', wordsFrom(100, 40), { slice: 'code' }),
  itemOf('c', wordsFrom(200, 20)),
];
const texts = [
  textOf('t3', wordsFrom(0, 20)),
  textOf('t4', `${wordsFrom(100, 14)} ${wordsFrom(900, 40)}`),
  textOf('t5', 'something else'),
];

describe('a run that overlaps with its benchmark', () => {
  it('does not go on: the error names items and places', async () => {
    const report = await audit(items, texts);
    assert.throws(
      () => requireNoOverlap(report),
      (error: unknown) => {
        assert.ok(error instanceof DataError);
        assert.match(
          error.message,
          /2 of 3 items: a \(all\): the same text as the instruction of pool\.jsonl:3; /,
        );
        assert.match(
          error.message,
          /b \(code\): a run of words shared with the instruction of pool\.jsonl:4/,
        );
        assert.match(error.message, /under overlap\.waive/);
        return true;
      },
    );
  });

  it('names a few of many', async () => {
    const many = Array.from({ length: 8 }, (_, i) => itemOf(`i${i}`, wordsFrom(100 * i, 20)));
    const report = await audit(
      many,
      many.map(({ instruction }, i) => textOf(`t${i + 1}`, instruction)),
    );
    assert.throws(() => requireNoOverlap(report), /8 of 8 items: i0 .*i4 [^;]*; and 3 more\. Set overlap/);
  });

  it('goes on where there is no overlap, or where every one is waived with its reason', async () => {
    requireNoOverlap(await audit(items, [textOf('t1', 'something else')]));
    const waive = [
      { kinds: ['same-text'], reason: 'the same prompt, other responses' },
      { subsets: ['code'], itemIds: ['b'], reason: 'a licence header' },
    ];
    const report = await audit(items, texts, { waive });
    requireNoOverlap(report);
    assert.deepEqual(
      report.overlappingItems.map(({ itemId, waivedBecause }) => [itemId, waivedBecause]),
      [
        ['a', 'the same prompt, other responses'],
        ['b', 'a licence header'],
      ],
    );
  });

  it('does not go on where a waiver fits in part', async () => {
    const waive = [{ kinds: ['same-text'], subsets: ['code'], reason: 'r' }];
    const report = await audit(items, texts, { waive });
    assert.equal(report.nNotWaived, 2);
    assert.throws(() => requireNoOverlap(report), DataError);
  });
});

describe('the settings of the audit', () => {
  const wrong: [string, unknown][] = [
    ['a waiver without a reason', { waive: [{ kinds: ['same-text'] }] }],
    ['a waiver with an empty reason', { waive: [{ reason: ' ' }] }],
    ['a kind that does not exist', { waive: [{ kinds: ['similar'], reason: 'r' }] }],
    ['shorter runs that are longer than the long ones', { runWords: 5, shingleWords: 6 }],
    ['a share of nothing', { share: 0 }],
    ['an unknown key', { ngram: 13 }],
  ];
  for (const [what, section] of wrong) {
    it(`are refused with ${what}`, () => assert.equal(overlapSchema.safeParse(section).success, false));
  }
});
