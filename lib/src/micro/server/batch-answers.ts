// Answers the requests of a batch that have no result yet, a few at a time; each result is written as it comes.
import { setMaxListeners } from 'node:events';
import { badRequest, toApiError } from './api-error.js';
import { batchLines, type BatchLine } from './batch-input.js';
import { EXPIRED, type BatchResults } from './batch-results.js';
import { answerChat } from './chat-routes.js';
import type { ServerContext } from './server-context.js';

/** Requests of batches that are computed at once: enough to fill the engine's threads. Online requests compete with these only. */
const MOST_AT_ONCE = 16;

/** What is answered. */
interface BatchAnswers {
  inputPath: string;
  results: BatchResults;
  /** Requests that are not begun by then expire. */
  expiresMs: number;
  /** Aborts what is computed, which then has no result. */
  signal: AbortSignal;
}

/**
 * Works until every request has a result or the signal aborts. Requests that expire have the error `batch_expired`.
 * @throws DataError when a result cannot be written
 */
export async function answerRequests(context: ServerContext, work: BatchAnswers): Promise<void> {
  const { inputPath, results, expiresMs } = work;
  const { clock, newToken } = context;
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
      const asked: Promise<void> = answerOne(context, line, { results, signal })
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

async function answerOne(
  context: ServerContext,
  { customId, body: asked }: BatchLine,
  { results, signal }: Pick<BatchAnswers, 'results' | 'signal'>,
): Promise<void> {
  const { newToken } = context;
  const { status, body } = await statusAndBody(context, asked, signal);
  // The body is JSON already; parsing it only to write it again would cost as much as computing it.
  const response = `{"status_code":${status},"request_id":"req_${newToken()}","body":${body}}`;
  const head = `"id":"batch_req_${newToken()}","custom_id":${JSON.stringify(customId)}`;
  const kind = status === 200 ? 'completed' : 'failed';
  await results.add({ kind, customId, line: `{${head},"response":${response},"error":null}` });
}

async function statusAndBody(
  context: ServerContext,
  body: BatchLine['body'],
  signal: AbortSignal,
): Promise<{ status: number; body: string }> {
  try {
    if (body.stream === true) {
      throw badRequest('A batch cannot be streamed: leave "stream" out.', {
        param: 'stream',
        code: 'unsupported_value',
      });
    }
    return { status: 200, body: await answerChat(context, body, signal) };
  } catch (thrown) {
    signal.throwIfAborted();
    const error = toApiError(thrown, context.report);
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
