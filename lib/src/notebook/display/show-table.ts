// Tables in a cell: HTML with every text escaped, and plain text for readers that show no HTML.
import { withoutControls } from '../../core/text.js';
import { escapeHtml } from '../../core/escape-html.js';
import { show } from './cell-display.js';
import { cellText, tableRows, type Tabular } from './table-rows.js';

/** Most rows that are shown unless asked otherwise. */
const MOST_ROWS = 50;
/** Widest column of the plain text, in characters. */
const WIDEST = 60;
/** A number with its unit or interval, also such as `< 0.001`. */
const FIGURE = /^(?:< )?[-+−]?(?:\d[\d,]*\.?\d*|\.\d+)(?:e[-+]?\d+)?(?:\s*%|\s*\[.*\])?$/i;

/** How a table is shown. */
export interface ShowTableOptions {
  /** Stands above the table. */
  title?: string;
  /** Most rows; a line below says how many more there are. Default: 50. */
  mostRows?: number;
}

/**
 * Shows a table: of this package's reports, of arquero, of danfojs, or an array of objects. Numbers have at most three decimals, below 1
 * three significant digits; integers and texts are shown as they are.
 * @example showTable([{ judge: 'seed', accuracy: 0.64 }], { title: 'On the held-out pairs' });
 */
export function showTable(table: Tabular, options: ShowTableOptions = {}): void {
  const { header, rows } = tableRows(table);
  const shown = rows.slice(0, options.mostRows ?? MOST_ROWS).map((row) => row.map(cellText));
  const nMore = rows.length - shown.length;
  const parts = {
    header: [...header],
    rows: shown,
    title: options.title ?? '',
    more: nMore > 0 ? `and ${nMore} more rows` : '',
  };
  show({ data: { 'text/html': tableHtml(parts), 'text/plain': tableText(parts) } });
}

/** The texts of a table. */
interface TableParts {
  header: readonly string[];
  rows: readonly (readonly string[])[];
  title: string;
  more: string;
}

function tableHtml({ header, rows, title, more }: TableParts): string {
  const isFigure = figureColumns(rows, header.length);
  // A figure such as "< 0.001" is not broken in two; before its interval it may be, so that wide tables fit.
  const style = (text: string, i: number): string => {
    if (isFigure[i] !== true) return 'text-align:left';
    return FIGURE.test(text) && !text.includes('[')
      ? 'text-align:right;white-space:nowrap'
      : 'text-align:right';
  };
  const cell = (tag: string) => (text: string, i: number) =>
    `<${tag} style="${style(text, i)}">${escapeHtml(typeset(text))}</${tag}>`;
  const line = (cells: readonly string[], tag: string): string => `<tr>${cells.map(cell(tag)).join('')}</tr>`;
  return [
    '<table>',
    ...(title === '' ? [] : [`<caption>${escapeHtml(title)}</caption>`]),
    `<thead>${line(header, 'th')}</thead>`,
    '<tbody>',
    ...rows.map((row) => line(row, 'td')),
    '</tbody>',
    '</table>',
    ...(more === '' ? [] : [`<p>${escapeHtml(more)}</p>`]),
  ].join('\n');
}

/** Keeps leading spaces, which HTML drops, and intervals on one line, by spaces that do not break. */
function typeset(text: string): string {
  return text.replace(/^ +|(?<=\[[^\]]{1,20},) /g, (spaces) => '\u00a0'.repeat(spaces.length));
}

function tableText({ header, rows, title, more }: TableParts): string {
  const isFigure = figureColumns(rows, header.length);
  const lines = [header, ...rows].map((row) => row.map(shortened));
  const widths = header.map((_, i) => Math.max(...lines.map((row) => row[i]?.length ?? 0)));
  const set = lines.map((row) =>
    row
      .map((text, i) => (isFigure[i] === true ? text.padStart(widths[i] ?? 0) : text.padEnd(widths[i] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
  const rule = widths.map((width) => '-'.repeat(width)).join('  ');
  return [title, set[0] ?? '', rule, ...set.slice(1), more].filter((line) => line !== '').join('\n');
}

function shortened(text: string): string {
  const line = withoutControls(text);
  return line.length <= WIDEST ? line : `${line.slice(0, WIDEST - 1)}…`;
}

/** Columns whose cells are all numbers or empty. */
function figureColumns(rows: TableParts['rows'], nColumns: number): boolean[] {
  return Array.from({ length: nColumns }, (_, i) => {
    const texts = rows.map((row) => row[i] ?? '').filter((text) => text !== '');
    return texts.length > 0 && texts.every((text) => FIGURE.test(text));
  });
}
