// `autodidact notebook`: run notebooks without Jupyter, show them as pages, and give Jupyter their kernel.
import { stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import type { Command } from 'commander';
import { ConfigError, DataError } from '../core/errors.js';
import { writeFileAtomic } from '../core/files.js';
import { printable } from '../core/text.js';
import { workspaceOf } from '../core/workspace.js';
import {
  compareOutputs,
  findKernelSpec,
  installKernel,
  jupyterDataFolder,
  readNotebook,
  renderNotebook,
  runNotebook,
  writeNotebook,
  type CellRemark,
  type CellRun,
  type NotebookRun,
} from '../notebook/index.js';
import { notBlank, number } from './option-values.js';
import { jsonOption, print } from './shared-options.js';

/** Default limit of one cell, in seconds: cells can run experiments. */
const CELL_TIMEOUT_S = 600;

interface RunOptions {
  timeout: number;
  allowErrors: boolean;
  out?: string;
  save: boolean;
  check: boolean;
  kernel?: string;
  json: boolean;
}

/** Adds the `notebook` commands to the program. */
export function addNotebookCommand(program: Command, signal: AbortSignal): void {
  const notebook = program
    .command('notebook')
    .description('run notebooks without Jupyter, write them as pages, or give Jupyter their kernel');
  notebook
    .command('run')
    .description('run every cell and write the outputs into the notebook')
    .argument('<file...>', 'notebooks, e.g. notebooks/*.ipynb')
    .option('--timeout <s>', 'most seconds that one cell may take', seconds, CELL_TIMEOUT_S)
    .option('--allow-errors', 'continue after a cell that failed, and exit with success', false)
    .option('--out <file>', 'write the notebook to this file, not in place', notBlank)
    .option('--no-save', 'only check that it runs')
    .option(
      '--check',
      'save nothing, and fail where kinds, columns or charts differ from the saved outputs',
      false,
    )
    .option('--kernel <kernel.json>', 'kernel spec (default: the nearest one in the workspace)', notBlank)
    .addOption(jsonOption())
    .action((files: string[], options: RunOptions) => runAll(files, options, signal));
  notebook
    .command('html')
    .description('write a notebook as one HTML page without scripts or external files')
    .argument('<file...>', 'notebooks')
    .option(
      '--out <path>',
      'the page, or the folder of several pages (default: beside each notebook)',
      notBlank,
    )
    .action(htmlOfAll);
  notebook
    .command('install-kernel')
    .description('install the TypeScript kernel for your own Jupyter, VS Code and nbconvert')
    .option('--replace', 'replace a kernel of this name that something else has installed', false)
    .action(installForUser);
}

// Timers take at most 2^31 ms.
const seconds = number(
  (value) => value > 0 && value <= 2_000_000,
  'seconds, more than 0 and at most 2000000',
);

/** @throws DataError that names every notebook of which a cell failed, or differs from what is saved */
async function runAll(files: readonly string[], given: RunOptions, signal: AbortSignal): Promise<void> {
  const { check } = given;
  const options: RunOptions = { ...given, save: given.save && !check };
  if (options.out !== undefined && (files.length > 1 || !options.save)) {
    throw new ConfigError({
      subject: '--out',
      expected: 'one notebook, and neither --no-save nor --check',
      received: options.save ? `${files.length} notebooks` : check ? '--check' : '--no-save',
      remedy: 'Run the notebooks one by one, or leave one of the options out.',
    });
  }
  const failures: string[] = [];
  const results = [];
  for (const file of files) {
    const run = await runOne(file, options, signal);
    if (options.save) await writeNotebook(options.out ?? file, run.notebook);
    const { nCells, nRun, failedCell, elapsedMs } = run;
    const compared = check
      ? await compareOutputs(await readNotebook(file), run.notebook, {
          folder: dirname(file),
          environment: process.env,
        })
      : { differences: [], notCompared: [] };
    results.push({ file, nCells, nRun, failedCell, seconds: elapsedMs / 1000, ...(check ? compared : {}) });
    if (!options.json) {
      print(summary(file, run));
      for (const remark of compared.notCompared) print(`not compared: ${remarkLine(file, remark)}`);
    }
    failures.push(...compared.differences.map((remark) => `  ${remarkLine(file, remark)}\n`));
    if (failedCell !== null && !options.allowErrors) failures.push(failure(file, failedCell));
  }
  if (options.json) print(JSON.stringify(results));
  if (failures.length === 0) return;
  throw new DataError({
    subject: 'notebook run',
    expected: check ? 'every cell to run, with outputs like the saved ones' : 'every cell to run',
    received: `\n${failures.join('')}`,
    remedy: options.save
      ? 'The notebook contains the whole error.'
      : `Without ${check ? '--check the notebook gets these outputs and' : '--no-save the notebook contains'} the whole error.`,
  });
}

function remarkLine(file: string, { cellNumber, firstLine, remark }: CellRemark): string {
  return `${printable(file)}, cell ${cellNumber} (${printable(firstLine, 60)}): ${printable(remark, 600)}`;
}

async function runOne(file: string, options: RunOptions, signal: AbortSignal): Promise<NotebookRun> {
  const notebook = await readNotebook(file);
  const cwd = dirname(file);
  try {
    return await runNotebook(notebook, {
      kernelSpecPath: options.kernel ?? (await findKernelSpec(cwd)),
      cwd,
      timeoutMs: options.timeout * 1000,
      signal,
      allowErrors: options.allowErrors,
      onCell: (cell) => process.stderr.write(`${progressLine(file, cell)}\n`),
    });
  } catch (thrown) {
    if (signal.aborted && thrown === signal.reason) {
      process.stderr.write(`Stopped. ${printable(file)} is as it was.\n`);
    }
    throw thrown;
  }
}

function progressLine(file: string, { cellNumber, nCells, firstLine, elapsedMs, error }: CellRun): string {
  const outcome = error === null ? '' : `  ${error.ename}`;
  return printable(
    `${basename(file)}  ${cellNumber}/${nCells}  ${inSeconds(elapsedMs)}${outcome}  ${firstLine}`,
    120,
  );
}

function summary(file: string, { nCells, nRun, failedCell, elapsedMs }: NotebookRun): string {
  const cells = nRun === nCells ? `${nCells} cells` : `${nRun} of ${nCells} cells`;
  const failed = failedCell === null ? '' : `, cell ${failedCell.cellNumber} failed`;
  return `${printable(file)}: ${cells}, ${inSeconds(elapsedMs)}${failed}`;
}

function failure(file: string, { cellNumber, firstLine, error }: CellRun): string {
  const what = `${error?.ename ?? 'Error'}: ${error?.evalue ?? ''}`;
  return `  ${printable(file)}, cell ${cellNumber} (${printable(firstLine, 100)}): ${printable(what)}\n`;
}

function inSeconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

async function htmlOfAll(files: readonly string[], { out }: { out?: string }): Promise<void> {
  const isFolder = out !== undefined && (files.length > 1 || out.endsWith('/') || (await isDirectory(out)));
  for (const file of files) {
    const page = await renderNotebook(await readNotebook(file), { title: basename(file, '.ipynb') });
    const name = `${basename(file, '.ipynb')}.html`;
    const path = isFolder ? join(out, name) : (out ?? join(dirname(file), name));
    await writeFileAtomic(path, page);
    print(printable(path));
  }
}

async function isDirectory(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null))?.isDirectory() === true;
}

async function installForUser({ replace }: { replace: boolean }): Promise<void> {
  const dataFolder = jupyterDataFolder(process.env, { platform: process.platform, home: homedir() });
  const folder = await installKernel({ workspace: await workspaceOf(''), dataFolder, replace });
  const remove = process.platform === 'win32' ? 'rmdir /s' : 'rm -r';
  print(`Installed the kernel TypeScript (tslab) in ${printable(folder)}`);
  print(`Remove it with: ${remove} "${printable(folder)}"`);
}
