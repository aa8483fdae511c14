// Tables: one specification by columns, rendered as Markdown, for a terminal, on a page or in a notebook.
import { printable, withoutControls } from '../core/text.js';
import type { CountedJudgments } from '../schema/judgment-filter.js';

/** A header and rows of cells; all columns but the first are figures. */
export interface Table {
  header: string[];
  rows: string[][];
  /** What the figures of some cells count, by row and column as `rows`; null, and absent, where it is not known. */
  counted?: (CountedJudgments | null)[][];
}

/**
 * A column: its title and the text of a row's cell, null or undefined for an empty cell. An `optional` column is left out if all of its
 * cells are empty; `blank` is the text of an empty cell, default ''; `counted` says which judgments the figure counts.
 */
export type Column<Row> = readonly [
  title: string,
  cell: (row: Row) => string | null | undefined,
  options?: {
    optional?: boolean;
    blank?: string;
    counted?: ((row: Row) => CountedJudgments | undefined) | undefined;
  },
];

/**
 * The table of some records.
 *
 * @example
 * makeTable([{ name: 'a', n: 1200 }], [['judge', ({ name }) => name], ['n', ({ n }) => count(n)]])
 */
export function makeTable<Row>(records: readonly Row[], columns: readonly Column<Row>[]): Table {
  const filled = columns.map(([title, cell, { optional = false, blank = '', counted } = {}]) => {
    const cells = records.map((record) => cell(record));
    const isShown = !optional || cells.some((text) => text != null);
    const judgments = counted && records.map((record, i) => (cells[i] == null ? undefined : counted(record)));
    return { title, isShown, cells: cells.map((text) => text ?? blank), counted: judgments };
  });
  const shown = filled.filter(({ isShown }) => isShown);
  return {
    header: shown.map(({ title }) => title),
    rows: records.map((_, i) => shown.map(({ cells }) => cells[i] ?? '')),
    ...(shown.some(({ counted }) => counted?.some((each) => each)) && {
      counted: records.map((_, i) => shown.map(({ counted }) => counted?.[i] ?? null)),
    }),
  };
}

/** A table as GitHub-flavoured Markdown. */
export function toMarkdown({ header, rows }: Table): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(escapeCell).join(' | ')} |`;
  const rule = `|${header.map((_, i) => (i === 0 ? ' --- ' : ' ---: ')).join('|')}|`;
  return [line(header), rule, ...rows.map(line)].join('\n');
}

/**
 * A table in aligned columns, for a terminal. One that would be wider than 120 characters has its headings, and cells with words, on several
 * lines.
 * @param options.breakNames whether names may be broken, too: not where a reader copies them, as those of models and folders
 */
export function toText({ header, rows: given }: Table, { breakNames = false } = {}): string {
  // Names come from files and servers: control characters and long names must not break the layout.
  const rows = given.map((row) =>
    row.map((cell) => `${/^ */.exec(cell)?.[0] ?? ''}${printable(cell, LONGEST_CELL)}`),
  );
  const columns = header.map((title, i) => [title, ...rows.map((row) => row[i] ?? '')]);
  const fits = fitted(columns, breakNames ? BREAKS : BREAKS.slice(0, -1));
  const line = (cells: readonly string[], of: 0 | 1): string => {
    const wrapped = fits.map(({ width, breaks }, i) => wrap(cells[i] ?? '', { width, breaks: breaks[of] }));
    return Array.from({ length: Math.max(...wrapped.map((lines) => lines.length)) }, (_, n) =>
      wrapped
        .map((lines, i) => (lines[n] ?? '')[i === 0 ? 'padEnd' : 'padStart'](fits[i]?.width ?? 0))
        .join(GAP)
        .trimEnd(),
    ).join('\n');
  };
  const rule = fits.map(({ width }) => '─'.repeat(width)).join(GAP);
  return [line(header, 0), rule, ...rows.map((row) => line(row, 1))].join('\n');
}

/** In characters. */
const LONGEST_CELL = 100;
const WIDEST_TABLE = 120;
const GAP = '  ';

/** Where headings, and later cells, may be broken: in lists, then between words and before an interval, and last inside names. */
const WHOLE = /$/;
const HEADING = /(?<=\S)(?= [^%])/;
const BREAKS: readonly Fit['breaks'][] = [
  [HEADING, WHOLE],
  [HEADING, /(?<=[,:])(?= \p{L})/u],
  [HEADING, /(?<=\S)(?= [\p{L}([])/u],
  [/(?<=\S)(?= [^%])|(?<=\p{L}[/_-])/u, /(?<=\S)(?= [\p{L}([])|(?<=\p{L}[/_-])/u],
];

/** A column's width, and where its heading and its cells are broken. */
interface Fit {
  width: number;
  breaks: readonly [heading: RegExp, cell: RegExp];
}

/** The widest columns give way until the table fits, as far as they can be broken. */
function fitted(columns: readonly (readonly string[])[], stages: typeof BREAKS): Fit[] {
  const longest = (texts: readonly string[]): number => Math.max(...texts.map(({ length }) => length));
  const fits = columns.map((cells): Fit => ({ width: longest(cells), breaks: [WHOLE, WHOLE] }));
  let toSpare = fits.reduce((sum, { width }) => sum + width + GAP.length, -GAP.length) - WIDEST_TABLE;
  for (const breaks of toSpare > 0 ? stages : []) {
    const parts = columns.map((cells) => cells.flatMap((cell, row) => cell.split(breaks[row === 0 ? 0 : 1])));
    const least = parts.map((texts) => longest(texts.map((text) => text.trimStart())));
    for (; toSpare > 0; toSpare--) {
      const widths = fits.map(({ width }, i) => (width > (least[i] ?? 0) ? width : 0));
      const fit = fits[widths.indexOf(Math.max(...widths, 1))];
      if (!fit) break;
      fit.width--;
      fit.breaks = breaks;
    }
  }
  return fits;
}

/** The lines of a cell. */
function wrap(cell: string, { width, breaks }: { width: number; breaks: RegExp }): string[] {
  if (cell.length <= width) return [cell];
  return cell.split(breaks).reduce<string[]>((lines, part) => {
    const joined = `${lines.at(-1) ?? ''}${part}`;
    return lines.length > 0 && joined.length <= width
      ? [...lines.slice(0, -1), joined]
      : [...lines, lines.length === 0 ? part : part.trimStart()];
  }, []);
}

function escapeCell(cell: string): string {
  // Escapes what would make an interval's brackets a link.
  return withoutControls(cell)
    .replace(/\s+/g, ' ')
    .replace(/[|\\<>`*_]/g, (character) => `\\${character}`)
    .replace(/\]\(/g, ']\\(');
}
