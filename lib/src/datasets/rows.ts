// Reads the rows of data files of any supported format.
import { DataError } from '../core/errors.js';
import { csvRows } from './csv-rows.js';
import { leadingBytes, textBytes } from './file-bytes.js';
import { jsonArrayRows } from './json-array-rows.js';
import { jsonlRows } from './jsonl-rows.js';
import { lineRows } from './line-rows.js';
import { parquetColumns, parquetRows } from './parquet-rows.js';
import type { Row, RowFormat } from './row.js';

const READERS: Record<RowFormat, (path: string, columns?: readonly string[]) => AsyncGenerator<Row>> = {
  jsonl: jsonlRows,
  json: jsonArrayRows,
  csv: (path) => csvRows(path),
  parquet: parquetRows,
  text: lineRows,
};

/** Rows whose keys are the columns of a format that does not list them. */
const N_ROWS_FOR_COLUMNS = 100;

/**
 * The rows of a file one by one, in its order. A row that cannot be read is yielded as a problem with its line; reading
 * continues. Text formats may be gzipped, whatever their name.
 *
 * ```ts
 * for await (const row of readRows('pool.jsonl.gz')) {
 *   if ('row' in row) use(row.row);
 *   else drops.push(`${row.line}: ${row.problem}`);
 * }
 * ```
 * @param options.format default: detected from the name, for `.json` also from the first character
 * @param options.columns the columns that are needed; formats that can skip others do so, and leave them out
 * @throws DataError when the file cannot be read, or is not of that format
 */
export async function* readRows(
  path: string,
  options: { format?: RowFormat | undefined; columns?: readonly string[] } = {},
): AsyncGenerator<Row> {
  const format = options.format ?? (await formatOf(path));
  yield* READERS[format](path, options.columns);
}

/**
 * The names of the columns of a file, in its order: what Parquet and CSV list, and for JSON every key of the first 100 rows.
 * @throws DataError as {@link readRows}
 */
export async function columns(path: string, options: { format?: RowFormat } = {}): Promise<string[]> {
  const format = options.format ?? (await formatOf(path));
  if (format === 'parquet') return parquetColumns(path);
  const names = new Set<string>();
  const addAll = (keys: readonly string[]): void => keys.forEach((key) => names.add(key));
  let nRows = 0;
  for await (const row of format === 'csv' ? csvRows(path, addAll) : READERS[format](path)) {
    if ('row' in row) addAll(Object.keys(row.row));
    if (++nRows >= N_ROWS_FOR_COLUMNS) break;
  }
  return [...names];
}

/**
 * The format of a file. Many data sets call JSON Lines `.json`: such a file is one JSON value only when it starts as an array, or as an
 * object over several lines.
 * @throws DataError when it cannot be detected from name and content
 */
export async function formatOf(path: string): Promise<RowFormat> {
  const name = path.toLowerCase().replace(/\.gz$/, '');
  if (/\.(jsonl|ndjson)$/.test(name)) return 'jsonl';
  if (/\.[ct]sv$/.test(name)) return 'csv';
  if (name.endsWith('.txt')) return 'text';
  if (name.endsWith('.parquet')) return 'parquet';
  if (name.endsWith('.json')) return (await isOneValue(path)) ? 'json' : 'jsonl';
  // Each Parquet file starts with these four bytes.
  if ((await leadingBytes(path, 4)).toString('latin1') === 'PAR1') return 'parquet';
  throw new DataError({
    subject: path,
    expected: 'a name that ends in .jsonl, .ndjson, .json, .csv, .tsv, .parquet or .txt, with or without .gz',
    remedy: 'Rename the file, or set its format.',
  });
}

/** Whether a file begins with `[`, or with `{` alone in its line. */
async function isOneValue(path: string): Promise<boolean> {
  let start = '';
  for await (const chunk of textBytes(path)) {
    start = (start + chunk.toString('latin1')).replace(/^[\s\u00EF\u00BB\u00BF]+/, '');
    if (start.length > 1) break;
  }
  return /^(?:\[|\{[ \t\r]*\n)/.test(start);
}
