// The body of `POST /v1/batches`, checked. Reference: https://platform.openai.com/docs/api-reference/batch/create
import { z } from 'zod';
import { parseBody } from './request-body.js';

/** The one path that a batch may ask. */
export const BATCH_ENDPOINT = '/v1/chat/completions';

/** The window of a batch, in milliseconds: 24 hours. */
export const BATCH_WINDOW_MS = 24 * 3600 * 1000;

const batchBody = z.object({
  input_file_id: z.string().min(1),
  endpoint: z.literal(BATCH_ENDPOINT, { error: `expected "${BATCH_ENDPOINT}", the only one offered here` }),
  completion_window: z.literal('24h', { error: 'expected "24h"' }),
  metadata: z
    .record(z.string().min(1).max(64), z.string().max(512))
    .refine((pairs) => Object.keys(pairs).length <= 16, { error: 'expected at most 16 pairs' })
    .nullish(),
});

/** What a client asked for. */
export type BatchBody = z.infer<typeof batchBody>;

/** Reads the body of a batch's creation. @throws ApiError 400 */
export function parseBatchBody(body: unknown): BatchBody {
  return parseBody(body, {
    schema: batchBody,
    unsupported: { output_expires_after: 'Files stay until they are deleted.' },
  });
}
