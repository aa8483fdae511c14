// Bounded retries for what comes over the network, with jittered exponential backoff.
import { DataError, messageOf } from '../core/errors.js';
import { pause } from '../core/pause.js';
import { deriveRandom } from '../core/random.js';
import { printable } from '../core/text.js';

/** How patient to be with a server. */
export interface Patience {
  /** Attempts in a row that bring nothing new, 1 or more. */
  maxAttempts: number;
  /** Upper bound of the first wait, in milliseconds; it doubles with each attempt. */
  firstWaitMs: number;
  /** No wait is longer, in milliseconds, unless the server asks for it. */
  longestWaitMs: number;
  /** A server that sends nothing for so long, in milliseconds, is given up. */
  stallMs: number;
  /** How waiting is done. @throws the signal's reason as soon as it aborts */
  wait: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** What is right for servers of the internet. */
export const DEFAULT_PATIENCE: Patience = {
  maxAttempts: 6,
  firstWaitMs: 1000,
  longestWaitMs: 30_000,
  stallMs: 60_000,
  wait: pause,
};

/** A server that asks for a longer pause than this is not waited for. */
const LONGEST_HONOURED_PAUSE_MS = 120_000;

/** Where no server can be reached, there is mostly no network: waiting long would help nobody. */
const MAX_ATTEMPTS_UNREACHED = 2;

const REFUSED = 'an address that cannot be asked';

const UNREACHED_CODES = [
  REFUSED,
  'ENOTFOUND',
  'EAI_AGAIN',
  'ECONNREFUSED',
  'ENETUNREACH',
  'EHOSTUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
];

/** A server that cannot show who it is; OpenSSL's names for the reasons. */
const CERTIFICATE_CODES = /CERT|SELF_SIGNED|UNABLE_TO_|ERR_TLS/;

/** A failure of the network or of a server that another attempt may mend. */
export class TransientFailure extends Error {
  /** The pause that the server asked for, in milliseconds; null when it did not. */
  readonly retryAfterMs: number | null;

  constructor(message: string, options: { retryAfterMs?: number | null; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.retryAfterMs = options.retryAfterMs ?? null;
  }
}

/**
 * Runs `attempt` until it succeeds, fails for good or patience runs out. A {@link TransientFailure} or an error of the network is
 * tried again; everything else is thrown as it is.
 * @param options.hasProgressed whether the attempt brought something that lasts; then the count starts anew
 * @throws DataError naming the address when patience runs out; the signal's reason when it aborts
 */
export async function withPatience<Result>(
  attempt: () => Promise<Result>,
  options: { url: string; patience: Patience; signal: AbortSignal; hasProgressed?: () => boolean },
): Promise<Result> {
  const { url, patience, signal } = options;
  const random = deriveRandom('retry', url);
  for (let nFailed = 0; ;) {
    try {
      return await attempt();
    } catch (thrown) {
      signal.throwIfAborted();
      const code = networkCode(thrown);
      if (!(thrown instanceof TransientFailure) && code === null) throw thrown;
      nFailed = options.hasProgressed?.() === true ? 1 : nFailed + 1;
      const asked = thrown instanceof TransientFailure ? (thrown.retryAfterMs ?? 0) : 0;
      const isUnreached = code !== null && (UNREACHED_CODES.includes(code) || CERTIFICATE_CODES.test(code));
      const most = isUnreached
        ? Math.min(patience.maxAttempts, MAX_ATTEMPTS_UNREACHED)
        : patience.maxAttempts;
      if (nFailed >= most || asked > LONGEST_HONOURED_PAUSE_MS)
        throw givenUp(url, { thrown, code, isUnreached });
      const bound = Math.min(patience.longestWaitMs, patience.firstWaitMs * 2 ** (nFailed - 1));
      await patience.wait(Math.max(asked, bound * (0.5 + random.next() / 2)), signal);
    }
  }
}

function givenUp(
  url: string,
  failure: { thrown: unknown; code: string | null; isUnreached: boolean },
): DataError {
  const message = printable(messageOf(failure.thrown));
  return new DataError({
    subject: url,
    expected: failure.isUnreached ? 'a server that can be reached' : 'a whole answer, after several attempts',
    received: failure.code === null || message.includes(failure.code) ? message : failure.code,
    remedy: failure.isUnreached
      ? 'Check the network, or name a mirror in AUTODIDACT_HUB_URL or AUTODIDACT_RAW_URL.'
      : 'Try again later; what has arrived is kept.',
    cause: failure.thrown,
  });
}

/** The code of a network error, as `fetch` hides it in its cause; null when it is none. */
function networkCode(thrown: unknown): string | null {
  if (thrown instanceof DataError) return null;
  for (let error = thrown; error instanceof Error; error = error.cause) {
    if ('code' in error && typeof error.code === 'string') return error.code;
  }
  if (!(thrown instanceof TypeError)) return null;
  if (thrown.message === 'terminated') return 'connection lost';
  // What fetch refuses to try, such as a port that is not for the web.
  return thrown.message === 'fetch failed' ? REFUSED : null;
}
