// The notebooks with settings that a reader would change: each must run to its end and say its conclusion.
import assert from 'node:assert/strict';
import { readdir, readFile, symlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseNotebook } from '../../lib/src/notebook/notebook-file.js';
import { runNotebook } from '../../lib/src/notebook/run-notebook.js';
import type { Cell, Notebook } from '../../lib/src/notebook/notebook-format.js';
import { inNotebookWorkspace, type NotebookWorkspace } from '../fixtures/notebook-workspace.js';

const root = resolve(import.meta.dirname, '../..');

/** A workspace of its own, so that runs of different settings do not meet. */
const inWorkspace = (work: (workspace: NotebookWorkspace) => Promise<void>): Promise<void> =>
  inNotebookWorkspace(async (workspace) => {
    await symlink(join(root, 'experiments'), join(workspace.folder, 'experiments'));
    await work(workspace);
  });

/** Replaces the values of constants, one in a line each, wherever the notebook declares them. */
function withSettings(notebook: Notebook, settings: Readonly<Record<string, string>>): Notebook {
  const cells = structuredClone(notebook.cells);
  for (const [name, value] of Object.entries(settings)) {
    const declaration = new RegExp(`^(const ${name}(?:: [^=\\n]+)? = )[^\\n]*?;(?= //|$)`, 'm');
    const cell = cells.find(({ source }) => declaration.test(source));
    assert.ok(cell, `a setting ${name}`);
    cell.source = cell.source.replace(declaration, (_, head: string) => `${head}${value};`);
  }
  return { ...notebook, cells };
}

/** Runs a notebook of the project in a workspace. @returns what its cells show, as text */
async function run(
  { notebooks, kernelSpecPath }: NotebookWorkspace,
  name: string,
  settings: Readonly<Record<string, string>>,
): Promise<string> {
  const notebook = parseNotebook(await readFile(join(root, 'notebooks', name), 'utf8'), name);
  const result = await runNotebook(withSettings(notebook, settings), {
    kernelSpecPath,
    cwd: notebooks,
    timeoutMs: 120_000,
    signal: new AbortController().signal,
  });
  assert.equal(result.failedCell, null, JSON.stringify(result.failedCell));
  assert.deepEqual(await readdir(notebooks), ['.jupyter']);
  return result.notebook.cells.map(textOf).join('\n');
}

function textOf(cell: Cell): string {
  if (cell.cell_type !== 'code') return '';
  return cell.outputs.map((output) => ('data' in output ? String(output.data['text/plain']) : '')).join('\n');
}

const SMALL = { iterations: '1', instructions: '24', heldOutPairs: '24' };
const VERDICT = /\*\*(?:The change (?:helps|hurts)|No difference is seen)\.\*\* With N = /;

describe('a notebook whose settings are changed', function () {
  this.timeout(240_000);

  it('compares one judgment with fifteen, and its run can be taken apart', () =>
    inWorkspace(async (workspace) => {
      const shown = await run(workspace, '03-interactive-ablation.ipynb', { ...SMALL, N: '1' });
      assert.match(shown, VERDICT);
      assert.match(shown, /tokens written[^]*\nchanged +\d/);
      const runs = join('..', 'results', 'interactive-ablation');
      const [first = ''] = await readdir(join(workspace.notebooks, runs));
      const ownRun = JSON.stringify(join(runs, first));
      const taken = await run(workspace, '07-what-is-hard.ipynb', { ownRun, classes: '2' });
      assert.match(taken, /24 held-out pairs, from the seed to iteration 1/);
    }));

  it('compares another filter, slice and loop seed, and says so where nothing was changed', () =>
    inWorkspace(async (workspace) => {
      const settings = { ...SMALL, N: '5', onlyRight: 'true', slices: "['code']", loopSeed: '3' };
      assert.match(await run(workspace, '03-interactive-ablation.ipynb', settings), VERDICT);
      const same = await run(workspace, '03-interactive-ablation.ipynb', { ...SMALL, onlyRight: 'true' });
      assert.match(same, /Both arms are the same: change a setting at the top/);
    }));

  it('trains one seed model with two loop seeds', () =>
    inWorkspace(async (workspace) => {
      const shown = await run(workspace, '04-seeds-and-slices.ipynb', {
        SEED_MODELS: "['micro-seed']",
        LOOP_SEEDS: '[3, 4]',
        INSTRUCTIONS: '24',
        PAIRS: '24',
      });
      assert.match(shown, /- \*\*micro-seed\*\* starts at [^\n]* of its 8 judges/);
      assert.match(shown, /cells\.xlsx +\d+ +24 /);
    }));
});
