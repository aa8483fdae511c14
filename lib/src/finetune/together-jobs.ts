// Jobs of Together's own API: https://docs.together.ai/reference/post-fine-tunes (and get-fine-tunes,
// get-fine-tunes-id, get-fine-tunes-id-checkpoint, upload-file); DPO: https://docs.together.ai/docs/preference-fine-tuning
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type OpenAI from 'openai';
import { z } from 'zod';
import type { ModelCheckpoint } from '../schema/fine-tuned-model.js';
import type { FineTuneRequest, JobEvent, JobNews, JobStatus } from './backend.js';
import { refuse, type JobApi, type JobFiles, type ListedJob, type WriteOptions } from './job-api.js';
import { isMissing } from './model-presence.js';

/** Adapters of low rank. */
export interface LoraSettings {
  rank: number;
  alpha: number;
  dropout?: number | undefined;
}

/** Longest suffix that Together takes, in characters. */
const LONGEST_SUFFIX = 64;
/** Characters of the job key in the suffix, by which a job is found: jobs have no metadata. */
const KEY_CHARACTERS = 12;

const eventSchema = z.object({ message: z.string(), level: z.string().nullish() });
const jobSchema = z.object({
  id: z.string(),
  status: z.string(),
  events: z.array(eventSchema).nullish(),
  model: z.string().nullish(),
  model_output_name: z.string().nullish(),
  suffix: z.string().nullish(),
});
type Job = z.output<typeof jobSchema>;
const jobListSchema = z.object({ data: z.array(jobSchema) });
const fileSchema = z.object({ id: z.string() });
const eventsSchema = z.object({ data: z.array(eventSchema) });
const checkpointsSchema = z.object({
  data: z.array(
    z.object({
      step: z.int().min(0),
      checkpoint: z.string().nullish(),
      object_name: z.string().nullish(),
    }),
  ),
});

/** `/files/upload`, `/fine-tunes` and the paths below it. */
export class TogetherJobs implements JobApi {
  readonly #client: OpenAI;
  readonly #lora: LoraSettings | undefined;

  /** @param lora absent: all weights are trained, as in the paper; Together's own default is adapters */
  constructor(client: OpenAI, lora?: LoraSettings) {
    this.#client = client;
    this.#lora = lora;
  }

  check({ hyperparameters, suffix, method }: FineTuneRequest): void {
    if (method.type === 'reinforcement')
      throw refuse('method', { expected: 'supervised or dpo, which Together offers', received: method.type });
    if (hyperparameters.learningRateMultiplier !== undefined) {
      throw refuse('learningRateMultiplier', {
        expected: 'learningRate: Together takes the rate itself',
        received: String(hyperparameters.learningRateMultiplier),
      });
    }
    const longest = LONGEST_SUFFIX - KEY_CHARACTERS - 1;
    if (suffix.length <= longest) return;
    throw refuse('suffix', { expected: `at most ${longest} characters`, received: suffix });
  }

