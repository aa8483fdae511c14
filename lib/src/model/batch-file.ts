// Lines of batch files: requests in, answers out. https://platform.openai.com/docs/api-reference/batch, and `vllm run-batch`, which
// writes the same lines with other error objects.
import { z } from 'zod';
import { parseJson } from '../core/jsonl.js';
import { printable } from '../core/text.js';
import { chatBody, PLAIN_FORM, type ExtraBody, type RequestForm } from './chat-body.js';
import { messageInside } from './server-error.js';
import type { SampleRequest } from './chat-endpoint.js';

/** The URL of every request of a batch file. */
export const BATCH_URL = '/v1/chat/completions';

/** Bounds of one batch file. */
export interface BatchLimits {
  /** Requests, 1 or more. */
  maxRequests: number;
  /** Bytes of UTF-8, 1 or more. */
  maxBytes: number;
}

/**
 * One line of a batch file, without its end.
 * @param customId joins the answer to its request, whatever the order of the answers
 * @param written.form what the server refuses; default: nothing
 */
export function batchLine(
  customId: string,
  request: SampleRequest,
  { form = PLAIN_FORM, extraBody }: { form?: RequestForm; extraBody?: ExtraBody } = {},
): string {
  return JSON.stringify({
    custom_id: customId,
    method: 'POST',
    url: BATCH_URL,
    body: chatBody(request, form, extraBody),
  });
}

/** The result of one request of a batch. */
export type BatchOutcome =
  /** The body as the server gave it; it may not be a completion. */
  | { customId: string; kind: 'answered'; body: unknown }
  /**
   * `status`: of the HTTP answer, null where there was none, as when the batch expired. `code`: `http-<status>`, or what the server
   * calls the cause where there is no status. `message`: printable. `said`: the error or body that says why.
   */
  | {
      customId: string;
      kind: 'failed';
      status: number | null;
      code: string;
      message: string;
      said: unknown;
    };

const errorCodeSchema = z.union([
  z.looseObject({ code: z.string().min(1) }).transform(({ code }) => code),
  z
    .looseObject({ error: z.looseObject({ code: z.string().min(1) }) })
    .transform(({ error: { code } }) => code),
]);

const outcomeSchema = z.looseObject({
  custom_id: z.string().min(1),
  response: z.looseObject({ status_code: z.int().min(100).max(599), body: z.unknown().optional() }).nullish(),
  /** An object with code and message, in vLLM also a whole error answer or a text. */
  error: z.unknown().optional(),
});

/**
 * Reads a line of an output or error file. Never throws.
 * @returns null for any other line: not JSON, such as where a file was cut off, or without an id
 */
export function readBatchLine(line: string): BatchOutcome | null {
  const parsed = parseJson(line, outcomeSchema);
  if (!parsed.ok) return null;
  const { custom_id: customId, response, error } = parsed.value;
  const body = response?.body ?? null;
  const status = response?.status_code ?? null;
  const isSuccess = status !== null && status >= 200 && status < 300;
  if (isSuccess && body !== null) return { customId, kind: 'answered', body };
  // A success without a body is a failure that only `error` describes.
  const failedStatus = isSuccess ? null : status;
  return {
    customId,
    kind: 'failed',
    status: failedStatus,
    code: failedStatus === null ? codeOf(error) : `http-${failedStatus}`,
    message: saidIn(error) ?? saidIn(body) ?? 'the server gave no reason',
    said: saidIn(error) === null ? body : error,
  };
}

function codeOf(error: unknown): string {
  const parsed = errorCodeSchema.safeParse(error);
  return parsed.success ? printable(parsed.data) : 'no-answer';
}

function saidIn(value: unknown): string | null {
  return typeof value === 'string' ? printable(value) : messageInside(value);
}
