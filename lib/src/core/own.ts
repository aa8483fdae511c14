// Records whose keys are words of users, servers or files, such as `constructor`, which every object inherits, and `__proto__`.
import { z } from 'zod';

/** The value that a record itself holds under a key; undefined for one that it inherits. */
export function own<Value>(record: Readonly<Record<string, Value>>, key: string): Value | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}

/** Adds to a count of a record, which begins with 0. */
export function addCount(counts: Record<string, number>, key: string, n = 1): void {
  const value = (own(counts, key) ?? 0) + n;
  // A plain assignment of `__proto__` would set the prototype.
  Object.defineProperty(counts, key, { value, enumerable: true, configurable: true, writable: true });
}

/** Stands for `__proto__` while zod, which leaves that key out, reads a record. */
const HIDDEN = '\0__proto__';

/** The schema of a record by any word. `z.record` leaves out `__proto__` without a word. */
export function wordRecord<Value extends z.ZodType>(value: Value) {
  return z.preprocess(
    (input) => renamed(input, '__proto__', HIDDEN),
    z.record(z.string(), value).transform((record) => renamed(record, HIDDEN, '__proto__')),
  );
}

function renamed<Input>(input: Input, from: string, to: string): Input {
  if (typeof input !== 'object' || input === null || !Object.hasOwn(input, from)) return input;
  return Object.fromEntries(
    Object.entries(input).map(([key, value]): [string, unknown] => [key === from ? to : key, value]),
  ) as Input;
}
