// A request that waits for the result of a batch.
import type { AttemptFailure } from './attempt-failure.js';
import type { ChatAnswer } from './chat-answer.js';
import type { Omissions } from './chat-body.js';
import type { SampleRequest } from './chat-endpoint.js';

/** One request on its way through a batch, or through several until it has an answer. */
export interface BatchCall {
  /** Joins it with its result, in this run and in those that come after it. */
  readonly customId: string;
  readonly request: SampleRequest;
  readonly omit: Omissions;
  /** Batches that it was part of so far. */
  nBatches: number;
  /** Failures that were followed by another batch, by cause. */
  readonly errors: Record<string, number>;
  /** It has an answer. */
  succeed: (answer: ChatAnswer) => void;
  /** It has come to nothing, and so may others. */
  fail: (thrown: unknown) => void;
  /** This batch had no answer for it. @param verdict decides whether it goes into another batch */
  miss: (failure: AttemptFailure, verdict: MissedIn) => void;
}

/** What a batch without an answer says about the request. */
export interface MissedIn {
  /** A batch of an earlier process: its failures are old news, and the user may have mended the reason since. */
  isOld: boolean;
  /** Whether other requests of the batch were answered, so that the server is not to blame as such. */
  othersWereAnswered: boolean;
}

/** Results that belong to no request, which are counted and passed over. */
export interface Strays {
  /** With an id that the batch does not hold. */
  nUnknown: number;
  /** With an id that had its result before. */
  nDuplicate: number;
  /** Lines that are no results. */
  nUnreadable: number;
}
