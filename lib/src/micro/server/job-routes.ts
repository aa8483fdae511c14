// `/v1/fine_tuning/jobs`: create, list, retrieve, cancel, events, checkpoints.
// Reference: https://platform.openai.com/docs/api-reference/fine-tuning
import { z } from 'zod';
import type { FileStore } from './file-store.js';
import type { Exchange } from './http-server.js';
import type { Job, JobRequest } from './job-record.js';
import { parseJobBody, resolveJob } from './job-request.js';
import { checkpointViews, eventViews, jobView } from './job-view.js';
import { JobWork } from './job-work.js';
import { pageOf, pageQuery } from './paging.js';
import { parseQuery } from './request-body.js';
import type { ServerContext } from './server-context.js';
import { taskRoutes, type NewTask, type TaskApi, type View } from './task-routes.js';

const listQuery = pageQuery(20, 100).extend({
  metadata: z
    .enum(['null', ''], { error: 'expected metadata[key]=value, or metadata=null for jobs without metadata' })
    .optional(),
});
const eventQuery = pageQuery(20, 1000);
const checkpointQuery = pageQuery(10, 100);

/** The routes, and what works on the jobs. */
export function jobRoutes(context: ServerContext): TaskApi<Job> {
  const { files, models, usage } = context;
  const work = new JobWork(context);
  const path = '/v1/fine_tuning/jobs';

  const parse = (body: unknown): ((parts: NewTask) => Promise<JobRequest>) => {
    const asked = parseJobBody(body);
    return async (parts) => {
      const base = await models.get(asked.model);
      const named = (id: string, param: string): ReturnType<FileStore['named']> =>
        files.named(id, { param, purpose: 'fine-tune' });
      const trainingFile = await named(asked.training_file, 'training_file');
      if (asked.validation_file != null) await named(asked.validation_file, 'validation_file');
      return resolveJob(asked, { ...parts, base, trainingFile });
    };
  };

  const { routes, runner, current } = taskRoutes<Job>(context, {
    path,
    noun: 'job',
    store: context.jobs,
    work,
    parse,
    onCreated: () => usage.report.jobs.created++,
    cancel: ({ request }) => work.cancel(request.id),
    view: jobView,
    page: pageOfJobs,
  });

  const pageOfViews =
    (views: (job: Job) => View[], schema: typeof eventQuery) =>
    async ({ id, query }: Exchange): Promise<unknown> => {
      const page = parseQuery(query, schema);
      return pageOf(views(await current(id)), page);
    };
  routes.push(
    { method: 'GET', path: `${path}/:id/events`, handle: pageOfViews(eventViews, eventQuery) },
    { method: 'GET', path: `${path}/:id/checkpoints`, handle: pageOfViews(checkpointViews, checkpointQuery) },
  );
  return { routes, runner, current };
}

/** Filtered by `metadata[key]=value` parameters; `metadata=null`, which the openai package sends as an empty one, wants jobs without. */
function pageOfJobs(jobs: Job[], query: URLSearchParams): unknown {
  const pairs: (readonly [string, string])[] = [];
  const others = [...query].filter(([name, value]) => {
    const key = /^metadata\[(.*)\]$/s.exec(name)?.[1];
    if (key !== undefined) pairs.push([key, value]);
    return key === undefined;
  });
  const { metadata, ...page } = parseQuery(others, listQuery);
  const listed = jobs.filter(
    ({ request }) =>
      (metadata === undefined || request.metadata === null) &&
      pairs.every(([key, value]) => new Map(Object.entries(request.metadata ?? {})).get(key) === value),
  );
  return pageOf(listed.map(jobView), page);
}
