// Rows of a CSV file with a header row (RFC 4180): quoted fields may hold commas, quotes and line ends.
import { pipeline, Readable } from 'node:stream';
import { parse } from 'csv-parse';
import { z } from 'zod';
import { AutodidactError, DataError } from '../core/errors.js';
import { readError } from '../core/files.js';
import { printable } from '../core/text.js';
import { LONGEST_LINE } from './text-lines.js';
import { textBytes } from './file-bytes.js';
import type { Row } from './row.js';

/** What the parser gives: the fields, and its counters when the record ended. */
const recordSchema = z.object({
  record: z.array(z.string()),
  info: z.object({ lines: z.number(), empty_lines: z.number() }),
});

/**
 * The rows of a CSV file, gzipped or not, or of one whose name ends in .tsv, with tabs in place of commas; empty lines are skipped and every value is a string. A row with more or fewer
 * fields than the header is a bad row, and so is one that is not UTF-8, and the rest of a file after a quote that is never closed.
 * @param onHeader called with the names of the columns before the first row
 * @throws DataError when the file cannot be read, has no header row of distinct names, or a record that is longer than 32 MiB
 */
export async function* csvRows(
  path: string,
  onHeader?: (names: readonly string[]) => void,
): AsyncGenerator<Row> {
  let header: string[] | null = null;
  const ending = { isUnclosed: false };
  let last = { lines: 0, empty_lines: 0 };
  const parser = parse({
    bom: true,
    info: true,
    delimiter: /\.tsv(\.gz)?$/i.test(path) ? '\t' : ',',
    // Counted here, with the line where the row starts.
    relax_column_count: true,
    // As spreadsheets and pandas do: a quote inside a field that does not start with one is a character.
    relax_quotes: true,
    record_delimiter: ['\r\n', '\n', '\r'],
    skip_empty_lines: true,
    // A longer record is probably a quote that was never closed; the parser cannot continue after it.
    max_record_size: LONGEST_LINE,
    // Without this, an unclosed quote at the end would also lose rows before it that were not read yet.
    skip_records_with_error: true,
    on_skip: (error) => {
      if (error?.code !== 'CSV_QUOTE_NOT_CLOSED')
        throw notCsv(path, error?.message ?? 'a record in error', error);
      ending.isUnclosed = true;
      return undefined;
    },
  });
  try {
    // The callback is for pipeline alone: an error of the source also ends the reading below.
    pipeline(Readable.from(textBytes(path)), parser, () => undefined);
    for await (const parsed of parser) {
      const { record, info } = recordSchema.parse(parsed);
      const line = last.lines + (info.empty_lines - last.empty_lines) + 1;
      last = info;
      if (header === null) {
        header = checkedHeader(record, path);
        onHeader?.(header);
      } else yield asCsvRow(record, header, line);
    }
  } catch (thrown) {
    throw thrown instanceof AutodidactError ? thrown : readError(path, thrown);
  }
  if (header === null)
    throw notCsv(path, ending.isUnclosed ? 'a quote that is never closed' : 'an empty file');
  if (ending.isUnclosed)
    yield { problem: 'a quote that is never closed, up to the end of the file', line: last.lines + 1 };
}

function checkedHeader(names: string[], path: string): string[] {
  // Invalid UTF-8 or a zero byte: some binary format.
  const binary = names.find((name) => /[\0\uFFFD]/.test(name));
  if (binary !== undefined) throw notCsv(path, printable(binary, 40));
  const repeated = names.find((name, i) => names.indexOf(name) !== i);
  if (repeated !== undefined) throw notCsv(path, `the column "${printable(repeated, 40)}" twice`);
  const [only = ''] = names.length === 1 ? names : [];
  if (/[;\t]/.test(only)) {
    const separator = only.includes('\t') ? 'tabs' : 'semicolons';
    throw notCsv(path, `${separator} in place of commas: ${printable(only, 80)}`);
  }
  return names;
}

function asCsvRow(fields: string[], header: string[], line: number): Row {
  if (fields.length !== header.length) {
    return { problem: `expected ${header.length} fields, received ${fields.length}`, line };
  }
  // The parser replaces invalid UTF-8 by this character; where it was in the file already, an earlier program did the same.
  if (fields.some((field) => field.includes('\uFFFD'))) {
    return { problem: 'a character that could not be decoded: invalid UTF-8', line };
  }
  return { row: Object.fromEntries(header.map((name, i) => [name, fields[i]])), line };
}

function notCsv(path: string, received: string, cause?: unknown): DataError {
  return new DataError({
    subject: path,
    expected: 'CSV with a header row of distinct column names',
    received,
    remedy:
      'Check the format of the file: commas separate fields, and tabs do in one whose name ends in .tsv.',
    cause,
  });
}