  async list(jobKey: string, signal: AbortSignal): Promise<ListedJob[]> {
    const marker = jobKey.slice(0, KEY_CHARACTERS).toLowerCase();
    const isOurs = ({ suffix, model_output_name: output }: Job): boolean =>
      `${suffix ?? ''} ${output ?? ''}`.toLowerCase().includes(`-${marker}`);
    return (await this.#jobs(signal)).filter(isOurs).map((job) => ({ id: job.id, status: statusOf(job) }));
  }

  async upload(path: string, { signal }: WriteOptions): Promise<string> {
    const form = new FormData();
    form.set('purpose', 'fine-tune');
    form.set('file_name', basename(path));
    form.set('file_type', 'jsonl');
    form.set('file', new Blob([await readFile(path)]), basename(path));
    return (await this.#post('/files/upload', fileSchema, { body: form, signal })).id;
  }

  async create(
    request: FineTuneRequest,
    { trainingFileId, validationFileId }: JobFiles,
    { signal }: WriteOptions,
  ): Promise<string> {
    const { hyperparameters, suffix, jobKey, seed } = request;
    const { nEpochs, batchSize, learningRate } = hyperparameters;
    // JSON leaves out what is undefined: the server's own choice.
    const body = {
      ...(await this.#baseOf(request.baseModel, signal)),
      training_file: trainingFileId,
      validation_file: validationFileId,
      n_evals: validationFileId === undefined ? undefined : Math.max(1, nEpochs ?? 1),
      n_epochs: nEpochs,
      n_checkpoints: nEpochs,
      batch_size: batchSize,
      learning_rate: learningRate,
      suffix: `${suffix}-${jobKey.slice(0, KEY_CHARACTERS)}`,
      random_seed: seed,
      training_method: methodOf(request),
      training_type: this.#trainingType(),
    };
    return (await this.#post('/fine-tunes', jobSchema, { body, signal })).id;
  }

  async retrieve(jobId: string, signal: AbortSignal): Promise<JobStatus> {
    const job = await this.#get(`/fine-tunes/${encodeURIComponent(jobId)}`, jobSchema, signal);
    return statusOf(job);
  }

  async cancel(jobId: string, signal: AbortSignal): Promise<void> {
    await this.#post(`/fine-tunes/${encodeURIComponent(jobId)}/cancel`, z.unknown(), { signal });
  }

  /** Unknown: Together lists the models that it serves now, not those that it could serve. */
  isGone(): Promise<boolean> {
    return Promise.resolve(false);
  }

  /** All events come at once, the oldest first; the cursor is how many were seen. */
  async events(jobId: string, cursor: string | null, signal: AbortSignal): Promise<JobNews> {
    const { data } = await this.#get(`/fine-tunes/${encodeURIComponent(jobId)}/events`, eventsSchema, signal);
    const events = data.slice(Number(cursor ?? 0)).map(({ message, level }) => ({
      level: levelOf(level ?? ''),
      message,
    }));
    return { events, cursor: String(data.length) };
  }

  async checkpoints(jobId: string, signal: AbortSignal): Promise<ModelCheckpoint[]> {
    const path = `/fine-tunes/${encodeURIComponent(jobId)}`;
    const job = await this.#get(path, jobSchema, signal);
    let listed: z.output<typeof checkpointsSchema>['data'] = [];
    try {
      listed = (await this.#get(`${path}/checkpoints`, checkpointsSchema, signal)).data;
    } catch (thrown) {
      if (!isMissing(thrown)) throw thrown;
    }
    const isWhole = new Set(
      listed.filter(({ checkpoint }) => checkpoint === 'model').map(({ step }) => step),
    );
    return listed
      .filter(({ checkpoint, step }) => checkpoint !== 'adapter' || !isWhole.has(step))
      .sort((a, b) => a.step - b.step)
      .map(({ step, object_name: name }) => ({
        // Without a name: what `from_checkpoint` of another job takes.
        model: name ?? `${job.model_output_name ?? job.id}:${step}`,
        step,
        metrics: {},
      }));
  }

  #trainingType(): object {
    if (this.#lora === undefined) return { type: 'Full' };
    const { rank, alpha, dropout } = this.#lora;
    return { type: 'Lora', lora_r: rank, lora_alpha: alpha, lora_dropout: dropout };
  }

  /** A model that a job made is trained further as that job's base model, from the job's checkpoint. */
  async #baseOf(
    baseModel: string,
    signal: AbortSignal,
  ): Promise<{ model: string; from_checkpoint?: string }> {
    const output = baseModel.replace(/:\d+$/, '');
    const maker = (await this.#jobs(signal)).find((job) => job.model_output_name === output);
    return maker?.model == null ? { model: baseModel } : { model: maker.model, from_checkpoint: baseModel };
  }

  async #jobs(signal: AbortSignal): Promise<Job[]> {
    return (await this.#get('/fine-tunes', jobListSchema, signal)).data;
  }

  async #get<Schema extends z.ZodType>(
    path: string,
    schema: Schema,
    signal: AbortSignal,
  ): Promise<z.output<Schema>> {
    return schema.parse(await this.#client.get<unknown>(path, { signal }));
  }

  async #post<Schema extends z.ZodType>(
    path: string,
    schema: Schema,
    options: { body?: object; signal: AbortSignal },
  ): Promise<z.output<Schema>> {
    return schema.parse(await this.#client.post<unknown>(path, options));
  }
}

function methodOf({ method }: FineTuneRequest): object {
  // Only the judgment is learned.
  if (method.type === 'supervised') return { method: 'sft', train_on_inputs: false };
  if (method.type === 'reinforcement') throw new RangeError('a method that check() refuses');
  const { beta, nllScale } = method;
  return { method: 'dpo', dpo_beta: beta, rpo_alpha: nllScale };
}

function statusOf({ status, model_output_name: output, events }: Job): JobStatus {
  const said = events?.at(-1)?.message;
  switch (status) {
    case 'pending':
    case 'queued':
      return { state: 'waiting', detail: said ?? status };
    case 'completed':
      return output == null
        ? { state: 'failed', detail: 'the job names no model' }
        : { state: 'succeeded', model: output };
    case 'error':
    case 'user_error':
      return { state: 'failed', detail: said ?? `the job ended with the status ${status}` };
    case 'cancel_requested':
    case 'cancelled':
      return { state: 'cancelled', detail: 'cancelled at the server' };
    default:
      // running, compressing, uploading, or a state that is new.
      return { state: 'running', detail: said ?? status };
  }
}

/** Levels come as `error`, `Error` or `legacy_ierror`. */
function levelOf(level: string): JobEvent['level'] {
  if (/error/i.test(level)) return 'error';
  return /warning/i.test(level) ? 'warning' : 'info';
}
