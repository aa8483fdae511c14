// A request that waits for the result of a batch.
import { messageOf } from '../core/errors.js';
import type { ChatAnswer } from './chat-answer.js';
import { sumCounts, type EndpointAnswer, type SampleRequest } from './chat-endpoint.js';
import type { ExtraBody, RequestForm } from './chat-body.js';
import { onAbort } from '../core/on-abort.js';

interface Waiter {
  resolve: (answer: EndpointAnswer) => void;
  reject: (reason: Error) => void;
  forget: () => void;
}

/** What a call is part of: the requests that gather, or a batch. */
export interface CallHolder {
  /** No request waits for the call any more. */
  leave: (call: BatchCall) => void;
}

/** One request on its way through a batch, or through several until it has an answer. Several callers may wait for it. */
export class BatchCall {
  /** Joins it with its result, in this run and in later ones. */
  readonly customId: string;
  readonly request: SampleRequest;
  readonly form: RequestForm;
  readonly extraBody: ExtraBody;
  /** Batches that it was part of so far. */
  nBatches = 0;
  /** Failures that were followed by another batch, by cause. */
  errors: Record<string, number> = {};
  /** Where it is; null in between. */
  holder: CallHolder | null = null;
  readonly #onEnd: () => void;
  readonly #waiters = new Set<Waiter>();

  /** @param parts.onEnd called once no request waits any more, with or without an answer */
  constructor(parts: {
    customId: string;
    request: SampleRequest;
    form: RequestForm;
    extraBody: ExtraBody;
    onEnd: () => void;
  }) {
    this.customId = parts.customId;
    this.request = parts.request;
    this.form = parts.form;
    this.extraBody = parts.extraBody;
    this.#onEnd = parts.onEnd;
  }

  /** Whether anybody waits for it. */
  get isWaitedFor(): boolean {
    return this.#waiters.size > 0;
  }

  /** Waits for its answer. @throws what {@link fail} gets; the signal's reason when it aborts */
  wait(signal: AbortSignal): Promise<EndpointAnswer> {
    return new Promise((resolve, reject) => {
      const waiter: Waiter = { resolve, reject, forget: () => undefined };
      this.#waiters.add(waiter);
      waiter.forget = onAbort(signal, () => {
        this.#waiters.delete(waiter);
        reject(signal.reason as Error);
        if (this.isWaitedFor) return;
        this.#onEnd();
        this.holder?.leave(this);
      });
    });
  }

  /** It has an answer. */
  succeed(answer: ChatAnswer): void {
    const retries = Object.values(this.errors).reduce((sum, n) => sum + n, 0);
    this.#end(({ resolve }) => resolve({ ...answer, retries, errors: this.errors }));
  }

  /** It has come to nothing. */
  fail(thrown: unknown): void {
    this.#end(({ reject }) => reject(thrown instanceof Error ? thrown : new Error(messageOf(thrown))));
  }

  /** A batch had no answer for it. @param code why */
  countFailure(code: string): void {
    this.holder = null;
    this.errors = sumCounts([this.errors, { [code]: 1 }]);
  }

  #end(settle: (waiter: Waiter) => void): void {
    this.holder = null;
    for (const waiter of this.#waiters) {
      waiter.forget();
      settle(waiter);
    }
    this.#waiters.clear();
    this.#onEnd();
  }
}

/** What a batch without an answer says about the request. */
export interface MissedIn {
  /** A batch of an earlier process: its failures are out of date, and the user may have fixed the reason since. */
  isOld: boolean;
  /** Whether other requests of the batch were answered, so that the server as such is not to blame. */
  othersWereAnswered: boolean;
}

/** Results that belong to no request, which are counted and ignored. */
export interface Strays {
  /** With an id that the batch does not hold. */
  nUnknown: number;
  /** With an id that had its result before. */
  nDuplicate: number;
  /** Lines that are not results. */
  nUnreadable: number;
}
