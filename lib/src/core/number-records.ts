// Arithmetic on records of numbers, field by field.

/** A record whose fields are numbers, or null where an amount is not known. */
export type NumberRecord<Fields> = { [Field in keyof Fields]: number | null };

/**
 * The sum of two records with the same fields; a field that is null in either is null in the sum.
 * @param factor the second is multiplied with it, e.g. -1 for a difference
 */
export function addRecords<Fields extends NumberRecord<Fields>>(
  one: Fields,
  other: Fields,
  factor = 1,
): Fields {
  return mapRecord(one, (value, field) => {
    const added = other[field];
    return added === null ? null : value + factor * added;
  });
}

/** The same record with each number multiplied. */
export function scaleRecord<Fields extends NumberRecord<Fields>>(record: Fields, factor: number): Fields {
  return mapRecord(record, (value) => value * factor);
}

/** The same record with each number changed; null stays null. */
export function mapRecord<Fields extends NumberRecord<Fields>>(
  record: Fields,
  change: (value: number, field: keyof Fields) => number | null,
): Fields {
  const entries = Object.entries<number | null>(record);
  return Object.fromEntries(
    entries.map(([field, value]) => [field, value === null ? null : change(value, field as keyof Fields)]),
  ) as Fields;
}
