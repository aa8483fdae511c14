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
    return value === null || added === null ? null : value + factor * added;
  });
}

/** The same record with each number multiplied. */
export function scaleRecord<Fields extends NumberRecord<Fields>>(record: Fields, factor: number): Fields {
  return mapRecord(record, (value) => (value === null ? null : value * factor));
}

function mapRecord<Fields extends NumberRecord<Fields>>(
  record: Fields,
  change: (value: number | null, field: keyof Fields) => number | null,
): Fields {
  const fields = Object.keys(record) as (keyof Fields)[];
  return Object.fromEntries(fields.map((field) => [field, change(record[field], field)])) as Fields;
}
