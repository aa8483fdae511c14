// Columns of a row by name or by path, such as `turns.0.content` or `responses[0].text`.

/** Reads a column of a row; undefined where the row has none. */
export type FieldReader = (row: Record<string, unknown>) => unknown;

/**
 * A reader of a column. A column named by the whole path is preferred; otherwise its parts are keys of objects or indices of lists, from 0,
 * written `.0` or `[0]`. A key may itself contain dots: where several keys fit, the longest one that leads to a value is taken.
 */
export function fieldReader(path: string): FieldReader {
  const dotted = withDots(path);
  return (row) => (Object.hasOwn(row, path) ? row[path] : valueAt(row, dotted));
}

function withDots(path: string): string {
  return path.replace(/\[(\d+)\]/g, '.$1').replace(/^\./, '');
}

function valueAt(value: unknown, path: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  const fields = value as Record<string, unknown>;
  if (Object.hasOwn(fields, path)) return fields[path];
  for (let dot = path.lastIndexOf('.'); dot > 0; dot = path.lastIndexOf('.', dot - 1)) {
    const key = path.slice(0, dot);
    const found = Object.hasOwn(fields, key) ? valueAt(fields[key], path.slice(dot + 1)) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The columns that the readers of these paths may need. */
export function columnsOf(paths: readonly string[]): string[] {
  const prefixes = paths.flatMap((path) => {
    const parts = withDots(path).split('.');
    return [path, ...parts.map((_, i) => parts.slice(0, i + 1).join('.'))];
  });
  return [...new Set(prefixes)];
}
