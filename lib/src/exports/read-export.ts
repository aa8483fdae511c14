// Reads exported sets back, as far as their formats hold the examples: the check that nothing was lost on the way.
import { join } from 'node:path';
import { DataError } from '../core/errors.js';
import { readJsonl, schemaProblems } from '../core/jsonl.js';
import { formatNamed, type ExportFormatName } from './formats.js';
import { readParquetRows } from './parquet.js';
import type { ExportKind, PreferenceRecord, RowFormat, SftRecord, Split } from './row-format.js';

/** Where an exported set lies. */
export interface ExportedPlace<Kind extends ExportKind = ExportKind> {
  format: ExportFormatName;
  kind: Kind;
  folder: string;
  split: Split;
}

/** What is read of a kind. */
export type RecordOf<Kind extends ExportKind> = Kind extends 'sft' ? SftRecord : PreferenceRecord;

/** The examples of an exported set, in its order. @throws DataError when its file is missing, damaged, or holds other rows */
export async function* readExport<Kind extends ExportKind>({
  format: formatName,
  kind,
  folder,
  split,
}: ExportedPlace<Kind>): AsyncGenerator<RecordOf<Kind>> {
  const format = formatNamed(formatName);
  const rows = format[kind] as RowFormat<unknown, RecordOf<Kind>>;
  const path = join(folder, format.fileOf(split));
  if (format.container === 'jsonl') {
    for await (const row of readJsonl(path, rows.schema)) yield rows.decode(row);
    return;
  }
  let nRows = 0;
  for await (const row of readParquetRows(path)) {
    nRows++;
    const checked = rows.schema.safeParse(row);
    if (!checked.success) throw wrongRow(`${path}, row ${nRows}`, schemaProblems(checked.error));
    yield rows.decode(checked.data);
  }
}

function wrongRow(subject: string, received: string): DataError {
  return new DataError({
    subject,
    expected: 'a row of the right shape',
    received,
    remedy: 'Export the set again.',
  });
}
