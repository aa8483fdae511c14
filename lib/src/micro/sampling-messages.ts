// What the sampling engine and its worker threads say to each other; every post is a list of these.
import { DataError, type ErrorParts } from '../core/errors.js';
import type { ChoiceSettings } from './choice.js';
import type { SampledChoice, TokenLogprob } from './types.js';

/** What a sampling thread is started with. */
export interface SamplingThreadSetup {
  /** Words by token id. */
  vocabulary: readonly string[];
  endOfSequence: number;
}

/** To a thread. A part is a range of a request's choices. */
export type MessageToThread =
  | {
      kind: 'sample';
      partId: number;
      modelId: string;
      checkpointPath: string;
      settings: ChoiceSettings;
      firstChoice: number;
      nChoices: number;
      streams: boolean;
    }
  | { kind: 'cancel'; partId: number };

/** From a thread. */
export type MessageFromThread =
  | { kind: 'token'; partId: number; choice: number; token: number; logprob: TokenLogprob | null }
  | { kind: 'done'; partId: number; choices: SampledChoice[] }
  | { kind: 'failed'; partId: number; failure: Failure };

/** An error on its way between threads, which would strip it of its class. */
export type Failure = { kind: 'data'; parts: ErrorParts } | { kind: 'other'; message: string };

/** @returns a form of the error that can be posted. */
export function failureOf(thrown: unknown): Failure {
  if (!(thrown instanceof DataError)) return { kind: 'other', message: String(thrown) };
  const { subject, expected, received, remedy } = thrown;
  return {
    kind: 'data',
    parts: { subject, expected, remedy, ...(received === undefined ? {} : { received }) },
  };
}

/** The error again. */
export function errorOf(failure: Failure): Error {
  return failure.kind === 'data' ? new DataError(failure.parts) : new Error(failure.message);
}
