// Checks of what public functions are given: a RangeError says which function, what it expected, what it received and where.

/** What a number must be. */
export interface Expected {
  readonly words: string;
  readonly holds: (value: number) => boolean;
}

/** Any number whose square, summed over as many items as there may be, is still finite. */
export const FINITE: Expected = {
  words: 'a number from -1e100 to 1e100',
  holds: (value) => value >= -1e100 && value <= 1e100,
};
export const FROM_0: Expected = {
  words: 'a number from 0 to 1e100',
  holds: (value) => value >= 0 && value <= 1e100,
};
/** A size that sums and squares of quotients can be taken of. */
export const SIZE: Expected = {
  words: '0 or a number from 1e-100 to 1e100',
  holds: (value) => value === 0 || (value >= 1e-100 && value <= 1e100),
};
export const SHARE: Expected = { words: 'a number from 0 to 1', holds: (value) => value >= 0 && value <= 1 };
export const INSIDE_0_TO_1: Expected = {
  words: 'a number above 0 and below 1',
  holds: (value) => value > 0 && value < 1,
};
/** Servers round, so that a certain token may come out a little above 0. */
export const LOG_PROBABILITY: Expected = { words: 'a log-probability', holds: (value) => value < 1 };
/** A count. */
export const COUNT: Expected = {
  words: 'a whole number from 0',
  holds: (value) => Number.isSafeInteger(value) && value >= 0,
};
/** How often something random is repeated: so many numbers still fit in memory. */
export const REPEATS: Expected = wholeFrom(1, 100_000_000);

/** Whole numbers from `least` to `most`, both included; `most` is a safe integer. */
export function wholeFrom(least: number, most = Number.MAX_SAFE_INTEGER): Expected {
  const bound = most === Number.MAX_SAFE_INTEGER ? '' : ` to ${most}`;
  return {
    words: `a whole number from ${least}${bound}`,
    holds: (value) => Number.isInteger(value) && value >= least && value <= most,
  };
}

/** @throws RangeError always, e.g. `holm: expected a number from 0 to 1 at index 2, received "0.5"` */
export function refuse(subject: string, expected: string, received: unknown): never {
  const remedy = received === null ? '. Leave out what has no value.' : '';
  throw new RangeError(`${subject}: expected ${expected}, received ${shown(received)}${remedy}`);
}

/**
 * Checks one number. @param subject the function and, where it has several, the argument
 * @throws RangeError for anything else, a text of digits too
 */
export function checkNumber(value: unknown, subject: string, expected: Expected): asserts value is number {
  if (typeof value === 'number' && expected.holds(value)) return;
  refuse(subject, expected.words, value);
}

/** Checks that a value is an array or a typed array. @throws RangeError for anything else */
export function checkList(list: unknown, subject: string): asserts list is readonly unknown[] {
  if (Array.isArray(list) || (ArrayBuffer.isView(list) && 'length' in list)) return;
  refuse(subject, 'a list', list);
}

/**
 * Checks every number of a list; gaps of a sparse list count as undefined.
 * @param options.orNull whether null is one of the values
 * @throws RangeError that names the index, or for anything but a list
 */
export function checkNumbers(
  list: unknown,
  subject: string,
  { expected = FINITE, orNull = false }: { expected?: Expected; orNull?: boolean } = {},
): void {
  checkList(list, subject);
  for (let i = 0; i < list.length; i++) {
    const value = list[i];
    if ((typeof value === 'number' && expected.holds(value)) || (orNull && value === null)) continue;
    refuse(subject, `${expected.words}${orNull ? ' or null' : ''} at index ${i}`, value);
  }
}

/** Checks every label of a list: a text, a finite number, true or false, or, where allowed, null. @throws RangeError as above */
export function checkLabels(list: unknown, subject: string, { orNull = false } = {}): void {
  checkList(list, subject);
  for (let i = 0; i < list.length; i++) {
    if (!isLabel(list[i]) && !(orNull && list[i] === null))
      refuse(subject, `a label${orNull ? ' or null' : ''} at index ${i}`, list[i]);
  }
}

/** Whether a value can name a class: a text, a finite number, true or false. */
export function isLabel(value: unknown): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value);
}

/** Checks that two lists go together, item by item. @throws RangeError for unequal lengths */
export function checkSameLength(
  first: readonly unknown[],
  second: readonly unknown[],
  subject: string,
): void {
  if (first.length !== second.length)
    refuse(subject, `as many values in the second list as in the first, ${first.length}`, second.length);
}

/** Checks a name against those there are. @throws RangeError for another */
export function checkOneOf(value: unknown, subject: string, names: readonly string[]): void {
  if (!(names as readonly unknown[]).includes(value)) refuse(subject, `one of ${names.join(', ')}`, value);
}

/** Checks a random stream by its methods, since a notebook may hold another copy of the class. @throws RangeError for anything else */
export function checkRandom(random: unknown, subject: string): void {
  if (typeof (random as { uint32?: unknown } | null | undefined)?.uint32 === 'function') return;
  refuse(subject, 'a random stream, as deriveRandom(seed) gives one', random);
}

/** Any value in few characters. */
function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === 'object' && value !== null) return 'an object';
  return typeof value === 'function' ? 'a function' : String(value);
}
