// `/v1/fine_tuning/jobs`: create, list, retrieve, cancel, events, checkpoints.
// Reference: https://platform.openai.com/docs/api-reference/fine-tuning
import type { FastifyInstance } from 'fastify';
import { contentHash } from '../../core/hash.js';
import { badRequest } from './api-error.js';
import type { FileStore } from './file-store.js';
import type { Job, JobRequest } from './job-record.js';
import { parseJobBody, resolveJob } from './job-request.js';
import { unknownJob, type JobRunner } from './job-runner.js';
import { JobStore } from './job-store.js';
import { checkpointViews, eventViews, jobView } from './job-view.js';
import type { ModelStore } from './model-store.js';
import { namedFile } from './named-file.js';
import { checkQuery, pageOf, type Query } from './paging.js';
import { idempotencyKeyOf, keyReused } from './replay-memory.js';
import type { UsageCounter } from './usage-counter.js';

/** What the routes work with. */
export interface JobContext {
  jobs: JobStore;
  runner: JobRunner;
  files: FileStore;
  models: ModelStore;
  usage: UsageCounter;
  /** Milliseconds since 1970. */
  clock: () => number;
  /** A fresh random name of 24 hex digits. */
  newToken: () => string;
}

/** Adds the routes. */
export function addJobRoutes(app: FastifyInstance, context: JobContext): void {
  const { jobs, runner } = context;

  /** A job as it stands; one whose server has died is taken over by this one. */
  async function current(id: string): Promise<Job> {
    const job = await jobs.find(id);
    if (job === null) throw unknownJob(id);
    if (job.outcome !== null) return job;
    await runner.rescue([job]);
    return (await jobs.find(id)) ?? job;
  }

  app.post('/v1/fine_tuning/jobs', async (request, reply) => {
    const key = idempotencyKeyOf(request.headers);
    const { id, isReplay } = await createJob(context, request.body, key);
    if (isReplay) void reply.header('x-idempotent-replay', 'true');
    return jobView(await current(id));
  });

  app.get<{ Querystring: Query }>('/v1/fine_tuning/jobs', async ({ query }) => {
    const wanted = metadataFilter(query);
    await runner.rescue((await jobs.list()).filter(({ outcome }) => outcome === null));
    const listed = (await jobs.list()).filter(({ request }) => wanted(request));
    return pageOf(listed.map(jobView), query, { usual: 20, most: 100 });
  });

  app.get<{ Params: { id: string } }>('/v1/fine_tuning/jobs/:id', async ({ params }) =>
    jobView(await current(params.id)),
  );

  app.post<{ Params: { id: string } }>('/v1/fine_tuning/jobs/:id/cancel', async ({ params }) => {
    await runner.cancel(params.id);
    return jobView(await current(params.id));
  });

  app.get<{ Params: { id: string }; Querystring: Query }>(
    '/v1/fine_tuning/jobs/:id/events',
    async ({ params, query }) => {
      checkQuery(query, ['limit', 'after']);
      return pageOf(eventViews(await current(params.id)), query, { usual: 20, most: 1000 });
    },
  );

  app.get<{ Params: { id: string }; Querystring: Query }>(
    '/v1/fine_tuning/jobs/:id/checkpoints',
    async ({ params, query }) => {
      checkQuery(query, ['limit', 'after']);
      return pageOf(checkpointViews(await current(params.id)), query, { usual: 10, most: 100 });
    },
  );
}

async function createJob(
  context: JobContext,
  body: unknown,
  key: string | null,
): Promise<{ id: string; isReplay: boolean }> {
  const asked = parseJobBody(body);
  const bodyHash = contentHash(body);
  const { id, earlier } = await idFor(context, key);
  if (earlier !== null) return replayOf(earlier, bodyHash);
  const base = await context.models.get(asked.model);
  const purpose = 'fine-tune';
  const trainingFile = await namedFile(context.files, asked.training_file, {
    param: 'training_file',
    purpose,
  });
  if (asked.validation_file != null)
    await namedFile(context.files, asked.validation_file, { param: 'validation_file', purpose });
  const request = resolveJob(asked, { id, createdMs: context.clock(), bodyHash, base, trainingFile });
  if (!(await context.jobs.create(request))) {
    // The same key came twice at once, here or at another server.
    const first = await context.jobs.find(id);
    if (first === null) throw keyReused();
    return replayOf(first.request, bodyHash);
  }
  context.usage.report.jobs.created++;
  await context.runner.admit(request);
  return { id, isReplay: false };
}

/**
 * The id of a new job, or the job that this key made before. A key whose job failed or was cancelled is free again:
 * who asks once more wants the model, not the old failure.
 */
async function idFor(
  context: JobContext,
  key: string | null,
): Promise<{ id: string; earlier: JobRequest | null }> {
  if (key === null) return { id: `ftjob-${context.newToken()}`, earlier: null };
  for (let attempt = 0; ; attempt++) {
    const id = JobStore.idOfKey(key, attempt);
    const job = await context.jobs.find(id);
    if (job === null) return { id, earlier: null };
    if (job.outcome === null || job.outcome.status === 'succeeded') return { id, earlier: job.request };
  }
}

function replayOf(earlier: JobRequest, bodyHash: string): { id: string; isReplay: boolean } {
  if (earlier.bodyHash !== bodyHash) throw keyReused();
  return { id: earlier.id, isReplay: true };
}

/** The filter of `metadata[key]=value` parameters; `metadata=null` wants jobs without metadata. */
function metadataFilter(query: Query): (request: JobRequest) => boolean {
  const pairs = Object.entries(query).flatMap(([name, value]) => {
    const key = /^metadata\[(.*)\]$/s.exec(name)?.[1];
    return key === undefined ? [] : [{ name, key, value }];
  });
  checkQuery(query, ['limit', 'after', 'metadata', ...pairs.map(({ name }) => name)]);
  const { metadata } = query;
  // The openai package writes null as nothing.
  if (metadata !== undefined && metadata !== 'null' && metadata !== '') {
    throw badRequest('metadata: expected metadata[key]=value, or metadata=null for jobs without metadata.', {
      param: 'metadata',
      code: 'invalid_value',
    });
  }
  return (request) =>
    (metadata === undefined || request.metadata === null) &&
    pairs.every(
      ({ key, value }) =>
        request.metadata !== null && Object.hasOwn(request.metadata, key) && request.metadata[key] === value,
    );
}
