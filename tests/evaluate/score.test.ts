import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { benchmarkNamed, readGoldLabels, type GoldLabels } from '../../lib/src/evaluate/index.js';
import { scoredItemSchema } from '../../lib/src/schema/index.js';
import { inTemporaryFolder } from '../fixtures/temporary-folder.js';
import { placesOf, scored } from './scoring.js';
import { brief } from './tables.js';

const pairs = benchmarkNamed('pairs')!;

describe('scoring of recorded judgments', () => {
  it('counts verdicts by judge and subset, with metrics and the figures of the benchmark', async () => {
    const row = { judge: 'j', subset: 's', gold: 'first', text: '[[A]]' };
    const { score, scorer } = await scored({
      'all.jsonl': [
        { ...row, itemId: 'x' },
        { ...row, itemId: 'x', shown: 'swapped' },
        { ...row, itemId: 'y', subset: 'r', text: 'nothing' },
        { ...row, itemId: 'x', judge: 'i' },
      ],
    });
    assert.deepEqual(
      score.sets.map(({ judge, subset, rules }) => [judge, subset, rules]),
      [
        ['i', 's', { strict: 1 }],
        ['j', 'r', { strict: 1 }],
        ['j', 's', { strict: 2 }],
      ],
    );
    const [, unread, both] = score.sets;
    assert.deepEqual(brief(unread?.metrics.accuracy), [null, 0, 1]);
    // What cannot be read is left out of the metrics, and wrong in the figures that are published.
    assert.deepEqual(brief(unread?.published.accuracy), [0, 1, 0]);
    assert.deepEqual(brief(both?.metrics.accuracy), [0.5, 2, 0]);
    assert.deepEqual(
      score.judges.map(({ judge, figures }) => [judge, brief(figures.accuracy)]),
      [
        ['i', [1, 1, 0]],
        ['j', [0.333333, 3, 0]],
      ],
    );
    assert.deepEqual([score.nJudgments, score.nReparsed, score.nWithoutGold, score.dropped], [4, 0, 0, {}]);
    const items = [...scorer.scoredItems()];
    assert.deepEqual(
      items.map((item) => scoredItemSchema.parse(item)),
      items,
    );
    assert.deepEqual(items[2], {
      judge: 'j',
      benchmark: 'pairs',
      subset: 's',
      itemId: 'x',
      gold: 'first',
      given: { A: 1, B: 0, tie: 0, unparsed: 0 },
      swapped: { A: 1, B: 0, tie: 0, unparsed: 0 },
    });
  });

  it('lists judgments whose text does not say what was recorded for it', async () => {
    const { score } = await scored({
      'j.jsonl': [
        { itemId: 'x', text: '[[A]]', verdict: 'A' },
        { itemId: 'y', text: '[[A]]', verdict: 'B', shown: 'swapped' },
        { itemId: 'z', text: 'nothing', verdict: 'unparsed' },
        { itemId: 'w', text: '[[A]]' },
      ],
      'grades.jsonl': [
        { question_id: 7, model: 'm', judgment: '[[4]]', score: 5, judge: ['g', 's'], turn: 1 },
        { question_id: 8, model: 'm', judgment: 'none', score: 5, judge: ['g', 's'], turn: 1 },
      ],
    });
    assert.deepEqual([score.nJudgments, score.nReparsed, score.nDiffering], [6, 5, 3]);
    assert.deepEqual(
      score.differing.map(({ judge, itemId, shown, recorded, parsed }) => [
        judge,
        itemId,
        shown,
        recorded,
        parsed,
      ]),
      [
        ['j', 'y', 'swapped', 'B', 'A'],
        ['g', '7/m', 'given', '5', '4'],
        ['g', '8/m', 'given', '5', 'unparsed'],
      ],
    );
    assert.deepEqual(placesOf(score.differing), ['j.jsonl:2', 'grades.jsonl:1', 'grades.jsonl:2']);
  });

  it('follows the convention of a publication in its figures alone', async () => {
    const gold: GoldLabels = {
      items: new Map(
        (['tie', 'first', 'first'] as const).map((label, i) => [
          String(i),
          { itemId: String(i), subset: 'all', gold: label },
        ]),
      ),
      dropped: { 'no-majority': 2 },
      agreement: {},
      labels: [],
    };
    const { score } = await scored(
      {
        'results.jsonl': [
          { idx: 0, gpt_result: 'garbage' },
          { idx: 1, gpt_result: '1' },
          { idx: 2, gpt_result: 'Tie' },
        ],
      },
      { benchmark: benchmarkNamed('pandalm')!, gold },
    );
    const [set] = score.sets;
    // Garbage is a tie to PandaLM, which is right here: 2 of 3. Here it is no verdict, and a tie is half right: 1.5 of 2.
    assert.deepEqual(brief(set?.published.accuracy), [0.666667, 3, 0]);
    assert.deepEqual(brief(set?.metrics.accuracy), [0.75, 2, 1]);
    assert.equal(set?.metrics.nUnparsed, 1);
    assert.deepEqual(score.droppedItems, { 'no-majority': 2 });
  });

  it('holds a graded pair against its record by the convention, so that an even pair does not differ', async () => {
    const rated = (first: string, second: string, winners: [string, string]): Record<string, unknown> => ({
      label: 1,
      set: 'S',
      strategy: 'Rating',
      results: [
        {
          score_1: [first, 'stop'],
          score_2: [second, 'stop'],
          'swap = False': { winner: winners[0] },
          'swap = True': { winner: winners[1] },
        },
      ],
    });
    const { score } = await scored({
      'transcripts_g.jsonl': [
        rated('4', '4', ['2', '1']),
        rated('?', '4', ['1', '2']),
        rated('4', '3', ['1', '1']),
        // This one differs both times.
        rated('4', '3', ['2', '2']),
      ],
    });
    assert.deepEqual([score.nReparsed, score.nDiffering], [8, 2]);
    const [set] = score.sets;
    // Without a convention: two ties at a half, two pairs right four times, and two verdicts that cannot be read.
    assert.deepEqual(brief(set?.metrics.accuracy), [0.833333, 6, 2]);
    // With it the even and the unread pair are right once each, in one order.
    assert.deepEqual(brief(set?.published.accuracy), [0.75, 8, 0]);
  });

  it('reads texts by another rule, and names another judge, where the command does', async () => {
    const rows = [{ itemId: 'x', text: '[[A]] no, [[B]]', gold: 'second', judge: 'j', verdict: 'unparsed' }];
    const { score: strict } = await scored({ 'f.jsonl': rows });
    assert.deepEqual(brief(strict.sets[0]?.metrics.accuracy), [null, 0, 1]);
    const { score: last } = await scored({ 'f.jsonl': rows }, { rule: 'last-marker', judge: 'me' });
    assert.deepEqual(brief(last.sets[0]?.metrics.accuracy), [1, 1, 0]);
    assert.deepEqual([last.sets[0]?.judge, last.sets[0]?.rules], ['me', { 'last-marker': 1 }]);
    assert.equal(last.nDiffering, 1);
  });

  it('makes no figure of a judge of whose texts nothing can be read, and names the rule that reads them', async () => {
    const row = (judge: string, n: number, text: string): object => ({
      itemId: String(n),
      judge,
      gold: 'first',
      text,
    });
    const rows = [0, 1, 2, 3].flatMap((n) => [
      row('graded', n, `since it is right: [[A>>B]]`),
      row('half', n, n % 2 === 0 ? '[[A]]' : 'who knows'),
      row('plain', n, n === 0 ? 'who knows' : '[[A]]'),
    ]);
    const { score } = await scored({ 'j.jsonl': rows });
    assert.deepEqual(score.unread, [
      {
        judge: 'graded',
        rule: 'strict',
        nTexts: 4,
        nUnread: 4,
        ending: 'since it is right: [[A>>B]]',
        betterRule: 'arena-hard',
      },
      { judge: 'half', rule: 'strict', nTexts: 4, nUnread: 2, ending: 'who knows', betterRule: null },
    ]);
    const figures = Object.fromEntries(
      score.judges.map(({ judge, figures }) => [judge, figures.accuracy?.value]),
    );
    assert.deepEqual(figures, { graded: undefined, half: 0.5, plain: 0.75 });
    const blank = score.sets.find(({ judge }) => judge === 'graded');
    assert.deepEqual([blank?.published, blank?.metrics.accuracy.value], [{}, null]);
  });

  it('tells which items a judge did not judge, and which ids are none', async () => {
    const gold: GoldLabels = {
      items: new Map(
        ['a', 'b', 'c'].map((itemId) => [itemId, { itemId, subset: 'all', gold: 'first' as const }]),
      ),
      dropped: {},
      agreement: {},
      labels: [],
    };
    const rows = ['a', 'x', 'a'].map((itemId) => ({ itemId, judge: 'some', text: '[[A]]' }));
    const all = ['a', 'b', 'c'].map((itemId) => ({ itemId, judge: 'all', text: '[[A]]' }));
    const { score } = await scored({ 'j.jsonl': [...rows, ...all] }, { gold });
    const { unknown, ...some } = score.coverage[0]!;
    assert.equal(score.coverage.length, 1);
    assert.deepEqual(some, { judge: 'some', nItems: 3, nJudged: 1, notJudged: ['b', 'c'], nUnknown: 1 });
    assert.deepEqual([unknown.map(({ itemId }) => itemId), placesOf(unknown)], [['x'], ['j.jsonl:2']]);
  });

  it('takes gold labels from the items of the benchmark', () =>
    inTemporaryFolder(async (folder) => {
      const file = join(folder, 'items.jsonl');
      const item = { instruction: 'p', slice: 'math', winner: 'long one', loser: 'l' };
      await writeFile(
        file,
        [
          { ...item, itemId: 'x' },
          { ...item, itemId: 'y', winner: 'w', loser: 'longer', givenFirst: 'loser' },
          { itemId: 'z' },
        ]
          .map((row) => `${JSON.stringify(row)}\n`)
          .join(''),
      );
      const gold = await readGoldLabels(pairs, { files: [file] });
      assert.deepEqual(gold.dropped, { 'wrong-shape': 1 });
      const { score } = await scored(
        {
          'j.jsonl': [
            { itemId: 'x', text: '[[A]]' },
            { itemId: 'y', text: '[[A]]' },
            { itemId: 'unknown', text: '[[A]]' },
          ],
        },
        { gold },
      );
      assert.deepEqual(
        score.sets.map(({ subset, metrics }) => [subset, brief(metrics.accuracy)]),
        [
          ['all', [null, 0, 1]],
          ['math', [0.5, 2, 0]],
        ],
      );
      assert.equal(score.nWithoutGold, 1);
      // Both times the first was chosen, which is the longer one: once the winner, and once the loser.
      assert.deepEqual(brief(score.sets[1]?.metrics.longerChosen), [1, 2, 0]);
    }));

  it('takes several rows of an item and order for samples', async () => {
    const rows = ['[[A]]', '[[A]]', '[[B]]'].map((text) => ({ itemId: 'x', text, gold: 'first' }));
    const { score } = await scored({ 'j.jsonl': rows });
    const { accuracy, voteAccuracy, voteAccuracyByK } = score.sets[0]!.metrics;
    assert.deepEqual(
      [brief(accuracy), brief(voteAccuracy)],
      [
        [0.666667, 3, 0],
        [1, 1, 0],
      ],
    );
    assert.deepEqual(Object.keys(voteAccuracyByK!), ['1', '2', '3']);
  });
});
