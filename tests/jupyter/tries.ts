// What is tried in a real Jupyter: whole notebooks, a cell that is interrupted and run again, a restart, and nbconvert.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import type { Browser } from 'playwright-core';
import { parseNotebook, writeNotebook, type Notebook } from '../../lib/src/notebook/index.js';
import { code, markdown, notebookOf } from '../notebook/notebook-of.js';
import { ClassicPage, type CellShown } from './classic-page.js';
import type { JupyterServer } from './jupyter-server.js';

/** Where things are tried, and where their pictures go. */
export interface Place {
  server: JupyterServer;
  browser: Browser;
  /** A folder, or null for no pictures. */
  pictures: string | null;
  /** Most time that cells may take, in ms. */
  timeoutMs: number;
}

/** A setting of a notebook that is changed before it runs: the code as it stands, and what replaces it. */
export type Change = readonly [before: string, after: string];

/** A notebook whose one run takes seconds. @param nInstructions more make it longer */
export function smallNotebook(nInstructions: number): Notebook {
  const settings = ['name=small', 'iterations=2', `instructions.perIteration=${nInstructions}`];
  const overrides = [...settings, 'judge.samples=2', 'evaluate.benchmark.pairs=12', 'evaluate.vote='];
  const source = `{ configPath: '../experiments/quickstart.yaml' }`;
  return {
    ...notebookOf(
      markdown('# A small run'),
      code(`import { accuracyChartSpec, runHere, showChart } from 'autodidact';`),
      code(`const run = await runHere(${source}, { overrides: ${JSON.stringify(overrides)} });`),
      code(`await showChart(accuracyChartSpec(run.iterations, { title: 'The judge by iteration' }));`),
    ),
    metadata: { kernelspec: { name: 'tslab', display_name: 'TypeScript', language: 'typescript' } },
  };
}

/** Puts a notebook into the workspace. @throws AssertionError where a change finds nothing to change */
export async function putNotebook(server: JupyterServer, path: string, changes: readonly Change[] = []) {
  let text = await readFile(path, 'utf8');
  for (const [before, after] of changes) {
    assert.ok(text.includes(before), `${basename(path)} does not contain ${before}`);
    text = text.replace(before, after);
  }
  await writeNotebook(join(server.notebooks, basename(path)), parseNotebook(text, path));
}

/** Opens a notebook, runs all of it, and takes a picture. @returns how many cells ran @throws AssertionError for an error in a cell */
export async function tryWhole(file: string, place: Place): Promise<string> {
  const { pictures } = place;
  const page = await ClassicPage.open(file, place);
  try {
    const cells = await page.runAll();
    if (pictures !== null) await page.picture(join(pictures, file.replace('.ipynb', '.png')));
    assertRan(cells);
    return `${cells.length} cells`;
  } finally {
    await page.close();
  }
}

/** Interrupts the run of a notebook, runs its cell again at once, restarts the kernel during another run, and continues that one, too. */
export async function tryInterrupts(file: string, place: Place): Promise<string> {
  const { pictures } = place;
  const page = await ClassicPage.open(file, place);
  try {
    assertRan([await page.runCell('import')]);
    const stopped = await page.runCell('runHere(', { stopAt: 'iteration 1, ' });
    if (pictures !== null) await page.picture(join(pictures, 'interrupted.png'));
    assert.ok(
      stopped.texts.includes('run: interrupted; run the cell again to continue'),
      stopped.texts.join(),
    );
    await page.restartDuring('runHere(', 'iteration 2, ');
    assertRan([await page.runCell('import')]);
    const again = await page.runCell('runHere(');
    if (pictures !== null) await page.picture(join(pictures, 'continued.png'));
    assertRan([again]);
    assert.match(again.texts.join(), /iteration 2: .* verdicts right/);
    return again.texts.join();
  } finally {
    await page.close();
  }
}

/** Executes a notebook with nbconvert to a page, whose picture is taken. @throws AssertionError where a chart is missing */
export async function tryNbconvert(file: string, { server, browser, pictures }: Place): Promise<string> {
  const args = ['--execute', '--to', 'html', '--ExecutePreprocessor.timeout=600', file];
  await promisify(execFile)('jupyter-nbconvert', args, { cwd: server.notebooks, env: server.env });
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  try {
    await page.goto(pathToFileURL(join(server.notebooks, file.replace('.ipynb', '.html'))).href);
    // nbconvert 6.5 takes everything out of an inline SVG but its texts; an image that cannot be read has no size of its own.
    const charts = await page.evaluate<number[]>(
      `[...document.querySelectorAll('.jp-OutputArea img, .jp-OutputArea svg')].map((chart) => chart.naturalWidth ?? (chart.querySelector('path') ? chart.getBoundingClientRect().width : 0))`,
    );
    if (pictures !== null)
      await page.screenshot({
        path: join(pictures, file.replace('.ipynb', '-nbconvert.png')),
        fullPage: true,
      });
    assert.ok(
      charts.length > 0 && Math.min(...charts) > 50,
      `widths of charts, 0 for a blank one: ${charts.join(', ')}`,
    );
    return `${charts.length} charts`;
  } finally {
    await page.close();
  }
}

function assertRan(cells: readonly CellShown[]): void {
  for (const { firstLine, prompt, errors } of cells) {
    assert.deepEqual(errors, [], `${firstLine}: ${errors.join('\n')}`);
    assert.notEqual(prompt, null, `${firstLine}: did not run`);
  }
}
