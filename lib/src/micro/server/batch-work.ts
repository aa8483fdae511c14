// Works one batch off: every request that has no result yet is asked, a few at a time, and its result is written as it comes.
import { setMaxListeners } from 'node:events';
import { badRequest } from './api-error.js';
import { answerOf, type BatchCalls } from './batch-calls.js';
import { batchLines, type BatchLine } from './batch-input.js';
import { EXPIRED, type BatchResults } from './batch-results.js';

/** Requests of batches that are computed at once: enough to fill the engine's threads, and those who wait online share with these alone. */
const MOST_AT_ONCE = 16;

/** What the work needs. */
export interface BatchWork {
  inputPath: string;
  results: BatchResults;
  calls: BatchCalls;
  /** Milliseconds since 1970. */
  clock: () => number;
  /** What is not begun by then is given up. */
  expiresMs: number;
  /** A fresh random name of 24 hex digits. */
  newToken: () => string;
  /** Aborts what is computed; that has no result then. */
  signal: AbortSignal;
}

/**
 * Works until every request has a result or the signal aborts. Where the time is over, what has not been asked has the error
 * `batch_expired`.
 * @throws DataError when a result cannot be written; ServerClosing
 */
export async function workBatch(work: BatchWork): Promise<void> {
  const { inputPath, results, clock, expiresMs, newToken, signal } = work;
  const stop = new AbortController();
  setMaxListeners(0, stop.signal);
  const follow = (): void => stop.abort(signal.reason);
  if (signal.aborted) follow();
  else signal.addEventListener('abort', follow, { once: true });
  const failed: { first?: unknown } = {};
  const underWay = new Set<Promise<void>>();
  try {
    for await (const line of batchLines(inputPath)) {
      if (stop.signal.aborted) break;
      if (results.has(line.customId)) continue;
      if (clock() >= expiresMs) {
        await results.add(expired(line, newToken()));
        continue;
      }
      const asked: Promise<void> = askOne(line, work, stop.signal)
        .catch((thrown: unknown) => {
          // Given up, not failed: whoever resumes the batch asks again.
          if (stop.signal.aborted) return;
          failed.first = thrown;
          stop.abort(thrown);
        })
        .finally(() => underWay.delete(asked));
      underWay.add(asked);
      if (underWay.size >= MOST_AT_ONCE) await Promise.race(underWay);
    }
  } catch (thrown) {
    stop.abort(thrown);
    throw thrown;
  } finally {
    // Nothing writes to the results once this function has ended.
    await Promise.all(underWay);
    signal.removeEventListener('abort', follow);
  }
  if ('first' in failed) throw failed.first;
}

async function askOne(line: BatchLine, work: BatchWork, signal: AbortSignal): Promise<void> {
  const { calls, results, newToken } = work;
  const { customId } = line;
  const { status, body } = line.body.stream === true ? streamRefused() : await calls.post(line.body, signal);
  // The answer is JSON already; parsing it only to write it again would cost as much as computing it.
  const response = `{"status_code":${status},"request_id":"req_${newToken()}","body":${body}}`;
  const head = `"id":"batch_req_${newToken()}","custom_id":${JSON.stringify(customId)}`;
  await results.add({
    kind: status === 200 ? 'completed' : 'failed',
    customId,
    line: `{${head},"response":${response},"error":null}`,
  });
}

function streamRefused(): { status: number; body: string } {
  return answerOf(
    badRequest('A batch has nobody to stream to: leave "stream" out.', {
      param: 'stream',
      code: 'unsupported_value',
    }),
  );
}

function expired({ customId }: BatchLine, token: string): Parameters<BatchResults['add']>[0] {
  const message = 'The completion window was over before this request was asked.';
  const line = JSON.stringify({
    id: `batch_req_${token}`,
    custom_id: customId,
    response: null,
    error: { code: EXPIRED, message },
  });
  return { kind: 'failed', customId, line, isExpired: true };
}
