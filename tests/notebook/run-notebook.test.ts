import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runNotebook, type RunNotebookOptions } from '../../lib/src/notebook/run-notebook.js';
import { parseNotebook } from '../../lib/src/notebook/notebook-file.js';
import type { Notebook, Output } from '../../lib/src/notebook/notebook-format.js';
import { inTemporaryFolder } from '../fixtures/temporary-folder.js';
import { runCommandLine } from '../fixtures/command-line.js';
import { code, notebookOf } from './notebook-of.js';

const fixtures = join(import.meta.dirname, '../fixtures/notebooks');
const options: RunNotebookOptions = {
  kernelSpecPath: join(import.meta.dirname, '../../notebooks/.jupyter/kernels/tslab/kernel.json'),
  cwd: fixtures,
  timeoutMs: 60_000,
  signal: new AbortController().signal,
};

function outputsOf(notebook: Notebook, id: string): Output[] {
  const cell = notebook.cells.find((one) => one.id === id);
  assert.ok(cell?.cell_type === 'code');
  return cell.outputs;
}

/** Kernels that are children of this process. */
function kernels(): string[] {
  const listed = execFileSync('ps', ['-o', 'args=', '--ppid', String(process.pid)], { encoding: 'utf8' });
  return listed.split('\n').filter((line) => line.includes('tslab'));
}

describe('a notebook in the TypeScript kernel', function () {
  this.timeout(90_000);

  it('shows what the package shows, keeps 2,000 lines, and stops at the cell that throws', async () => {
    const notebook = parseNotebook(await readFile(join(fixtures, 'smoke.ipynb'), 'utf8'), 'smoke');
    const { notebook: ran, nCells, nRun, failedCell } = await runNotebook(notebook, options);

    const shown = outputsOf(ran, 'display').map((output) => ('data' in output ? output.data : output));
    assert.match(
      JSON.stringify(shown[0]),
      /&lt;b&gt;seed&lt;\/b&gt;.*>\u00a0\u00a0math<.*>0\.643<.*>64\.3 \[57\.6,\u00a070\.4\]</,
    );
    assert.deepEqual(shown[1], {
      'text/markdown': 'The verdict is **A**.',
      'text/plain': 'The verdict is **A**.',
    });
    assert.deepEqual(Object.keys(shown[2] ?? {}).sort(), [
      'application/vnd.vegalite.v5+json',
      'image/png',
      'text/plain',
    ]);
    const lines = Array.from({ length: 2000 }, (_, i) => `line ${i}\n`).join('');
    assert.deepEqual(outputsOf(ran, 'lines'), [{ output_type: 'stream', name: 'stdout', text: lines }]);
    const [progress, ...more] = outputsOf(ran, 'progress');
    assert.deepEqual(progress && 'data' in progress && progress.data['text/plain'], 'judging: 1,000 pairs');
    assert.deepEqual(more, []);
    assert.deepEqual([nCells, nRun, failedCell?.cellNumber], [5, 4, 4]);
    assert.deepEqual(failedCell?.error, { ename: 'RangeError', evalue: 'N must be positive' });
    assert.deepEqual(outputsOf(ran, 'endless'), []);
    assert.deepEqual(kernels(), []);
  });

  it('is interrupted in an endless cell, goes on when errors are allowed, and tells how its kernel died', async () => {
    const notebook = notebookOf(code('while (true) {}'), code('1 + 1'), code('process.exit(3)'), code('2'));
    const run = await runNotebook(notebook, { ...options, timeoutMs: 1500, allowErrors: true });

    assert.equal(run.failedCell?.error?.ename, 'Timeout');
    assert.match(JSON.stringify(run.notebook.cells[1]), /"text":"2\\n"/);
    assert.match(JSON.stringify(run.notebook.cells[2]), /exit code 3/);
    assert.equal(run.nRun, 3);
  });

  it('stops when its signal aborts, and leaves no process behind', async () => {
    const stop = new AbortController();
    const notebook = notebookOf(code('0'), code('await new Promise(() => setInterval(() => {}, 1000))'));
    const run = runNotebook(notebook, {
      ...options,
      signal: stop.signal,
      onCell: () => setTimeout(() => stop.abort(new Error('stopped')), 100),
    });
    await assert.rejects(run, /^Error: stopped$/);
    assert.deepEqual(kernels(), []);
  });
});

describe('autodidact notebook', () => {
  it('tells what to install where tslab is not', () =>
    inTemporaryFolder(async (folder) => {
      const { mkdir, writeFile } = await import('node:fs/promises');
      await mkdir(join(folder, '.jupyter/kernels/tslab'), { recursive: true });
      const argv = ['node', '{resource_dir}/../../../node_modules/tslab/bin/tslab'];
      await writeFile(join(folder, '.jupyter/kernels/tslab/kernel.json'), JSON.stringify({ argv }));
      await writeFile(join(folder, 'a.ipynb'), JSON.stringify(notebookOf(code('1'))));
      const { code: exitCode, err } = await runCommandLine('notebook', 'run', join(folder, 'a.ipynb'));
      assert.equal(exitCode, 2);
      assert.match(err, /npm install --save-dev tslab@1\.0\.22/);
    }));

  it('refuses a notebook that is none, and --out for several', async () => {
    const missing = await runCommandLine('notebook', 'html', 'missing.ipynb');
    assert.equal(missing.code, 1);
    assert.match(missing.err, /missing\.ipynb: expected a notebook, received no file/);
    assert.equal((await runCommandLine('notebook', 'run', 'a.ipynb', 'b.ipynb', '--out', 'c')).code, 2);
  });
});
