import assert from 'node:assert/strict';
import fc from 'fast-check';
import { auditOverlap, overlapSchema, textsOfPair } from '../../lib/src/audit/index.js';
import { overlapReportSchema } from '../../lib/src/schema/index.js';
import { NEVER } from '../fixtures/scripted-endpoint.js';
import { audit, itemOf, textOf, wordsFrom } from './overlap-cases.js';

const kindsOf = async (...parts: Parameters<typeof audit>): Promise<[string, string][]> =>
  (await audit(...parts)).overlappingItems.map(({ itemId, strongest }) => [itemId, strongest.kind]);

describe('an overlap audit', () => {
  it('finds an instruction that is the same but for case, white space and the mark at its end', async () => {
    const items = [itemOf('a', 'Name the capital of  France?'), itemOf('b', 'Name the capital of Spain')];
    const report = await audit(items, [textOf('t7', 'name the capital\nof france.')]);
    assert.deepEqual(report.items, { all: { n: 2, sameText: 1, nearDuplicate: 0, sharedRun: 0 } });
    assert.deepEqual(report.training.instruction, { n: 1, sameText: 1, nearDuplicate: 0, sharedRun: 0 });
    assert.deepEqual(report.overlappingItems, [
      {
        itemId: 'a',
        subset: 'all',
        nTrainingTexts: 1,
        runShare: null,
        strongest: {
          kind: 'same-text',
          benchmark: {
            id: 'a',
            field: 'instruction',
            subset: 'all',
            excerpt: 'Name the capital of  France?',
          },
          training: {
            id: 't7',
            field: 'instruction',
            subset: 'pool',
            source: { file: 'pool.jsonl', line: 7 },
            excerpt: 'name the capital of france.',
          },
          benchmarkShare: 1,
          trainingShare: 1,
        },
      },
    ]);
    assert.equal(report.nNotWaived, 1);
  });

  it('tells short texts apart whose words are the same but whose signs differ', async () => {
    assert.deepEqual(await kindsOf([itemOf('a', 'compute 3 + 4')], [textOf('t1', 'compute 3 - 4')]), []);
    assert.deepEqual(await kindsOf([itemOf('a', '+ - *')], [textOf('t1', '- + *')]), []);
    assert.deepEqual(await kindsOf([itemOf('a', '+ - *')], [textOf('t1', '+ - *')]), [['a', 'same-text']]);
  });

  it('finds a run of 13 words that both have, and not one of 12', async () => {
    const items = [itemOf('a', wordsFrom(0, 30))];
    const run = (n: number): string => `${wordsFrom(100, 30)} ${wordsFrom(10, n)} ${wordsFrom(200, 30)}`;
    assert.deepEqual(await kindsOf(items, [textOf('t1', run(13))]), [['a', 'shared-run']]);
    assert.deepEqual(await kindsOf(items, [textOf('t1', run(12))]), []);
    assert.deepEqual(await kindsOf(items, [textOf('t1', run(12))], { runWords: 12 }), [['a', 'shared-run']]);
  });

  it('finds a near-duplicate: an item inside a longer text, a text inside a longer item, and a reworded one', async () => {
    const items = [itemOf('a', wordsFrom(0, 40))];
    const inside = `${wordsFrom(100, 50)} ${wordsFrom(0, 40)} ${wordsFrom(200, 50)}`;
    const report = await audit(items, [textOf('t1', inside), textOf('t2', wordsFrom(5, 10))]);
    assert.deepEqual(
      report.trainingExamples.map(({ kind, training, benchmarkShare, trainingShare }) => [
        training.id,
        kind,
        benchmarkShare,
        trainingShare,
      ]),
      [
        // 36 runs of five words in the item; 136 in the first text, 6 in the second.
        ['t1', 'near-duplicate', 1, 36 / 136],
        ['t2', 'near-duplicate', 6 / 36, 1],
      ],
    );
    const reworded = wordsFrom(0, 40).replace('w20', 'other');
    assert.deepEqual(await kindsOf(items, [textOf('t1', reworded)]), [['a', 'near-duplicate']]);
    assert.deepEqual(await kindsOf(items, [textOf('t1', reworded)], { share: 0.9 }), [['a', 'shared-run']]);
  });

  it('takes a short text for a near-duplicate of none: it must be the same as a whole', async () => {
    const items = [itemOf('a', wordsFrom(0, 7)), itemOf('b', wordsFrom(50, 40))];
    const texts = [textOf('t1', `${wordsFrom(0, 7)} and more`), textOf('t2', wordsFrom(60, 7))];
    assert.deepEqual(await kindsOf(items, texts), []);
    assert.deepEqual(await kindsOf(items, texts, { minWords: 7 }), [
      ['a', 'near-duplicate'],
      ['b', 'near-duplicate'],
    ]);
  });

  it('looks at responses of training, and at those of the benchmark where it is asked to', async () => {
    const items = [itemOf('a', 'x', { winner: wordsFrom(0, 20), loser: 'yes' })];
    const texts = [textOf('t1', wordsFrom(0, 20), 'response'), textOf('t2', 'yes', 'response')];
    assert.deepEqual(await kindsOf(items, texts), []);
    const both = { benchmarkFields: ['instruction', 'response'] };
    // "yes" is an answer to anything.
    const report = await audit(items, texts, both);
    assert.deepEqual(report.training.response, { n: 2, sameText: 1, nearDuplicate: 0, sharedRun: 0 });
    assert.deepEqual(await kindsOf(items, texts, { ...both, trainingFields: ['instruction'] }), []);
    const inResponse = [textOf('t3', `You asked: ${wordsFrom(300, 20)}`, 'response')];
    assert.deepEqual(await kindsOf([itemOf('q', wordsFrom(300, 20))], inResponse), [['q', 'near-duplicate']]);
  });

  it('counts an item and a text once, under the strongest overlap, and tells how many texts an item meets', async () => {
    const items = [itemOf('a', wordsFrom(0, 30)), itemOf('b', wordsFrom(100, 30), { slice: 'constructor' })];
    const texts = [
      textOf('t1', `${wordsFrom(0, 14)} ${wordsFrom(500, 60)}`),
      textOf('t2', wordsFrom(0, 30)),
      textOf('t3', `${wordsFrom(14, 16)} ${wordsFrom(600, 60)}`),
      textOf('t4', wordsFrom(700, 30)),
    ];
    const report = await audit(items, texts, { examples: 2 });
    assert.deepEqual(report.items, {
      all: { n: 1, sameText: 1, nearDuplicate: 0, sharedRun: 0 },
      constructor: { n: 1, sameText: 0, nearDuplicate: 0, sharedRun: 0 },
    });
    assert.deepEqual(report.training.instruction, { n: 4, sameText: 1, nearDuplicate: 0, sharedRun: 2 });
    assert.equal(report.overlappingItems[0]?.nTrainingTexts, 3);
    assert.equal(report.overlappingItems[0].strongest.training.id, 't2');
    assert.equal(report.trainingExamples.length, 2);
  });

  it('tells which share of an item stands in all texts together', async () => {
    // 18 runs of 13 words in the item; the texts hold two and four of them.
    const texts = [
      textOf('t1', `${wordsFrom(0, 14)} ${wordsFrom(500, 60)}`),
      textOf('t3', `${wordsFrom(14, 16)} ${wordsFrom(600, 60)}`),
    ];
    const { overlappingItems } = await audit([itemOf('a', wordsFrom(0, 30))], texts);
    assert.equal(overlappingItems[0]?.runShare, 6 / 18);
  });

  it('passes over what is the wording of the benchmark itself where it is told how often that is', async () => {
    const wording = wordsFrom(0, 20);
    const items = [1, 2, 3].map((i) => itemOf(`i${i}`, `${wording} ${wordsFrom(1000 * i, 60)}`));
    const texts = [textOf('t1', `${wording} ${wordsFrom(9000, 60)}`)];
    assert.equal((await kindsOf(items, texts)).length, 3);
    assert.equal((await kindsOf(items, texts, { boilerplateItems: 3 })).length, 3);
    assert.deepEqual(await kindsOf(items, texts, { boilerplateItems: 2 }), []);
  });

  it('agrees with a search for every run in every text', async () => {
    const text = fc
      .array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 25 })
      .map((words) => words.join(' '));
    const runsOf = (words: string[], n: number): string[] =>
      words.slice(n - 1).map((_, i) => words.slice(i, i + n).join(' '));
    await fc.assert(
      fc.asyncProperty(
        fc.array(text, { maxLength: 4 }),
        fc.array(text, { maxLength: 4 }),
        async (items, texts) => {
          const [runWords, shingleWords, share, minWords] = [6, 3, 0.6, 5];
          const expected = items.map((item) =>
            texts.reduce((best, other) => {
              const [a, b] = [item.split(' '), other.split(' ')];
              if (item === other) return Math.max(best, 3);
              const [inA, inB] = [new Set(runsOf(a, shingleWords)), runsOf(b, shingleWords)];
              const aShare = [...inA].filter((run) => inB.includes(run)).length / inA.size;
              const bShare = inB.filter((run) => inA.has(run)).length / inB.length;
              const isNear =
                (a.length >= minWords && aShare >= share) || (b.length >= minWords && bShare >= share);
              const isShared = runsOf(a, runWords).some((run) => runsOf(b, runWords).includes(run));
              return Math.max(best, isNear ? 2 : isShared ? 1 : 0);
            }, 0),
          );
          const report = await audit(
            items.map((item, i) => itemOf(String(i), item)),
            texts.map((other, i) => textOf(`t${i + 1}`, other)),
            { runWords, shingleWords, share, minWords },
          );
          const found = items.map(() => 0);
          const strength = { 'shared-run': 1, 'near-duplicate': 2, 'same-text': 3 };
          for (const { itemId, strongest } of report.overlappingItems)
            found[Number(itemId)] = strength[strongest.kind];
          assert.deepEqual(found, expected);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('makes a record that reads back as it is, also of nothing', async () => {
    for (const items of [[], [itemOf('a', wordsFrom(0, 20))]]) {
      const report = await audit(items, [textOf('t1', wordsFrom(0, 20))]);
      assert.deepEqual(overlapReportSchema.parse(JSON.parse(JSON.stringify(report))), report);
    }
  });

  it('takes the texts of pairs, and stops when it is called off', async () => {
    const response = { text: wordsFrom(0, 20), model: 'm', method: 'answer' } as const;
    const pair = {
      pairId: 'p',
      instructionId: 'i',
      instruction: 'x',
      slice: 's',
      winner: response,
      loser: { ...response, text: 'no' },
    };
    const texts = textsOfPair(pair, ['instruction', 'response']);
    assert.deepEqual(
      texts.map(({ id, field, text }) => [id, field, text]),
      [
        ['p', 'instruction', 'x'],
        ['p', 'response', wordsFrom(0, 20)],
        ['p', 'response', 'no'],
      ],
    );
    const options = overlapSchema.parse({});
    const called = AbortSignal.abort(new Error('called off'));
    await assert.rejects(auditOverlap(texts, [], { options, signal: called }), /called off/);
    assert.equal((await auditOverlap(texts, [], { options, signal: NEVER })).training.response.n, 2);
  });
});
