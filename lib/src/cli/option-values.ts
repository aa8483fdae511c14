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

/** A text that is not blank. */
export function notBlank(value: string): string {
  if (value.trim() !== '') return value;
  throw new InvalidArgumentError('expected something that is not blank.');
}
