// Fine-tuning jobs on disk: `<id>.request.json`, `<id>.lock.<n>`, `<id>.log.jsonl`, `<id>.outcome.json`. The request never changes, and
// there is one outcome.
import { appendFile } from 'node:fs/promises';
import { z } from 'zod';
import { makeFolder, readTextIfPresent, writeError } from '../../core/files.js';
import { parseJson } from '../../core/jsonl.js';
import { graderSchema } from './grader.js';
import { TaskStore, type Task, type TaskStoreOptions } from './task-store.js';

/** Written once, when the job is created. */
const jobRequestRecord = z.object({
  id: z.string(),
  createdMs: z.number(),
  /** Hash of the request body, to distinguish a repeated request from another one with the same Idempotency-Key. */
  bodyHash: z.string(),
  /** Base model, as the client named it. */
  model: z.string(),
  /** SHA-256 of the base's weights, so that a different seed under the same id is noticed. */
  baseFingerprint: z.string(),
  /** The model that the base descends from. */
  root: z.string(),
  trainingFile: z.string(),
  validationFile: z.string().nullable(),
  suffix: z.string().nullable(),
  seed: z.number(),
  /** How it trains; records without a method are of an earlier version, which had one method. */
  method: z
    .discriminatedUnion('type', [
      z.object({ type: z.literal('supervised') }),
      z.object({ type: z.literal('dpo'), beta: z.number(), nllScale: z.number() }),
      z.object({
        type: z.literal('reinforcement'),
        grader: graderSchema,
        groupSize: z.number(),
        nUpdates: z.number(),
        clip: z.number(),
        klScale: z.number(),
      }),
    ])
    .default({ type: 'supervised' }),
  hyperparameters: z.object({
    nEpochs: z.number(),
    batchSize: z.number(),
    learningRateMultiplier: z.number(),
  }),
  metadata: z.record(z.string(), z.string()).nullable(),
  /** Hash of everything that decides the weights; see {@link fineTunedModelId}. */
  contentHash: z.string(),
});

/** A fine-tuning job as it was asked for. */
export type JobRequest = z.infer<typeof jobRequestRecord>;

/** How well preference pairs were ranked; null where the job has none. */
const preference = z.object({ accuracy: z.number(), margin: z.number() }).nullable().default(null);

/** What a step of reinforcement did; null where the job has no rewards. */
const reinforcement = z
  .object({ meanReward: z.number(), sameShare: z.number(), clipShare: z.number(), kl: z.number() })
  .nullable()
  .default(null);

/** One line of a job's log. */
const jobLogLine = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('status'),
    atMs: z.number(),
    status: z.enum(['validating_files', 'queued', 'running']),
    message: z.string(),
  }),
  z.object({
    kind: z.literal('message'),
    atMs: z.number(),
    level: z.enum(['info', 'warn', 'error']),
    message: z.string(),
  }),
  z.object({
    kind: z.literal('metrics'),
    atMs: z.number(),
    step: z.number(),
    nSteps: z.number(),
    /** Mean nats per target token, or the loss of preference-loss.ts or reinforcement-loss.ts. */
    trainLoss: z.number(),
    preference,
    reinforcement,
  }),
  z.object({
    kind: z.literal('checkpoint'),
    atMs: z.number(),
    modelId: z.string(),
    epoch: z.number(),
    step: z.number(),
    trainLoss: z.number().nullable(),
    validationLoss: z.number().nullable(),
    validationPreference: preference,
    /** Mean reward on the validation prompts; null where the job has none. */
    validationReward: z.number().nullable().default(null),
  }),
]);

/** One line of a job's log. */
export type JobLogLine = z.infer<typeof jobLogLine>;

/** How a job ended. Written once: the first outcome counts. */
const jobOutcomeRecord = z.object({
  status: z.enum(['succeeded', 'failed', 'cancelled']),
  finishedMs: z.number(),
  fineTunedModel: z.string().nullable(),
  /** Tokens that went through training; null where training did not come to its end. */
  trainedTokens: z.number().nullable(),
  error: z.object({ code: z.string(), message: z.string(), param: z.string().nullable() }).nullable(),
  message: z.string(),
});

/** How a job ended. */
export type JobOutcome = z.infer<typeof jobOutcomeRecord>;

/** A job with all that has happened to it. */
export interface Job extends Task<JobRequest, JobOutcome> {
  log: JobLogLine[];
}

/** Id of the model that a job makes: the same content always makes the same model. */
export function fineTunedModelId({ root, suffix, contentHash }: JobRequest): string {
  return `ft:${root}:${suffix ?? 'none'}:${contentHash.slice(0, 8)}`;
}

/** Id of the model at the end of one epoch of a job. */
export function checkpointModelId(request: JobRequest, step: number): string {
  return `${fineTunedModelId(request)}:ckpt-step-${step}`;
}

/** The jobs of a state folder. */
export class JobStore extends TaskStore<Job> {
  readonly #folder: string;

  constructor({ folder, ...shared }: Pick<TaskStoreOptions<Job>, 'folder' | 'owner' | 'report'>) {
    const records = { request: jobRequestRecord, outcome: jobOutcomeRecord };
    super({ folder, ...shared, idPrefix: 'ftjob-', separator: '.', ...records });
    this.#folder = folder;
  }

  /** Adds a line to a job's log. */
  async append(id: string, line: JobLogLine): Promise<void> {
    const path = this.pathOf(id, 'log.jsonl');
    try {
      await makeFolder(this.#folder);
      // The line break comes first, so that an unfinished line of a killed server does not spoil this one.
      await appendFile(path, `\n${JSON.stringify(line)}`);
    } catch (thrown) {
      throw writeError(path, thrown);
    }
  }

  protected override async load(task: Pick<Job, 'request' | 'outcome'>): Promise<Job> {
    const text = (await readTextIfPresent(this.pathOf(task.request.id, 'log.jsonl'))) ?? '';
    const log = text.split('\n').flatMap((line) => {
      // An unfinished line of a killed server is left out; the job starts over anyway.
      const read = parseJson(line, jobLogLine);
      return read.ok ? [read.value] : [];
    });
    return { ...task, log };
  }
}
