import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { matrixReportOf } from '../fixtures/matrix-report.js';
import { runCommandLine, type CommandOutcome } from '../fixtures/command-line.js';
import { inTemporaryFolder } from '../fixtures/temporary-folder.js';

const report = (...args: string[]): Promise<CommandOutcome> => runCommandLine('report', ...args);

describe('autodidact report', () => {
  it('writes a page, Markdown and the picture of a curve, and says where', () =>
    inTemporaryFolder(async (folder) => {
      const matrix = join(folder, 'results', 'arms', 'matrix-1');
      await mkdir(matrix, { recursive: true });
      await writeFile(
        join(matrix, 'matrix.json'),
        JSON.stringify(matrixReportOf({ one: [0.7], two: [0.8] })),
      );
      const usual = await report(matrix);
      assert.deepEqual([usual.code, usual.out], [0, `${join(matrix, 'report.html')}\n`], usual.err);
      const [markdown, curve] = [join(folder, 'out', 'a.md'), join(folder, 'out', 'curve.svg')];
      const others = await report(matrix, '--out', markdown, '-o', curve);
      assert.deepEqual(others.out.trim().split('\n'), [
        markdown,
        join(folder, 'out', 'a-arms.png'),
        join(folder, 'out', 'a-slices.png'),
        curve,
      ]);
      assert.match(await readFile(markdown, 'utf8'), /!\[[^\]]+\]\(a-arms\.png\)/);
      assert.match(await readFile(curve, 'utf8'), /^<svg/);
    }));

  it('answers wrong input with one message and a code that is not 0, and leaves nothing', () =>
    inTemporaryFolder(async (folder) => {
      const results = join(folder, 'results');
      await mkdir(results);
      for (const [args, code, message] of [
        [[results], 1, /expected the folder of a run/],
        [[join(folder, 'gone')], 1, /gone/],
        [['--results', results], 1, /at least one with figures, received no run/],
      ] as const) {
        const outcome = await report(...args);
        assert.equal(outcome.code, code, outcome.err);
        assert.match(outcome.err, message);
        assert.equal(outcome.err.trim().split('\n').length, 1);
        assert.equal(outcome.out, '');
      }
    }));
});
