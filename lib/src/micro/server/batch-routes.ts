// `/v1/batches`: create, list, retrieve, cancel. Reference: https://platform.openai.com/docs/api-reference/batch
import type { FastifyInstance } from 'fastify';
import { contentHash } from '../../core/hash.js';
import type { Batch, BatchRequest } from './batch-record.js';
import { BATCH_WINDOW_MS, parseBatchBody } from './batch-request.js';
import { unknownBatch, type BatchRunner } from './batch-runner.js';
import { BatchStore } from './batch-store.js';
import { batchView } from './batch-view.js';
import type { FileStore } from './file-store.js';
import { namedFile } from './named-file.js';
import { checkQuery, pageOf, type Query } from './paging.js';
import { idempotencyKeyOf, keyReused } from './replay-memory.js';

/** What the routes work with. */
export interface BatchContext {
  batches: BatchStore;
  runner: BatchRunner;
  files: FileStore;
  /** Milliseconds since 1970. */
  clock: () => number;
  /** A fresh random name of 24 hex digits. */
  newToken: () => string;
}

/** Adds the routes. */
export function addBatchRoutes(app: FastifyInstance, context: BatchContext): void {
  const { batches, runner } = context;

  /** A batch with its progress as of now. */
  const asOfNow = (batch: Batch): Batch => ({
    ...batch,
    progress: runner.progressOf(batch.request.id) ?? batch.progress,
  });

  /** A batch as it stands; one whose server has died is taken over by this one. */
  async function current(id: string): Promise<Batch> {
    const batch = await batches.find(id);
    if (batch === null) throw unknownBatch(id);
    if (batch.outcome !== null) return batch;
    await runner.takeOver(batch);
    return asOfNow((await batches.find(id)) ?? batch);
  }

  app.post('/v1/batches', async (request, reply) => {
    const key = idempotencyKeyOf(request.headers);
    const { id, isReplay } = await createBatch(context, request.body, key);
    if (isReplay) void reply.header('x-idempotent-replay', 'true');
    return batchView(await current(id));
  });

  app.get<{ Querystring: Query }>('/v1/batches', async ({ query }) => {
    checkQuery(query, ['limit', 'after']);
    for (const batch of await batches.list()) await runner.takeOver(batch);
    const listed = (await batches.list()).map(asOfNow);
    return pageOf(listed.map(batchView), query, { usual: 20, most: 100 });
  });

  app.get<{ Params: { id: string } }>('/v1/batches/:id', async ({ params }) =>
    batchView(await current(params.id)),
  );

  app.post<{ Params: { id: string } }>('/v1/batches/:id/cancel', async ({ params }) => {
    await runner.cancel(params.id);
    return batchView(await current(params.id));
  });
}

async function createBatch(
  context: BatchContext,
  body: unknown,
  key: string | null,
): Promise<{ id: string; isReplay: boolean }> {
  const asked = parseBatchBody(body);
  const bodyHash = contentHash(body);
  const { id, earlier } = await idFor(context, key);
  if (earlier !== null) return replayOf(earlier, bodyHash);
  const file = await namedFile(context.files, asked.input_file_id, {
    param: 'input_file_id',
    purpose: 'batch',
  });
  const createdMs = context.clock();
  const request: BatchRequest = {
    id,
    createdMs,
    expiresMs: createdMs + BATCH_WINDOW_MS,
    bodyHash,
    inputFile: file.id,
    endpoint: asked.endpoint,
    completionWindow: asked.completion_window,
    metadata: asked.metadata ?? null,
  };
  if (await context.batches.create(request)) return { id, isReplay: false };
  // The same key came twice at once, here or at another server.
  const first = await context.batches.find(id);
  if (first === null) throw keyReused();
  return replayOf(first.request, bodyHash);
}

/** The id of a new batch, or the batch that this key made before. A key whose batch came to nothing is free again. */
async function idFor(
  context: BatchContext,
  key: string | null,
): Promise<{ id: string; earlier: BatchRequest | null }> {
  if (key === null) return { id: `batch_${context.newToken()}`, earlier: null };
  for (let attempt = 0; ; attempt++) {
    const id = BatchStore.idOfKey(key, attempt);
    const batch = await context.batches.find(id);
    if (batch === null) return { id, earlier: null };
    const cameToNothing = batch.outcome?.status === 'failed' || batch.outcome?.status === 'cancelled';
    if (!cameToNothing) return { id, earlier: batch.request };
  }
}

function replayOf(earlier: BatchRequest, bodyHash: string): { id: string; isReplay: boolean } {
  if (earlier.bodyHash !== bodyHash) throw keyReused();
  return { id: earlier.id, isReplay: true };
}
