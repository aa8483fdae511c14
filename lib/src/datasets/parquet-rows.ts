// Rows of a Parquet file, https://parquet.apache.org: one row group at a time, so that memory is bounded by the largest of them.
import { open, type FileHandle } from 'node:fs/promises';
import {
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

/**
 * The rows of a Parquet file, as JSON would hold them: a 64-bit integer is a number where a number can hold it and a string
 * otherwise, a time is an ISO 8601 string.
 * @throws DataError when the file cannot be read, is no Parquet file, or a part of it is damaged
 */
export async function* parquetRows(path: string): AsyncGenerator<Row> {
  const handle = await openFile(path);
  try {
    const file = await asBuffer(handle, path);
    const metadata = await readMetadata(file, path);
    let rowStart = 0;
    for (const group of metadata.row_groups) {
      const rowEnd = rowStart + Number(group.num_rows);
      const rows = await readGroup({ file, metadata, rowStart, rowEnd, path });
      for (const [i, row] of rows.entries()) {
        yield { row: Object.fromEntries(Object.entries(row).map(asJsonEntry)), line: rowStart + i + 1 };
      }
      rowStart = rowEnd;
    }
  } finally {
    await handle.close();
  }
}

/** The names of the columns of a Parquet file. @throws DataError as {@link parquetRows} */
export async function parquetColumns(path: string): Promise<string[]> {
  const handle = await openFile(path);
  try {
    const metadata = await readMetadata(await asBuffer(handle, path), path);
    return parquetSchema(metadata).children.map(({ element }) => element.name);
  } finally {
    await handle.close();
  }
}

async function openFile(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r');
  } catch (thrown) {
    throw readError(path, thrown);
  }
}

async function asBuffer(handle: FileHandle, path: string): Promise<AsyncBuffer> {
  const stats = await handle.stat();
  if (!stats.isFile()) throw readError(path, new Error('not a file'));
  return {
    byteLength: stats.size,
    slice: async (start, end = stats.size) => {
      const bytes = new Uint8Array(Math.max(0, end - start));
      let filled = 0;
      while (filled < bytes.length) {
        const { bytesRead } = await handle.read(bytes, filled, bytes.length - filled, start + filled);
        if (bytesRead === 0) throw new Error('the file ends before its last part');
        filled += bytesRead;
      }
      return bytes.buffer;
    },
  };
}

async function readMetadata(file: AsyncBuffer, path: string): Promise<FileMetaData> {
  try {
    return await parquetMetadataAsync(file);
  } catch (cause) {
    throw notParquet(path, cause);
  }
}

async function readGroup(options: {
  file: AsyncBuffer;
  metadata: FileMetaData;
  rowStart: number;
  rowEnd: number;
  path: string;
}): Promise<Record<string, unknown>[]> {
  const { path, ...range } = options;
  try {
    return await parquetReadObjects({ ...range, compressors });
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

function asJsonEntry([name, value]: [string, unknown]): [string, unknown] {
  return [name, asJson(value)];
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
  return Object.fromEntries(Object.entries(value).map(asJsonEntry));
}
