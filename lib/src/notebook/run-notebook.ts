// Runs the cells of a notebook in a kernel, in order, and collects their outputs.
import { sep } from 'node:path';
import { messageOf } from '../core/errors.js';
import { workspaceOf } from '../core/workspace.js';
import { CellOutputs, type CellFailure, type DisplaysById } from './cell-outputs.js';
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
  /** Continue after a cell that failed. Default: false. */
  allowErrors?: boolean;
  /** Called after every cell. */
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
  /** Null for a cell that succeeded. */
  error: { ename: string; evalue: string } | null;
}

/** A notebook that has run. */
export interface NotebookRun {
  /** With the outputs of this run; cells that did not run have none. */
  notebook: Notebook;
  /** Code cells that are not blank. */
  nCells: number;
  /** Number of these that ran. */
  nRun: number;
  /** The first cell that failed, or null. */
  failedCell: CellRun | null;
  /** Including the start of the kernel. */
  elapsedMs: number;
}

/**
 * Runs a notebook; the one given is not changed. A cell that fails, takes too long or ends its kernel throws nothing: the result says
 * so, and its outputs end with an error.
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
        return { ename: 'KernelError', evalue: messageOf(thrown), isReported: false };
      },
    );
  return {
    cellNumber,
    nCells,
    firstLine: cell.source.split('\n').find((line) => line.trim() !== '') ?? '',
    elapsedMs: performance.now() - startedMs,
    error: failure && outputs.addError(failure),
  };
}

function failureOf(execution: Execution, timeoutMs: number): CellFailure | null {
  switch (execution.status) {
    case 'ok':
      return null;
    case 'error': {
      const { ename, evalue } = execution;
      return { ename: ename ?? 'Error', evalue: evalue ?? 'the kernel gave no message', isReported: true };
    }
    case 'timeout': {
      const evalue = `the cell took longer than ${timeoutMs / 1000} s and was stopped`;
      return { ename: 'Timeout', evalue, isReported: false };
    }
  }
}

function withoutOutputs(cell: Cell): Cell {
  return cell.cell_type === 'code' ? { ...cell, outputs: [], execution_count: null } : cell;
}

/** Makes paths inside the workspace relative to it: its place differs between machines and may be private. */
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
