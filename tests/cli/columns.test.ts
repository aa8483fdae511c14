import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { unwrapped, runCommandLine } from '../fixtures/command-line.js';
import { inTemporaryFolder } from '../fixtures/temporary-folder.js';

const lines = (...rows: object[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('');

describe('--columns', () => {
  it('names the columns of votes, and says which are wrong', () =>
    inTemporaryFolder(async (folder) => {
      const file = join(folder, 'v.jsonl');
      await writeFile(file, lines({ q: { id: 1 }, m: ['x', 'y'], w: 'B' }));
      const columns = 'item=q.id, first=m[0], second=m[1], winner=w';
      const { out, code } = await runCommandLine('votes', file, '--columns', columns);
      assert.equal(code, 0);
      assert.match(out, /v +y +x +100\.0/);
      for (const [wrong, problem] of [
        ['items=q', /--columns: expected the columns of item, .*unknown key "items"/],
        ['[1]', /expected a JSON object, or name=column/],
      ] as const) {
        const refused = await runCommandLine('votes', file, '--columns', wrong);
        assert.deepEqual([refused.code, problem.test(refused.err)], [2, true], refused.err);
      }
    }));

  it('names those of pairs, whose judge may say how much better', () =>
    inTemporaryFolder(async (folder) => {
      const [items, judgments] = [join(folder, 'items.jsonl'), join(folder, 'j.jsonl')];
      const chat = (answer: string): object[] => [
        { role: 'user', content: 'p' },
        { role: 'assistant', content: answer },
      ];
      await writeFile(items, lines({ meta: { id: 'x' }, chosen: chat('c'), rejected: chat('r') }));
      await writeFile(judgments, lines({ itemId: 'x', text: '[[A>>B]]' }));
      const columns = 'itemId=meta.id,winner=chosen,loser=rejected';
      const { out, code, err } = await runCommandLine(
        ...['score', 'pairs', '--items', items, '--judgments', judgments],
        ...['--columns', columns, '--rule', 'arena-hard'],
      );
      assert.equal(code, 0, err);
      assert.match(
        unwrapped(out),
        /j: accuracy 100\.0.*1 verdict of significantly better counted three times each/,
      );
    }));
});
