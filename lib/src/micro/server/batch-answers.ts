// Answers the requests of a batch that have no result yet, a few at a time; each result is written as it comes.
import { setMaxListeners } from 'node:events';
import { badRequest, toApiError } from './api-error.js';
import { batchLines, type BatchLine } from './batch-input.js';
import { EXPIRED, type BatchResults } from './batch-results.js';

/** Requests of batches that are computed at once: enough to fill the engine's threads. Online requests compete with these only. */
const MOST_AT_ONCE = 16;

/** Answers one request exactly as if it had come online. @returns JSON @throws ApiError; anything else is a failure of the server */
export type AnswerRequest = (body: Record<string, unknown>, signal: AbortSignal) => Promise<string>;

/** What the answers need. */
export interface BatchAnswers {
  inputPath: string;
  results: BatchResults;
  answer: AnswerRequest;
  /** Milliseconds since 1970. */
  clock: () => number;
  /** Requests that are not begun by then expire. */
  expiresMs: number;
  /** A fresh random name of 24 hex digits. */
  newToken: () => string;
  /** Aborts what is computed, which then has no result. */
  signal: AbortSignal;
  report: (failure: unknown) => void;
}

/**
 * Works until every request has a result or the signal aborts. Requests that expire have the error `batch_expired`.
 * @throws DataError when a result cannot be written
 */
export async function answerRequests(work: BatchAnswers): Promise<void> {
  const { inputPath, results, clock, expiresMs, newToken } = work;
  const failed = new AbortController();
  const signal = AbortSignal.any([work.signal, failed.signal]);
  setMaxListeners(0, signal);
  const underWay = new Set<Promise<void>>();
  try {
    for await (const line of batchLines(inputPath)) {
      if (signal.aborted) break;
      if (results.has(line.customId)) continue;
      if (clock() >= expiresMs) {
        await results.add(expired(line, newToken()));
        continue;
      }
      const asked: Promise<void> = answerOne(line, work, signal)
        .catch((thrown: unknown) => {
          // An aborted request has not failed: the server that resumes the batch computes it.
          if (!signal.aborted) failed.abort(thrown);
        })
        .finally(() => underWay.delete(asked));
      underWay.add(asked);
      if (underWay.size >= MOST_AT_ONCE) await Promise.race(underWay);
    }
  } catch (thrown) {
    failed.abort(thrown);
  }
  // Nothing writes to the results once this function has ended.
  await Promise.all(underWay);
  failed.signal.throwIfAborted();
}

async function answerOne(line: BatchLine, work: BatchAnswers, signal: AbortSignal): Promise<void> {
  const { results, newToken } = work;
  const { customId } = line;
  const { status, body } = await statusAndBody(line, work, signal);
  // The body is JSON already; parsing it only to write it again would cost as much as computing it.
  const response = `{"status_code":${status},"request_id":"req_${newToken()}","body":${body}}`;
  const head = `"id":"batch_req_${newToken()}","custom_id":${JSON.stringify(customId)}`;
  const kind = status === 200 ? 'completed' : 'failed';
  await results.add({ kind, customId, line: `{${head},"response":${response},"error":null}` });
}

async function statusAndBody(
  { body }: BatchLine,
  { answer, report }: BatchAnswers,
  signal: AbortSignal,
): Promise<{ status: number; body: string }> {
  try {
    if (body.stream === true) {
      throw badRequest('A batch cannot be streamed: leave "stream" out.', {
        param: 'stream',
        code: 'unsupported_value',
      });
    }
    return { status: 200, body: await answer(body, signal) };
  } catch (thrown) {
    signal.throwIfAborted();
    const error = toApiError(thrown, report);
    return { status: error.status, body: JSON.stringify(error.body) };
  }
}

function expired({ customId }: BatchLine, token: string): Parameters<BatchResults['add']>[0] {
  const message = 'The completion window ended before this request was begun.';
  const line = JSON.stringify({
    id: `batch_req_${token}`,
    custom_id: customId,
    response: null,
    error: { code: EXPIRED, message },
  });
  return { kind: 'failed', customId, line, isExpired: true };
}
