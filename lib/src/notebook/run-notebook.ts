// Runs the cells of a notebook in a kernel, from the first to the last, and gathers what they put out.
import { dirname, join, resolve, sep } from 'node:path';
import { messageOf } from '../core/errors.js';
import { exists } from '../core/files.js';
import { CellOutputs, type DisplaysById } from './cell-outputs.js';
import { KernelClient, type Execution } from './kernel/kernel-client.js';
import { mapValues, type Cell, type CodeCell, type Notebook, type Output } from './notebook-format.js';

/** What to run it with. */
export interface RunNotebookOptions {
  /** The `kernel.json` of the kernel; `findKernelSpec` finds the workspace's. */
  kernelSpecPath: string;
  /** The folder that cells run in; Jupyter takes the notebook's. */
  cwd: string;
  /** Most time that one cell may take, in ms. */
  timeoutMs: number;
  /** Stops the kernel; the run rejects with its reason. */
  signal: AbortSignal;
  /** Go on after a cell that failed. Default: no. */
  allowErrors?: boolean;
  /** Hears of every cell that has run. */
  onCell?: (cell: CellRun) => void;
}

/** One cell that has run. */
export interface CellRun {
  /** Counts the code cells that are not blank, from 1; Jupyter shows it beside the cell. */
  cellNumber: number;
  /** Of all code cells that are not blank. */
  nCells: number;
  /** The first line of its code that is not blank. */
  firstLine: string;
  elapsedMs: number;
  /** What went wrong; null when nothing did. */
  error: { ename: string; evalue: string } | null;
}

/** A notebook that has run. */
export interface NotebookRun {
  /** With the outputs of this run; cells that did not run have none. */
  notebook: Notebook;
  /** Code cells that are not blank. */
  nCells: number;
  /** Those of them that ran. */
  nRun: number;
  /** The first cell that failed; null when none did. */
  failedCell: CellRun | null;
  /** With the start of the kernel. */
  elapsedMs: number;
}

/**
 * Runs a notebook; the one given is not changed. A cell that fails, takes too long or ends its kernel is no exception: it is told in
 * the result, and its outputs end with an error.
 * @throws ConfigError when the kernel is not installed; DataError when it does not start; the reason of `signal`
 */
export async function runNotebook(notebook: Notebook, options: RunNotebookOptions): Promise<NotebookRun> {
  const startedMs = performance.now();
  const displays: DisplaysById = new Map();
  const cells = structuredClone(notebook.cells).map(withoutOutputs);
  const toRun = cells.filter(
    (cell): cell is CodeCell => cell.cell_type === 'code' && cell.source.trim() !== '',
  );
  const result: NotebookRun = {
    notebook: { ...notebook, cells },
    nCells: toRun.length,
    nRun: 0,
    failedCell: null,
    elapsedMs: 0,
  };
  if (toRun.length > 0) {
    const kernel = await KernelClient.start(options.kernelSpecPath, options);
    try {
      for (const cell of toRun) {
        const cellNumber = result.nRun + 1;
        const run = await runCell(cell, { ...options, kernel, displays, cellNumber, nCells: toRun.length });
        result.nRun = cellNumber;
        if (run.error !== null) result.failedCell ??= run;
        options.onCell?.(run);
        if (run.error !== null && !(options.allowErrors === true && kernel.isAlive)) break;
      }
    } finally {
      await kernel.close();
    }
  }
  const root = `${await workspaceOf(options.cwd)}${sep}`;
  for (const cell of toRun) cell.outputs = cell.outputs.map((output) => withoutFolder(output, root));
  result.elapsedMs = performance.now() - startedMs;
  return result;
}

async function runCell(
  cell: CodeCell,
  context: RunNotebookOptions & {
    kernel: KernelClient;
    displays: DisplaysById;
    cellNumber: number;
    nCells: number;
  },
): Promise<CellRun> {
  const { kernel, displays, cellNumber, nCells, timeoutMs, signal } = context;
  const startedMs = performance.now();
  const outputs = new CellOutputs(displays);
  cell.outputs = outputs.outputs;
  const failure = await kernel
    .execute(cell.source, { timeoutMs, signal, onOutput: (message) => outputs.take(message) })
    .then(
      (execution) => {
        cell.execution_count = execution.executionCount ?? cellNumber;
        return failureOf(execution, timeoutMs);
      },
      (thrown: unknown) => {
        if (signal.aborted) throw thrown;
        cell.execution_count = cellNumber;
        return { ename: 'KernelError', evalue: messageOf(thrown), isToldByCell: false };
      },
    );
  let error: CellRun['error'] = null;
  if (failure !== null) error = toldError(outputs, failure);
  return {
    cellNumber,
    nCells,
    firstLine: cell.source.split('\n').find((line) => line.trim() !== '') ?? '',
    elapsedMs: performance.now() - startedMs,
    error,
  };
}

/** Why a cell failed, and whether the kernel has told it among the outputs. */
interface Failure {
  ename: string;
  evalue: string;
  isToldByCell: boolean;
}

function failureOf(execution: Execution, timeoutMs: number): Failure | null {
  switch (execution.status) {
    case 'ok':
      return null;
    case 'error':
      return {
        ename: execution.ename ?? 'Error',
        evalue: execution.evalue ?? 'the kernel says no more',
        isToldByCell: true,
      };
    case 'timeout':
      return {
        ename: 'Timeout',
        evalue: `the cell took longer than ${timeoutMs / 1000} s and was stopped`,
        isToldByCell: false,
      };
  }
}

function toldError(outputs: CellOutputs, failure: Failure): { ename: string; evalue: string } {
  const { ename, evalue, isToldByCell } = failure;
  if (isToldByCell) {
    const told = outputs.tellError({ ename, evalue });
    return { ename: told.ename, evalue: told.evalue };
  }
  outputs.addError({ ename, evalue });
  return { ename, evalue };
}

function withoutOutputs(cell: Cell): Cell {
  return cell.cell_type === 'code' ? { ...cell, outputs: [], execution_count: null } : cell;
}

/** The nearest folder above that holds packages; the folder itself where there is none. */
async function workspaceOf(folder: string): Promise<string> {
  for (let above = resolve(folder); above !== dirname(above); above = dirname(above)) {
    if (await exists(join(above, 'node_modules'))) return above;
  }
  return resolve(folder);
}

/** Paths below the workspace are told from there: where it lies differs between machines and is nobody's business. */
function withoutFolder(output: Output, root: string): Output {
  const cut = (text: string): string => text.replaceAll(`file://${root}`, '').replaceAll(root, '');
  switch (output.output_type) {
    case 'stream':
      return { ...output, text: cut(output.text) };
    case 'error':
      return { ...output, evalue: cut(output.evalue), traceback: output.traceback.map(cut) };
    case 'display_data':
    case 'execute_result':
      return {
        ...output,
        data: mapValues(output.data, (content, type) =>
          typeof content === 'string' && type.startsWith('text/') ? cut(content) : content,
        ),
      };
  }
}
