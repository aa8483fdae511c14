// `/v1/batches`: create, list, retrieve, cancel; and a batch as the OpenAI API shows it.
// Reference: https://platform.openai.com/docs/api-reference/batch
import { z } from 'zod';
import { BATCH_ENDPOINT } from './batch-input.js';
import type { Batch, BatchRequest } from './batch-store.js';
import { batchWork } from './batch-work.js';
import { pageOf, pageQuery, seconds, type View } from './paging.js';
import { parseBody, parseQuery } from './request-body.js';
import type { ServerContext } from './server-context.js';
import { taskMetadata, taskRoutes, type NewTask, type TaskApi } from './task-routes.js';

/** The window of a batch, in milliseconds: 24 hours. */
const BATCH_WINDOW_MS = 24 * 3600 * 1000;

const batchBody = z.object({
  input_file_id: z.string().min(1),
  endpoint: z.literal(BATCH_ENDPOINT, { error: `expected "${BATCH_ENDPOINT}", the only one offered here` }),
  completion_window: z.literal('24h', { error: 'expected "24h"' }),
  metadata: taskMetadata,
});
const unsupported = { output_expires_after: 'Files stay until they are deleted.' };
const listQuery = pageQuery(20, 100);

/** The routes, and what works on the batches. */
export function batchRoutes(context: ServerContext): TaskApi<Batch> {
  const { batches, files, clock } = context;
  const parse = (body: unknown): ((parts: NewTask) => Promise<BatchRequest>) => {
    const asked = parseBody(body, { schema: batchBody, unsupported });
    return async (parts) => {
      const param = 'input_file_id';
      const file = await files.named(asked.input_file_id, { param, purpose: 'batch' });
      return {
        ...parts,
        expiresMs: parts.createdMs + BATCH_WINDOW_MS,
        inputFile: file.id,
        endpoint: asked.endpoint,
        completionWindow: asked.completion_window,
        metadata: asked.metadata ?? null,
      };
    };
  };
  return taskRoutes<Batch>(context, {
    path: '/v1/batches',
    noun: 'batch',
    store: batches,
    work: batchWork(context),
    parse,
    cancel: async ({ request }) => {
      await batches.askToCancel(request.id, clock());
      return true;
    },
    view: batchView,
    page: (all, query) => pageOf(all.map(batchView), parseQuery(query, listQuery)),
  });
}

/** The status of a batch as the API names it. */
function batchStatusOf({ outcome, cancelMs, progress }: Batch): string {
  if (outcome !== null) return outcome.status;
  if (cancelMs !== null) return 'cancelling';
  if (progress.finalizingMs !== null) return 'finalizing';
  return progress.startedMs === null ? 'validating' : 'in_progress';
}

/** `batch`. */
function batchView(batch: Batch): View {
  const { request, progress, cancelMs, outcome } = batch;
  const endedAs = (status: string): number | null =>
    outcome?.status === status ? seconds(outcome.finishedMs) : null;
  return {
    id: request.id,
    object: 'batch',
    endpoint: request.endpoint,
    errors: outcome === null || outcome.errors.length === 0 ? null : { object: 'list', data: outcome.errors },
    input_file_id: request.inputFile,
    completion_window: request.completionWindow,
    status: batchStatusOf(batch),
    output_file_id: outcome?.outputFile ?? null,
    error_file_id: outcome?.errorFile ?? null,
    created_at: seconds(request.createdMs),
    in_progress_at: seconds(progress.startedMs),
    expires_at: seconds(request.expiresMs),
    finalizing_at: seconds(progress.finalizingMs),
    completed_at: endedAs('completed'),
    failed_at: endedAs('failed'),
    expired_at: endedAs('expired'),
    cancelling_at: seconds(cancelMs),
    cancelled_at: endedAs('cancelled'),
    request_counts: outcome?.counts ?? progress.counts,
    metadata: request.metadata,
  };
}
