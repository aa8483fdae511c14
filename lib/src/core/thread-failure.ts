// Errors on their way between threads, which strip them of their class.
import { AutodidactError, ConfigError, DataError, messageOf, type ErrorParts } from './errors.js';

/** An error in a form that can be posted; `parts` is null for an error of no class of the project. */
export interface ThreadFailure {
  name: string;
  message: string;
  parts: ErrorParts | null;
}

/** The form of an error that can be posted. Its cause stays behind. */
export function failureOf(thrown: unknown): ThreadFailure {
  const failure = { name: thrown instanceof Error ? thrown.name : 'Error', message: messageOf(thrown) };
  if (!(thrown instanceof AutodidactError)) return { ...failure, parts: null };
  const { subject, expected, received, remedy } = thrown;
  const parts = { subject, expected, remedy, ...(received === undefined ? {} : { received }) };
  return { ...failure, parts };
}

/** The error again: a ConfigError, a DataError, or an Error for every other class. */
export function errorOf({ name, message, parts }: ThreadFailure): Error {
  if (parts !== null && name === 'ConfigError') return new ConfigError(parts);
  if (parts !== null && name === 'DataError') return new DataError(parts);
  return new Error(message);
}
