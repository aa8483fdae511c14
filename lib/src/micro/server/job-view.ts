// Jobs, events and checkpoints as the OpenAI API shows them.
// Reference: https://platform.openai.com/docs/api-reference/fine-tuning/object
import type { PreferenceFigures } from '../types.js';
import type { Job, JobLogLine, JobRequest } from './job-record.js';
import type { View } from './task-routes.js';

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
  const { beta, nllScale } = method;
  return { method: { type: 'dpo', dpo: { hyperparameters: { ...common, beta, nll_scale: nllScale } } } };
}

/** The status of a job: its outcome, or the last one in its log. */
function statusOf({ outcome, log }: Job): string {
  if (outcome !== null) return outcome.status;
  return log.findLast((line) => line.kind === 'status')?.status ?? 'validating_files';
}

/** `fine_tuning.job`. */
export function jobView(job: Job): View {
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
export function eventViews({ request, log, outcome }: Job): View[] {
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
export function checkpointViews({ request, log }: Job): View[] {
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
      return `Step ${line.step}/${line.nSteps}: training loss=${line.trainLoss.toFixed(4)}${preferenceText(line.preference)}`;
    case 'checkpoint': {
      const loss = line.validationLoss === null ? '' : `, validation loss=${line.validationLoss.toFixed(4)}`;
      return `Checkpoint of epoch ${line.epoch} created: ${line.modelId}${loss}${preferenceText(line.validationPreference)}`;
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

function seconds(ms: number): number {
  return Math.floor(ms / 1000);
}
