import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DataError } from '../../lib/src/core/errors.js';
import { benchmarkNamed, Scorer } from '../../lib/src/evaluate/index.js';
import { inTemporaryFolder } from '../fixtures/temporary-folder.js';
import { placesOf, scored } from './scoring.js';
import { brief } from './tables.js';

describe('files of recorded judgments', () => {
  it('tells the format of each file by its first row, and reads several formats together', async () => {
    const { score } = await scored({
      'mine.jsonl': [{ itemId: 'x', text: '[[B]]', gold: 'second' }],
      'transcripts_gpt.jsonl': [
        {
          label: 1,
          set: 'S',
          strategy: 'Vanilla',
          i: 0,
          results: [
            {
              'swap = False': { completion: ['Output (a)', 'stop'], winner: '1' },
              'swap = True': { completion: ['Output (a)', 'stop'], winner: '2' },
            },
          ],
        },
      ],
      'grades.jsonl': [
        { question_id: 1, model: 'm', judgment: '[[4]]', score: 4, judge: ['g', 'single'], turn: 1 },
        { question_id: 2, model: 'm', judgment: 'no', score: -1, judge: ['g', 'single'], turn: 1 },
      ],
      'results.json': JSON.stringify([{ idx: 0, gpt_result: '1' }]),
    });
    assert.deepEqual(
      score.sets.map(({ judge, subset, rules }) => [judge, subset, rules]),
      [
        ['gpt', 'all', { pandalm: 1 }],
        ['gpt/Vanilla', 'S', { 'llmbar-label': 2 }],
        ['mine', 'all', { strict: 1 }],
      ],
    );
    assert.deepEqual(
      score.grades.map(({ judge, model, meanGrade }) => [judge, model, brief(meanGrade)]),
      [['g', 'm', [4, 1, 1]]],
    );
    // Two of LLMBar and two grades had something recorded with them, and all say it again.
    assert.deepEqual([score.nJudgments, score.nReparsed, score.nDiffering], [6, 4, 0]);
    assert.equal(score.nWithoutGold, 1);
  });

  it('counts rows that cannot be used by reason, and says where they are', async () => {
    const { score } = await scored({
      'one.jsonl': [
        '{"itemId":"x","text":"[[A]]","gold":"first"}',
        '',
        'not JSON',
        '{"itemId":"x"}',
        '[1]',
        '{"itemId":"x","text":"[[A]]","gold":"second"}',
      ].join('\n'),
      'two.jsonl': [
        { itemId: 'y', text: 4 },
        { itemId: 'y', text: '[[A]]' },
      ],
    });
    assert.deepEqual(score.dropped, { 'unreadable-row': 2, 'wrong-shape': 2, 'gold-differs': 1 });
    assert.deepEqual(placesOf(score.badRows), [
      'one.jsonl:3',
      'one.jsonl:4',
      'one.jsonl:5',
      'one.jsonl:6',
      'two.jsonl:1',
    ]);
    assert.match(score.badRows[1]!.detail, /text/);
    // The label that came first stays, so that the judgment that was kept is still right.
    assert.deepEqual(brief(score.sets[0]?.metrics.accuracy), [1, 1, 0]);
  });

  it('counts more bad rows than it lists', async () => {
    const { score } = await scored({
      'bad.jsonl': [{ itemId: 'x', text: '[[A]]' }, ...Array.from({ length: 1200 }, () => ({ itemId: 'x' }))],
    });
    assert.deepEqual(score.dropped, { 'wrong-shape': 1200 });
    assert.equal(score.badRows.length, 1000);
  });

  it('gives nothing for an empty file, and for one of which no row can be used', async () => {
    const { score: empty } = await scored({ 'empty.jsonl': '' });
    assert.deepEqual(
      [empty.nJudgments, empty.sets, empty.judges, empty.grades, empty.dropped],
      [0, [], [], [], {}],
    );
    const { score: useless } = await scored({ 'f.jsonl': [{ itemId: '', text: '' }] });
    assert.deepEqual([useless.nJudgments, useless.sets, useless.dropped], [0, [], { 'wrong-shape': 1 }]);
  });

  it('fails for a format that it does not know, or cannot tell, and for a file that is not there', async () => {
    await assert.rejects(
      scored({ 'f.jsonl': [{ itemId: 'x', text: '' }] }, { format: 'other' }),
      (thrown) =>
        thrown instanceof DataError &&
        thrown.message.includes('autodidact, judgebench, llmbar, mt-bench, pandalm'),
    );
    await assert.rejects(
      scored({ 'f.jsonl': [{ prompt: 'x', completion: '[[A]]' }] }),
      (thrown) => thrown instanceof DataError && thrown.subject.includes('f.jsonl:1'),
    );
    const scorer = new Scorer({ benchmark: benchmarkNamed('pairs')!, files: ['/nowhere/at/all.jsonl'] });
    await assert.rejects(scorer.readFiles(), DataError);
  });

  it('passes over rows of no format until one has one, and counts them', async () => {
    const { score } = await scored({
      'f.jsonl': [{ generated: 'by a tool' }, { itemId: 'x', text: '[[A]]', gold: 'first' }, { other: 1 }],
    });
    assert.deepEqual(score.dropped, { 'no-known-format': 1, 'wrong-shape': 1 });
    assert.deepEqual(brief(score.sets[0]?.metrics.accuracy), [1, 1, 0]);
  });

  it('leaves nothing of a row that is dropped for its gold label or for too many verdicts', async () => {
    const { score } = await scored({
      'f.jsonl': [
        { itemId: 'x', text: '[[A]]', gold: 'first' },
        { itemId: 'x', text: '[[A]]', gold: 'second', verdict: 'B' },
      ],
    });
    assert.deepEqual([score.nJudgments, score.nReparsed, score.nDiffering], [1, 0, 0]);
    assert.deepEqual(score.sets[0]?.rules, { strict: 1 });
    // A table holds 65,535 verdicts of one kind of one item and order.
    const line = `${JSON.stringify({ itemId: 'x', text: '[[A]]', gold: 'first' })}\n`;
    const { score: full } = await scored({ 'f.jsonl': line.repeat(65_537) });
    assert.deepEqual([full.nJudgments, full.dropped], [65_535, { 'too-many-verdicts': 2 }]);
  });

  it('tells judges apart whose files have the same name, and names those of runs', () =>
    inTemporaryFolder(async (folder) => {
      const paths = ['a/j.jsonl', 'b/j.jsonl', 'run-7/iteration-2/evaluation.jsonl'].map((name) =>
        join(folder, name),
      );
      for (const path of paths) {
        await mkdir(dirname(path), { recursive: true });
        await writeFile(path, `${JSON.stringify({ itemId: 'x', text: '[[A]]', gold: 'first' })}\n`);
      }
      const scorer = new Scorer({ benchmark: benchmarkNamed('pairs')!, files: paths });
      await scorer.readFiles();
      const judges = scorer.result().sets.map(({ judge, metrics }) => [judge, metrics.accuracy.n]);
      assert.deepEqual(judges, [
        [paths[0], 1],
        [paths[1], 1],
        ['run-7@2', 1],
      ]);
    }));

  it('stops when it is told to', async () => {
    await assert.rejects(
      scored({ 'f.jsonl': [{ itemId: 'x', text: '' }] }, { signal: AbortSignal.abort(new Error('enough')) }),
      /enough/,
    );
  });
});
