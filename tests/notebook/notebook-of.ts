// Small notebooks for tests.
import type { Cell, CodeCell, Notebook, Output } from '../../lib/src/notebook/notebook-format.js';

/** A notebook of these cells. */
export function notebookOf(...cells: Cell[]): Notebook {
  return { nbformat: 4, nbformat_minor: 5, metadata: {}, cells };
}

/** A code cell; its id is its source, as far as ids allow. */
export function code(source: string, outputs: Output[] = []): CodeCell {
  const id = source.replace(/\W+/g, '-').slice(0, 60);
  return { cell_type: 'code', id, metadata: {}, source, outputs, execution_count: null };
}

/** A Markdown cell. */
export function markdown(source: string): Cell {
  return { cell_type: 'markdown', id: 'text', metadata: {}, source };
}

/** Something displayed. */
export function displayed(data: Record<string, unknown>): Output {
  return { output_type: 'display_data', data, metadata: {} };
}
