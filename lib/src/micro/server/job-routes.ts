// `/v1/fine_tuning/jobs`: create, list, retrieve, cancel, events, checkpoints; and each as the OpenAI API shows it.
// Reference: https://platform.openai.com/docs/api-reference/fine-tuning
import { z } from 'zod';
import type { PreferenceFigures, ReinforcementFigures } from '../types.js';
import type { FileStore } from './file-store.js';
import type { Exchange } from './http-server.js';
import { parseJobBody, resolveJob } from './job-request.js';
import type { Job, JobLogLine, JobRequest } from './job-store.js';
import { JobWork } from './job-work.js';
import { pageOf, pageQuery, seconds, type View } from './paging.js';
import { parseQuery } from './request-body.js';
import type { ServerContext } from './server-context.js';
import { taskRoutes, type NewTask, type TaskApi } from './task-routes.js';

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

/** `method` of a job, and `hyperparameters`, which the OpenAI API shows for supervised jobs only. */
function methodView({ method, hyperparameters }: JobRequest): Record<string, unknown> {
  const common = {
    n_epochs: hyperparameters.nEpochs,
    batch_size: hyperparameters.batchSize,
    learning_rate_multiplier: hyperparameters.learningRateMultiplier,
  };
  if (method.type === 'supervised') {
    const supervised = { hyperparameters: common };
    return { hyperparameters: common, method: { type: 'supervised', supervised } };
  }
  if (method.type === 'reinforcement') {
    const { grader, groupSize, nUpdates, clip, klScale } = method;
    const own = { group_size: groupSize, n_updates: nUpdates, clip, kl_scale: klScale };
    return {
      method: {
        type: 'reinforcement',
        reinforcement: { grader, hyperparameters: { ...common, ...own } },
      },
    };
  }
  const { beta, nllScale } = method;
  return { method: { type: 'dpo', dpo: { hyperparameters: { ...common, beta, nll_scale: nllScale } } } };
}

/** The status of a job: its outcome, or the last one in its log. */
function statusOf({ outcome, log }: Job): string {
  if (outcome !== null) return outcome.status;
  return log.findLast((line) => line.kind === 'status')?.status ?? 'validating_files';
}

/** `fine_tuning.job`. */
function jobView(job: Job): View {
  const { request, outcome } = job;
  return {
    id: request.id,
    object: 'fine_tuning.job',
    created_at: seconds(request.createdMs),
    finished_at: outcome === null ? null : seconds(outcome.finishedMs),
    status: statusOf(job),
    model: request.model,
    fine_tuned_model: outcome?.fineTunedModel ?? null,
    organization_id: 'autodidact',
    training_file: request.trainingFile,
    validation_file: request.validationFile,
    result_files: [],
    user_provided_suffix: request.suffix,
    seed: request.seed,
    ...methodView(request),
    trained_tokens: outcome?.trainedTokens ?? null,
    error: outcome?.error ?? null,
    estimated_finish: null,
    integrations: [],
    metadata: request.metadata,
  };
}

/** `fine_tuning.job.event`s, newest first. */
function eventViews({ request, log, outcome }: Job): View[] {
  const events = log.map((line, index) => eventView(request.id, index, line));
  if (outcome !== null) {
    events.push({
      id: eventId(request.id, 'end'),
      object: 'fine_tuning.job.event',
      created_at: seconds(outcome.finishedMs),
      level: outcome.status === 'failed' ? 'error' : 'info',
      message: outcome.message,
      type: 'message',
      data: {},
    });
  }
  return events.reverse();
}

/** `fine_tuning.job.checkpoint`s, newest first. A job that was started over shows each once. */
function checkpointViews({ request, log }: Job): View[] {
  const byModel = new Map<string, View>();
  for (const line of log) {
    if (line.kind !== 'checkpoint') continue;
    byModel.delete(line.modelId);
    byModel.set(line.modelId, {
      id: `ftckpt-${request.id.slice('ftjob-'.length)}-${line.epoch}`,
      object: 'fine_tuning.job.checkpoint',
      created_at: seconds(line.atMs),
      fine_tuned_model_checkpoint: line.modelId,
      fine_tuning_job_id: request.id,
      step_number: line.step,
      metrics: {
        step: line.step,
        ...(line.trainLoss === null ? {} : { train_loss: line.trainLoss }),
        ...(line.validationLoss === null ? {} : { full_valid_loss: line.validationLoss }),
        ...preferenceView('full_valid', line.validationPreference),
        ...(line.validationReward === null ? {} : { full_valid_mean_reward: line.validationReward }),
      },
    });
  }
  return [...byModel.values()].reverse();
}

function eventView(jobId: string, index: number, line: JobLogLine): View {
  return {
    id: eventId(jobId, String(index)),
    object: 'fine_tuning.job.event',
    created_at: seconds(line.atMs),
    level: line.kind === 'message' ? line.level : 'info',
    message: eventMessage(line),
    type: line.kind === 'metrics' ? 'metrics' : 'message',
    data:
      line.kind === 'metrics'
        ? {
            step: line.step,
            total_steps: line.nSteps,
            train_loss: line.trainLoss,
            ...preferenceView('train', line.preference),
            ...reinforcementView(line.reinforcement),
          }
        : {},
  };
}

function eventMessage(line: JobLogLine): string {
  switch (line.kind) {
    case 'status':
    case 'message':
      return line.message;
    case 'metrics':
      return `Step ${line.step}/${line.nSteps}: training loss=${line.trainLoss.toFixed(4)}${preferenceText(line.preference)}${reinforcementText(line.reinforcement)}`;
    case 'checkpoint': {
      const loss = line.validationLoss === null ? '' : `, validation loss=${line.validationLoss.toFixed(4)}`;
      const reward =
        line.validationReward === null ? '' : `, validation mean reward=${line.validationReward.toFixed(4)}`;
      return `Checkpoint of epoch ${line.epoch} created: ${line.modelId}${loss}${preferenceText(line.validationPreference)}${reward}`;
    }
  }
}

function eventId(jobId: string, name: string): string {
  return `ftevent-${jobId.slice('ftjob-'.length)}-${name}`;
}

/** Figures about preferences under OpenAI's kind of names, with the name of the pairs as `prefix`. */
function preferenceView(prefix: string, figures: PreferenceFigures | null): Record<string, number> {
  if (figures === null) return {};
  return {
    [`${prefix}_preference_accuracy`]: figures.accuracy,
    [`${prefix}_reward_margin`]: figures.margin,
  };
}

function preferenceText(figures: PreferenceFigures | null): string {
  if (figures === null) return '';
  return `, preference accuracy=${figures.accuracy.toFixed(4)}, reward margin=${figures.margin.toFixed(4)}`;
}

function reinforcementView(figures: ReinforcementFigures | null): Record<string, number> {
  if (figures === null) return {};
  return {
    train_mean_reward: figures.meanReward,
    train_same_reward_share: figures.sameShare,
    train_clip_share: figures.clipShare,
    train_kl: figures.kl,
  };
}

function reinforcementText(figures: ReinforcementFigures | null): string {
  if (figures === null) return '';
  const { meanReward, sameShare, clipShare, kl } = figures;
  return `, mean reward=${meanReward.toFixed(4)}, groups of one reward=${sameShare.toFixed(4)}, clipped=${clipShare.toFixed(4)}, divergence=${kl.toFixed(4)}`;
}
