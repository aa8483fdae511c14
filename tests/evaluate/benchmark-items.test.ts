import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DataError } from '../../lib/src/core/errors.js';
import { BENCHMARKS, benchmarkNamed, readGoldLabels } from '../../lib/src/evaluate/index.js';
import { inTemporaryFolder } from '../fixtures/temporary-folder.js';

const lines = (...rows: unknown[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('');
const pair = { instruction: 'p', winner: 'good', loser: 'bad' };

describe('the benchmarks', () => {
  it('each have a name of their own, by which they are found', () => {
    assert.equal(new Set(BENCHMARKS.map(({ name }) => name)).size, BENCHMARKS.length);
    for (const benchmark of BENCHMARKS) assert.equal(benchmarkNamed(benchmark.name), benchmark);
    assert.equal(benchmarkNamed('other'), undefined);
  });
});

describe('gold labels', () => {
  it('are read without the texts, in the order in which the benchmark lists a pair', () =>
    inTemporaryFolder(async (folder) => {
      const file = join(folder, 'pairs.jsonl');
      const item = { instruction: 'p', slice: 's', errorKind: 'e', winner: 'good', loser: 'no' };
      await writeFile(
        file,
        lines(
          { ...item, itemId: 'x', givenFirst: 'loser', winnerModel: 'm' },
          { ...item, itemId: 'y', goldTie: true },
        ),
      );
      const pairs = benchmarkNamed('pairs')!;
      const { items } = await readGoldLabels({ ...pairs, subsetBy: 'errorKind' }, { files: [file] });
      assert.deepEqual(items.get('x'), {
        itemId: 'x',
        subset: 'e',
        gold: 'second',
        // The instruction is all that says what it shares with others: sha256 of "p", in quotes.
        cluster: '1fb680aa1ed965bc',
        responses: [{ nCharacters: 2 }, { nCharacters: 4, model: 'm' }],
        humanVotes: undefined,
      });
      const { items: bySlice } = await readGoldLabels(pairs, { files: [file] });
      assert.deepEqual([bySlice.get('x')?.subset, bySlice.get('y')?.gold], ['s', 'tie']);
    }));

  it('come from several files, with what was dropped by reason', () =>
    inTemporaryFolder(async (folder) => {
      const files = [join(folder, 'one.jsonl'), join(folder, 'two.jsonl')];
      await writeFile(files[0]!, lines({ ...pair, itemId: 'x' }, { itemId: 'y' }));
      await writeFile(files[1]!, lines({ ...pair, itemId: 'z' }, [], { ...pair, instruction: '' }));
      const { items, dropped, agreement } = await readGoldLabels(benchmarkNamed('pairs')!, { files });
      assert.deepEqual([...items.keys()], ['x', 'z']);
      assert.deepEqual(dropped, { 'wrong-shape': 1, 'unreadable-row': 1, 'empty-instruction': 1 });
      assert.deepEqual(agreement, {});
    }));

  it('come with the agreement of the annotators where their labels are known', () =>
    inTemporaryFolder(async (folder) => {
      const file = join(folder, 'testset-v1.json');
      const row = {
        instruction: 'p',
        response1: 'a',
        response2: 'b',
        annotator1: 1,
        annotator2: 1,
        annotator3: 1,
      };
      const rows = [
        { ...row, idx: 0 },
        { ...row, idx: 1, annotator1: 2, annotator2: 2, annotator3: 2 },
      ];
      await writeFile(file, JSON.stringify(rows));
      const { agreement } = await readGoldLabels(benchmarkNamed('pandalm')!, { files: [file] });
      assert.equal(agreement.fleissKappa?.value, 1);
    }));

  it('use the companion files that are there', () =>
    inTemporaryFolder(async (folder) => {
      const [votes, question] = [join(folder, 'votes.jsonl'), join(folder, 'question.jsonl')];
      const said = (content: string): unknown[] => [
        { role: 'user', content: 'ask' },
        { role: 'assistant', content },
      ];
      const vote = { question_id: 1, model_a: 'm', model_b: 'n', winner: 'tie', turn: 1 };
      await writeFile(votes, lines({ ...vote, conversation_a: said('a'), conversation_b: said('b') }));
      await writeFile(question, lines({ question_id: 1, category: 'math' }));
      const benchmark = benchmarkNamed('mt-bench')!;
      for (const companions of [[], [question]]) {
        const { items } = await readGoldLabels(benchmark, { files: [votes], companions });
        assert.deepEqual(
          [...items.values()].map(({ itemId, subset, gold, humanVotes }) => [
            itemId,
            subset,
            gold,
            humanVotes,
          ]),
          [['1/m/n/1', 'turn 1', 'tie', { first: 0, second: 0, tie: 1 }]],
        );
      }
    }));

  it('count an id that comes twice once, and fail where no row is an item', () =>
    inTemporaryFolder(async (folder) => {
      const file = join(folder, 'items.jsonl');
      const read = (): ReturnType<typeof readGoldLabels> =>
        readGoldLabels(benchmarkNamed('pairs')!, { files: [file] });
      await writeFile(file, lines({ ...pair, itemId: 'x' }, { ...pair, itemId: 'x', winner: 'other' }));
      const { items, dropped } = await read();
      assert.deepEqual([[...items.keys()], dropped], [['x'], { 'repeated-id': 1 }]);
      await writeFile(file, lines({ itemId: 'x' }));
      await assert.rejects(
        read(),
        (thrown) => thrown instanceof DataError && thrown.message.includes('none'),
      );
    }));
});
