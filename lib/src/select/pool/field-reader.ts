// Columns of a row by name or by path, such as `turns.0.content`.

/** Reads a column of a row; undefined where the row has none. */
export type FieldReader = (row: Record<string, unknown>) => unknown;

/**
 * A reader of a column. A column named by the whole path is preferred; otherwise each part is a key of an object or an index of a list,
 * from 0.
 */
export function fieldReader(path: string): FieldReader {
  const parts = path.split('.');
  return (row) => {
    if (Object.hasOwn(row, path)) return row[path];
    let value: unknown = row;
    for (const part of parts) {
      if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
      value = (value as Record<string, unknown>)[part];
    }
    return value;
  };
}

/** The columns that the readers of these paths may need. */
export function columnsOf(paths: readonly string[]): string[] {
  return [...new Set(paths.flatMap((path) => [path, path.split('.')[0] ?? path]))];
}
