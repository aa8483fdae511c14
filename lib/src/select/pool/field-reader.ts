// Columns of a row by name or by path, such as `turns.0.content`.

/** Gives the value of a column, undefined where a row has none. */
export type FieldReader = (row: Record<string, unknown>) => unknown;

/**
 * A reader of a column. A column that bears the whole path as its name comes first; else each part names a key of an object or, as a
 * number from 0, a place in a list.
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
