// Reads rows of an export format back to examples, with the fields that the format keeps.
import { rowsOf } from './dataset-format.js';
import { formatNamed, type ExportFormatName } from './formats.js';
import type { ExportKind, RecordOf } from './row-format.js';

/**
 * The examples of an exported file, in its order.
 * @throws DataError when the file is missing, damaged, or has a row that does not fit the format
 */
export async function* readExport<Kind extends ExportKind>(
  path: string,
  { format: name, kind }: { format: ExportFormatName; kind: Kind },
): AsyncGenerator<RecordOf<Kind>> {
  const format = formatNamed(name);
  const rows = rowsOf(format, kind);
  for await (const row of format.container.read(path, rows.schema)) yield rows.fromRow(row);
}
