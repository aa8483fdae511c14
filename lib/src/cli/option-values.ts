// Values of command-line options.
import { InvalidArgumentError } from 'commander';

/** A parser of whole numbers from `least` to `most`. */
export function wholeNumber(least: number, most: number): (value: string) => number {
  return (value) => {
    const parsed = Number(value);
    if (/^\d+$/.test(value) && parsed >= least && parsed <= most) return parsed;
    throw new InvalidArgumentError(`expected a whole number from ${least} to ${most}.`);
  };
}

/** A text that holds something. */
export function notBlank(value: string): string {
  if (value.trim() !== '') return value;
  throw new InvalidArgumentError('expected something that is not blank.');
}
