// Which failures of a download are worth another attempt, and how they are reported when no attempt is left.
import { withRetries, type Clock, type FailureKind, type RetryPolicy } from '../core/backoff.js';
import { isUnreachedCode } from '../core/connections.js';
import { DataError, messageOf } from '../core/errors.js';
import { deriveRandom } from '../core/random.js';
import { printable } from '../core/text.js';

/** How failed requests are repeated. */
export interface WebRetries extends RetryPolicy {
  /** A server that sends nothing for this long, in milliseconds, counts as failed. */
  stallMs: number;
  /** Default: the clock of this machine. */
  clock?: Clock;
}

/** The retries for servers on the internet. */
export const WEB_RETRIES: WebRetries = {
  maxAttempts: 6,
  firstWaitMs: 1000,
  longestWaitMs: 30_000,
  stallMs: 60_000,
};

/** Where no server can be reached, there is mostly no network, and a long wait does not help. */
const MAX_ATTEMPTS_UNREACHED = 2;

/** `fetch` refuses to ask some addresses, such as those of ports that are not for the web. */
const REFUSED = 'an address that fetch refuses';

/** A server that cannot prove its identity; OpenSSL's names for the reasons. */
const CERTIFICATE_CODES = /CERT|SELF_SIGNED|UNABLE_TO_|ERR_TLS/;

/** A failure of the network or of a server after which another attempt may succeed. */
export class TransientFailure extends Error {
  /** The pause that the server asked for, in milliseconds; null when it asked for none. */
  readonly retryAfterMs: number | null;

  constructor(message: string, retryAfterMs: number | null = null) {
    super(message);
    this.retryAfterMs = retryAfterMs;
  }
}

/**
 * Runs `attempt` until it succeeds, fails for good, or no attempt is left. A {@link TransientFailure} or an error of the network is
 * tried again; everything else is thrown as it is.
 * @param options.hasProgressed whether the failed attempt brought something that lasts; then the count of attempts starts anew
 * @throws DataError naming the address when no attempt is left; the signal's reason when it aborts
 */
export async function withWebRetries<Result>(
  attempt: () => Promise<Result>,
  options: { url: string; retries: WebRetries; signal: AbortSignal; hasProgressed?: () => boolean },
): Promise<Result> {
  const { url, retries, ...rest } = options;
  try {
    const random = deriveRandom('retry', url);
    const clock = retries.clock === undefined ? {} : { clock: retries.clock };
    return await withRetries(attempt, { ...rest, ...clock, policy: retries, classify, random });
  } catch (thrown) {
    rest.signal.throwIfAborted();
    throw classify(thrown).retry ? givenUp(url, thrown) : thrown;
  }
}

function classify(thrown: unknown): FailureKind {
  if (thrown instanceof TransientFailure) return { retry: true, retryAfterMs: thrown.retryAfterMs };
  const code = networkCode(thrown);
  if (code === null) return { retry: false };
  return {
    retry: true,
    retryAfterMs: null,
    maxAttempts: isUnreached(code) ? MAX_ATTEMPTS_UNREACHED : undefined,
  };
}

function isUnreached(code: string): boolean {
  return code === REFUSED || isUnreachedCode(code) || CERTIFICATE_CODES.test(code);
}

function givenUp(url: string, thrown: unknown): DataError {
  const message = printable(messageOf(thrown));
  const code = networkCode(thrown);
  const isAway = code !== null && isUnreached(code);
  return new DataError({
    subject: url,
    expected: isAway ? 'a server that can be reached' : 'a whole answer, after several attempts',
    received: code === null || message.includes(code) ? message : code,
    remedy: isAway
      ? 'Check the network, or name a mirror in AUTODIDACT_HUB_URL or AUTODIDACT_RAW_URL.'
      : 'Try again later; what has arrived is kept.',
    cause: thrown,
  });
}

/** The code of a network error, which `fetch` puts into the cause; null when it is no network error. */
function networkCode(thrown: unknown): string | null {
  if (thrown instanceof DataError) return null;
  for (let error = thrown; error instanceof Error; error = error.cause) {
    if ('code' in error && typeof error.code === 'string') return error.code;
  }
  if (!(thrown instanceof TypeError)) return null;
  if (thrown.message === 'terminated') return 'connection lost';
  return thrown.message === 'fetch failed' ? REFUSED : null;
}
