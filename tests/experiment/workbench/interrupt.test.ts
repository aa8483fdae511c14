import assert from 'node:assert/strict';
import { readdir, readFile, watch } from 'node:fs/promises';
import { join } from 'node:path';
import { KernelClient, type Execution } from '../../../lib/src/notebook/kernel/kernel-client.js';
import type { KernelMessage } from '../../../lib/src/notebook/kernel/wire-message.js';
import { inNotebookWorkspace } from '../../fixtures/notebook-workspace.js';
import { SMALL_EXPERIMENT } from '../../fixtures/small-experiment.js';

/** How a cell ended, and the texts of all its outputs. */
interface CellEnd {
  status: Execution['status'];
  texts: string[];
}

/** Runs a cell; `stopAtLoop` interrupts the kernel at the first output about iteration 1. */
type RunCell = (code: string, options?: { stopAtLoop?: boolean }) => Promise<CellEnd>;

/** Runs a test with a kernel, whose working folder is the notebooks of a workspace. */
async function withKernel(test: (folder: string, run: RunCell) => Promise<void>): Promise<void> {
  await inNotebookWorkspace(async ({ folder, notebooks, kernelSpecPath }) => {
    const { signal } = new AbortController();
    const kernel = await KernelClient.start(kernelSpecPath, { cwd: notebooks, signal });
    let pid = NaN;
    const run: RunCell = async (code, { stopAtLoop = false } = {}) => {
      const texts: string[] = [];
      let isDue = stopAtLoop;
      const onOutput = (message: KernelMessage): void => {
        const text = textOf(message);
        if (text === null) return;
        texts.push(text);
        if (!isDue || !text.includes('iteration 1, ')) return;
        isDue = false;
        process.kill(pid, 'SIGINT');
      };
      const { status } = await kernel.execute(code, { timeoutMs: 100_000, signal, onOutput });
      return { status, texts };
    };
    try {
      const names = 'runHere, runMatrixHere';
      const { texts } = await run(`import { ${names} } from 'autodidact'; console.log(process.pid);`);
      pid = Number(texts[0]);
      assert.ok(pid > 0, texts.join());
      await test(folder, run);
    } finally {
      await kernel.close();
    }
  });
}

function textOf({ type, content }: KernelMessage): string | null {
  if (type === 'stream') return String(content.text);
  const shown = content.data as Record<string, unknown> | undefined;
  return shown === undefined ? null : String(shown['text/plain']);
}

/** An experiment of one iteration that names no place for its models; with a matrix if one is given. */
function settings(matrix?: object): string {
  const { instructions, judge, evaluate, ...small } = SMALL_EXPERIMENT;
  return JSON.stringify({
    ...small,
    iterations: 1,
    endpoint: { provider: 'embedded', workers: 1 },
    instructions: { ...instructions, perIteration: 12 },
    judge: { ...judge, samples: 2 },
    evaluate: { ...evaluate, benchmark: { ...evaluate.benchmark, pairs: 6 }, vote: undefined },
    matrix,
  });
}

/** Folders of the runs that have begun. */
async function runsIn(folder: string): Promise<string[]> {
  const names = await readdir(join(folder, 'results/small'));
  return names.filter((name) => name.startsWith('seed-')).map((name) => join(folder, 'results/small', name));
}

/** Waits until no lock of a run is left in its folder. */
async function untilUnlocked(run: string): Promise<void> {
  const stop = new AbortController();
  const changes = watch(run, { signal: stop.signal })[Symbol.asyncIterator]();
  let change = changes.next();
  while ((await readdir(run)).some((name) => name.startsWith('run.lock'))) {
    await change;
    change = changes.next();
  }
  change.catch(() => undefined);
  stop.abort();
}

describe('a run in a cell', function () {
  this.timeout(200_000);

  it('stops at an interrupt, says how to continue, and continues when its cell is run again at once', () =>
    withKernel(async (folder, run) => {
      const cell = `const run = await runHere({ config: ${settings()} });`;
      const first = await run(cell, { stopAtLoop: true });
      assert.equal(first.status, 'error');
      assert.ok(first.texts.includes('run: interrupted; run the cell again to continue'), first.texts.join());

      const again = await run(cell);
      assert.equal(again.status, 'ok', again.texts.join());
      assert.match(again.texts.at(-1)!, /^run: iteration 1: .* unscored/);
      const [begun, ...others] = await runsIn(folder);
      assert.deepEqual(others, []);
      const log = await readFile(join(begun!, 'log.jsonl'), 'utf8');
      assert.match(log, /"run stopped".*"isResumed":true.*"run finished"/s);
      // Everything is kept in the workspace, and later cells hear nothing of the interrupt.
      assert.deepEqual(await run(`console.log('quiet')`), { status: 'ok', texts: ['quiet\n'] });
      assert.deepEqual((await readdir(join(folder, '.autodidact'))).sort(), ['completions', 'embedded']);
      assert.deepEqual(await readdir(join(folder, 'notebooks')), ['.jupyter']);
    }));
});

describe('a matrix in a cell', function () {
  this.timeout(200_000);

  it('stops at an interrupt, starts no further arm, and continues when its cell is run again', () =>
    withKernel(async (folder, run) => {
      const arms = { axes: { N: { path: 'judge.samples', values: [1, 2] } } };
      const cell = `const matrix = await runMatrixHere({ config: ${settings(arms)} });`;
      assert.equal((await run(cell, { stopAtLoop: true })).status, 'error');
      const begun = await runsIn(folder);
      assert.equal(begun.length, 1);
      await untilUnlocked(begun[0]!);
      assert.deepEqual(await runsIn(folder), begun);

      const again = await run(cell);
      assert.equal(again.texts.at(-1), 'matrix: 2 of 2 runs finished');
      assert.equal((await runsIn(folder)).length, 2);
    }));
});
