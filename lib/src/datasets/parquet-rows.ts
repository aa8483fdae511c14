// Rows of a Parquet file, https://parquet.apache.org: a few pages at a time where the file has an index of its pages, else one row group
// at a time, so that memory is bounded by the largest of these.
import {
  asyncBufferFromFile,
  parquetMetadataAsync,
  parquetReadObjects,
  parquetSchema,
  type AsyncBuffer,
  type FileMetaData,
} from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { DataError, messageOf } from '../core/errors.js';
import { readError } from '../core/files.js';
import { printable } from '../core/text.js';
import type { Row } from './row.js';

/** Rows that are read at once where a file has an index of its pages (its offset index). */
const ROWS_AT_ONCE = 8192;

/**
 * The rows of a Parquet file, as JSON would hold them: a 64-bit integer is a number where a number can hold it and a string
 * otherwise, a time is an ISO 8601 string.
 * @param columns those to read, by the names of {@link parquetColumns}; names that the file lacks are passed over. Absent: all.
 * @throws DataError when the file cannot be read, is no Parquet file, or a part of it is damaged
 */
export async function* parquetRows(path: string, columns?: readonly string[]): AsyncGenerator<Row> {
  const { file, metadata } = await openParquet(path);
  const wanted = columns && namesOf(metadata).filter((name) => columns.includes(name));
  for (const { rowStart, rowEnd } of rowRanges(metadata)) {
    const rows = await readRange({ file, metadata, rowStart, rowEnd, path, columns: wanted });
    let line = rowStart;
    for (const row of rows) yield { row: asJsonRow(row), line: ++line };
  }
}

/** The names of the columns of a Parquet file. @throws DataError as {@link parquetRows} */
export async function parquetColumns(path: string): Promise<string[]> {
  return namesOf((await openParquet(path)).metadata);
}

function namesOf(metadata: FileMetaData): string[] {
  return parquetSchema(metadata).children.map(({ element }) => element.name);
}

/** The row groups, or parts of them where parts can be read without the whole. */
function* rowRanges(metadata: FileMetaData): Generator<{ rowStart: number; rowEnd: number }> {
  let groupStart = 0;
  for (const { num_rows, columns } of metadata.row_groups) {
    const groupEnd = groupStart + Number(num_rows);
    const hasIndex = columns.some((column) => column.offset_index_offset !== undefined);
    const step = hasIndex ? ROWS_AT_ONCE : groupEnd - groupStart;
    for (let rowStart = groupStart; rowStart < groupEnd; rowStart += step) {
      yield { rowStart, rowEnd: Math.min(rowStart + step, groupEnd) };
    }
    groupStart = groupEnd;
  }
}

async function openParquet(path: string): Promise<{ file: AsyncBuffer; metadata: FileMetaData }> {
  const file = await asyncBufferFromFile(path).catch((thrown: unknown) => {
    throw readError(path, thrown);
  });
  try {
    return { file, metadata: await parquetMetadataAsync(file) };
  } catch (cause) {
    // Errors of the file system have a code; those of the parser have none.
    throw cause instanceof Error && 'code' in cause ? readError(path, cause) : notParquet(path, cause);
  }
}

async function readRange(options: {
  file: AsyncBuffer;
  metadata: FileMetaData;
  rowStart: number;
  rowEnd: number;
  path: string;
  columns: string[] | undefined;
}): Promise<Record<string, unknown>[]> {
  const { path, columns, ...range } = options;
  try {
    return await parquetReadObjects({
      ...range,
      ...(columns && { columns }),
      compressors,
      useOffsetIndex: true,
    });
  } catch (cause) {
    throw notParquet(`${path}, rows ${range.rowStart + 1} to ${range.rowEnd}`, cause);
  }
}

function notParquet(subject: string, cause: unknown): DataError {
  return new DataError({
    subject,
    expected: 'a whole Parquet file',
    received: printable(messageOf(cause), 160),
    remedy: 'Get that file again; a gzipped Parquet file must be unpacked first.',
    cause,
  });
}

function asJsonRow(row: Record<string, unknown>): Record<string, unknown> {
  const converted: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(row)) {
    // A plain assignment would set the prototype.
    if (name === '__proto__')
      Object.defineProperty(converted, name, { value: asJson(value), enumerable: true });
    else converted[name] = typeof value === 'string' ? value : asJson(value);
  }
  return converted;
}

function asJson(value: unknown): unknown {
  if (typeof value === 'bigint') {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : String(value);
  }
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (value === undefined) return null;
  if (Array.isArray(value)) return value.map(asJson);
  if (ArrayBuffer.isView(value) || typeof value !== 'object' || value === null) return value;
  return asJsonRow(value as Record<string, unknown>);
}
