// Values of command-line options.
import { InvalidArgumentError } from 'commander';

/** A parser of whole numbers from `least` to `most`. */
export function wholeNumber(least: number, most: number): (value: string) => number {
  return number(
    (value) => Number.isSafeInteger(value) && value >= least && value <= most,
    `a whole number from ${least} to ${most}`,
  );
}

/** A parser of numbers. @param expected what a number must be, for the error */
export function number(isValid: (value: number) => boolean, expected: string): (value: string) => number {
  return (value) => {
    const parsed = Number(value);
    if (/^\d*\.?\d+$/.test(value) && isValid(parsed)) return parsed;
    throw new InvalidArgumentError(`expected ${expected}.`);
  };
}

/** A time such as `90m`, `6h` or `2d`, in milliseconds. */
export function timeSpan(value: string): number {
  const [, amount, unit = ''] = /^(\d+(?:\.\d+)?)\s*(s|m|min|h|d)$/.exec(value.trim()) ?? [];
  const unitMs = { s: 1000, m: 60_000, min: 60_000, h: 3_600_000, d: 86_400_000 }[unit];
  if (amount !== undefined && unitMs !== undefined && Number(amount) > 0) return Number(amount) * unitMs;
  throw new InvalidArgumentError('expected a time above 0 such as 90m, 6h or 2d.');
}

/** A text that is not blank. */
export function notBlank(value: string): string {
  if (value.trim() !== '') return value;
  throw new InvalidArgumentError('expected something that is not blank.');
}

/** What stands in which column: a JSON object, or `name=column` several times, separated by commas. */
export function columnMapping(text: string): Record<string, unknown> {
  const pairs = text.split(',').map((part) => /^\s*(\w+)\s*=\s*(.+?)\s*$/.exec(part));
  if (pairs.every((pair) => pair !== null))
    return Object.fromEntries<unknown>(pairs.map(([, name = '', column]) => [name, column]));
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  } catch {
    // Reported below.
  }
  throw new InvalidArgumentError('expected a JSON object, or name=column, separated by commas.');
}
