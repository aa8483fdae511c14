// Tables of several libraries, as a header and rows.

/** A header and rows of cells. */
export interface TableRows {
  header: readonly string[];
  rows: readonly (readonly unknown[])[];
}

/** The part of arquero's tables that is used. */
interface ColumnTable {
  columnNames(): string[];
  objects(): object[];
}

/** The part of danfojs' data frames that is used. */
interface DataFrame {
  columns: readonly string[];
  values: readonly unknown[];
  /** Names of the rows, by default their numbers from 0. */
  index?: readonly (string | number)[];
}

/** A table of this package's reports, an arquero table, a danfojs data frame, or objects with one key for each column. */
export type Tabular = TableRows | ColumnTable | DataFrame | readonly object[];

/**
 * The header and rows of anything tabular; of objects, the columns are their keys in order of appearance.
 * @throws TypeError for anything else
 */
export function tableRows(table: Tabular): TableRows {
  if (Array.isArray(table)) return rowsOf(table as readonly object[]);
  if (typeof table === 'object') {
    if ('header' in table && 'rows' in table) return table;
    if ('columnNames' in table && 'objects' in table)
      return rowsOf(table.objects(), { header: table.columnNames() });
    if ('columns' in table && 'values' in table) {
      // A column of one value each, as a series has it, counts as a table of one column.
      const rows = table.values.map((row): readonly unknown[] => (Array.isArray(row) ? row : [row]));
      const header = table.columns.map(String);
      const index = table.index ?? [];
      if (index.every((name, i) => name === i)) return { header, rows };
      return { header: ['', ...header], rows: rows.map((row, i) => [index[i], ...row]) };
    }
  }
  throw new TypeError(
    `showTable: expected {header, rows}, an arquero table, a danfojs DataFrame or an array of objects, received ${typeof table}`,
  );
}

function rowsOf(objects: readonly object[], options: { header?: readonly string[] } = {}): TableRows {
  const header = options.header ?? [...new Set(objects.flatMap((row) => Object.keys(row)))];
  const rows = objects.map((row) => header.map((column) => (row as Record<string, unknown>)[column]));
  return { header, rows };
}

/** Decimals of a fraction, and significant digits of one below 1. */
const DIGITS = 3;

/** The text of a cell; nothing for null and undefined. Fractions are rounded, e.g. 0.64333 to 0.643 and 12.34567 to 12.346. */
export function cellText(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return value;
    case 'undefined':
    case 'function':
      return '';
    case 'number':
      return numberText(value);
    case 'bigint':
    case 'boolean':
    case 'symbol':
      return String(value);
    case 'object':
      if (value === null) return '';
      return value instanceof Date ? value.toISOString() : JSON.stringify(value);
  }
}

function numberText(value: number): string {
  if (!Number.isFinite(value) || Number.isInteger(value)) return String(value);
  const rounded = Number(Math.abs(value) < 1 ? value.toPrecision(DIGITS) : value.toFixed(DIGITS));
  // The zeros say that 0.9998 is not 1.
  return Number.isInteger(rounded) ? rounded.toFixed(DIGITS) : String(rounded);
}
