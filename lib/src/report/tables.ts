// Tables: one specification by columns, rendered as Markdown, for a terminal, on a page or in a notebook.
import { printable, withoutControls } from '../core/text.js';

/** A header and rows of cells; all columns but the first are figures. */
export interface Table {
  header: string[];
  rows: string[][];
}

/**
 * A column: its title and the text of a row's cell, null or undefined for an empty cell. An `optional` column is left out if all of its
 * cells are empty; `blank` is the text of an empty cell, default ''.
 */
export type Column<Row> = readonly [
  title: string,
  cell: (row: Row) => string | null | undefined,
  options?: { optional?: boolean; blank?: string },
];

/**
 * The table of some records.
 *
 * @example
 * makeTable([{ name: 'a', n: 1200 }], [['judge', ({ name }) => name], ['n', ({ n }) => count(n)]])
 */
export function makeTable<Row>(records: readonly Row[], columns: readonly Column<Row>[]): Table {
  const filled = columns.map(([title, cell, { optional = false, blank = '' } = {}]) => {
    const cells = records.map((record) => cell(record));
    const isShown = !optional || cells.some((text) => text != null);
    return { title, isShown, cells: cells.map((text) => text ?? blank) };
  });
  const shown = filled.filter(({ isShown }) => isShown);
  return {
    header: shown.map(({ title }) => title),
    rows: records.map((_, i) => shown.map(({ cells }) => cells[i] ?? '')),
  };
}

/** A table as GitHub-flavoured Markdown. */
export function toMarkdown({ header, rows }: Table): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(escapeCell).join(' | ')} |`;
  const rule = `|${header.map((_, i) => (i === 0 ? ' --- ' : ' ---: ')).join('|')}|`;
  return [line(header), rule, ...rows.map(line)].join('\n');
}

/** A table in aligned columns, for a terminal. */
export function toText({ header, rows: given }: Table): string {
  // Names come from files and servers: control characters and long names must not break the layout.
  const rows = given.map((row) => row.map((cell) => printable(cell, LONGEST_CELL)));
  const widths = header.map((title, i) =>
    rows.reduce((width, row) => Math.max(width, row[i]?.length ?? 0), title.length),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
      .join('  ')
      .trimEnd();
  const rule = widths.map((width) => '─'.repeat(width)).join('  ');
  return [line(header), rule, ...rows.map(line)].join('\n');
}

/** In characters. */
const LONGEST_CELL = 100;

function escapeCell(cell: string): string {
  // Escapes what would make an interval's brackets a link.
  return withoutControls(cell)
    .replace(/\s+/g, ' ')
    .replace(/[|\\<>`*_]/g, (character) => `\\${character}`)
    .replace(/\]\(/g, ']\\(');
}
