// One row of a data file, or what is wrong with it.

/** The formats that can be read: JSON Lines, one JSON array, CSV with a header row, Parquet, and plain text whose lines are rows `{text}`. */
export const ROW_FORMATS = ['jsonl', 'json', 'csv', 'parquet', 'text'] as const;

/** See {@link ROW_FORMATS}. */
export type RowFormat = (typeof ROW_FORMATS)[number];

/** A row that could be read. */
export interface ReadableRow {
  row: Record<string, unknown>;
  /** Where it starts: the line from 1 in JSON Lines, CSV and text, the number of the row from 1 in a JSON array and in Parquet. */
  line: number;
}

/** A row that could not be read, so that a caller can count it as dropped. */
export interface UnreadableRow {
  /** Why, in a few words. */
  problem: string;
  /** As in {@link ReadableRow}. */
  line: number;
}

/** A row, or why there is none. `'row' in row` tells them apart. */
export type Row = ReadableRow | UnreadableRow;

/** A parsed JSON value as a row: only an object is one. */
export function asRow(value: unknown, line: number): Row {
  if (isRecord(value)) return { row: value, line };
  return { problem: `expected an object, received ${kindOf(value)}`, line };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  return `a ${typeof value}`;
}
