// Servers for tests: scripted engine and trainer, a state folder of their own, a free port of loopback.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import OpenAI, { toFile } from 'openai';
import { createExclusive } from '../../../lib/src/core/files.js';
import { sha256 } from '../../../lib/src/core/hash.js';
import { createServer, type ServerOptions } from '../../../lib/src/micro/server/app.js';
import type { HttpServer } from '../../../lib/src/micro/server/http-server.js';
import type { UsageReport } from '../../../lib/src/micro/server/usage-counter.js';
import { ScriptedEngine, ScriptedTrainer } from './scripted-engine.js';
import { until } from '../../fixtures/until.js';

/** A running server with its script. */
export interface TestServer {
  app: HttpServer;
  engine: ScriptedEngine;
  trainer: ScriptedTrainer;
  client: OpenAI;
  /** `http://127.0.0.1:<port>` */
  origin: string;
  port: number;
  usage: () => Promise<UsageReport>;
  failures: unknown[];
}

/** The context length of the scripted models, in tokens. */
export const CONTEXT_LENGTH = 64;

/** Folders and servers that one test made; call {@link close} after each test. */
export class ServerRoom {
  readonly #servers: HttpServer[] = [];
  readonly #folders: string[] = [];

  async folder(): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'micro-server-'));
    this.#folders.push(folder);
    return folder;
  }

  async start(options: Partial<ServerOptions> & { engine?: ScriptedEngine } = {}): Promise<TestServer> {
    const stateFolder = options.stateFolder ?? (await this.folder());
    const seedCheckpointPath = join(stateFolder, 'seed.safetensors');
    // Whole at every moment: another server of the folder may be reading it.
    await createExclusive(seedCheckpointPath, 'seed weights');
    const engine = options.engine ?? new ScriptedEngine();
    const trainer = new ScriptedTrainer();
    const failures: unknown[] = [];
    const app = await createServer({
      engine,
      fineTune: trainer.fineTune,
      preferenceTune: trainer.preferenceTune,
      reinforcementTune: trainer.reinforcementTune,
      describeCheckpoint: (bytes) => ({ fingerprint: sha256(bytes), contextLength: CONTEXT_LENGTH }),
      seedCheckpointPath,
      report: (failure) => failures.push(failure),
      ...options,
      stateFolder,
    });
    this.#servers.push(app);
    const port = await app.listen({ host: '127.0.0.1', port: 0 });
    const origin = `http://127.0.0.1:${port}`;
    const client = new OpenAI({
      baseURL: `${origin}/v1`,
      apiKey: options.apiKey ?? 'none',
      maxRetries: 0,
      organization: null,
      project: null,
      logLevel: 'off',
    });
    const headers = options.apiKey === undefined ? {} : { authorization: `Bearer ${options.apiKey}` };
    const usage = async (): Promise<UsageReport> =>
      (await (await fetch(`${origin}/autodidact/usage`, { headers })).json()) as UsageReport;
    return { app, engine, trainer, client, origin, port, usage, failures };
  }

  async close(): Promise<void> {
    for (const server of this.#servers.splice(0)) await server.close();
    for (const folder of this.#folders.splice(0)) await rm(folder, { recursive: true, force: true });
  }
}

export { until };

/** A training file of one example per answer. */
export function trainingText(...answers: string[]): string {
  return answers
    .map((answer) =>
      JSON.stringify({
        messages: [
          { role: 'user', content: 'answer compute 1 + 2' },
          { role: 'assistant', content: answer },
        ],
      }),
    )
    .join('\n');
}

/** A file of one preference pair per preferred and other answer. */
export function preferenceText(...answers: (readonly [string, string])[]): string {
  const reply = (content: string): object[] => [{ role: 'assistant', content }];
  return answers
    .map(([preferred, other]) =>
      JSON.stringify({
        input: { messages: [{ role: 'user', content: 'answer compute 1 + 2' }] },
        preferred_output: reply(preferred),
        non_preferred_output: reply(other),
      }),
    )
    .join('\n');
}

/** Uploads a training file; returns its id. */
export async function upload(client: OpenAI, text: string): Promise<string> {
  const file = await client.files.create({
    file: await toFile(Buffer.from(text), 'train.jsonl'),
    purpose: 'fine-tune',
  });
  return file.id;
}

/** A job, once it has ended. */
export function ended(client: OpenAI, id: string): Promise<OpenAI.FineTuning.FineTuningJob> {
  return until(async () => {
    const job = await client.fineTuning.jobs.retrieve(id);
    return job.finished_at === null ? null : job;
  });
}

/** A line of a batch's input; the seed distinguishes its request from others. */
export function batchLine(customId: string, seed: number, body: object = {}): string {
  const request = { ...goodBody, seed, ...body };
  return JSON.stringify({ custom_id: customId, method: 'POST', url: '/v1/chat/completions', body: request });
}

/** Lines `r0`, `r1`, ... with seeds 0, 1, ... */
export function batchLines(nLines: number): string[] {
  return Array.from({ length: nLines }, (_, seed) => batchLine(`r${seed}`, seed));
}

/** Uploads the input of a batch; returns its id. */
export async function uploadBatch(client: OpenAI, lines: readonly string[]): Promise<string> {
  const file = await toFile(Buffer.from(lines.join('\n')), 'batch.jsonl');
  return (await client.files.create({ file, purpose: 'batch' })).id;
}

/** Makes a batch of lines, or of a file that was uploaded. */
export async function createBatch(
  client: OpenAI,
  input: readonly string[] | string,
  key?: string,
): Promise<OpenAI.Batch> {
  const input_file_id = typeof input === 'string' ? input : await uploadBatch(client, input);
  return client.batches.create(
    { input_file_id, endpoint: '/v1/chat/completions', completion_window: '24h' },
    { headers: key === undefined ? {} : { 'Idempotency-Key': key } },
  );
}

/** A batch, once it has ended. */
export function endedBatch(client: OpenAI, id: string): Promise<OpenAI.Batch> {
  return until(async () => {
    const batch = await client.batches.retrieve(id);
    return ['completed', 'failed', 'expired', 'cancelled'].includes(batch.status) ? batch : null;
  });
}

/** A line of a result file. */
export interface BatchResult {
  id: string;
  custom_id: string;
  response: {
    status_code: number;
    request_id: string;
    body: OpenAI.ChatCompletion & OpenAI.ErrorObject;
  } | null;
  error: { code: string; message: string } | null;
}

/** The lines of a result file, in the order of their ids; none where there is no file. */
export async function batchResults(
  client: OpenAI,
  fileId: string | null | undefined,
): Promise<BatchResult[]> {
  if (fileId == null) return [];
  const text = await (await client.files.content(fileId)).text();
  const results = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as BatchResult);
  return results.sort((a, b) => Number(a.custom_id.slice(1)) - Number(b.custom_id.slice(1)));
}

/** Posts a chat completion without the client package. */
export function postChat(origin: string, body: unknown, init: RequestInit = {}): Promise<Response> {
  return fetch(`${origin}/v1/chat/completions`, {
    method: 'POST',
    body: JSON.stringify(body),
    ...init,
    headers: { 'content-type': 'application/json', ...(init.headers as Record<string, string> | undefined) },
  });
}

/** A request that is right in every way. */
export const goodBody = {
  model: 'micro-seed',
  messages: [{ role: 'user', content: 'answer compute 1 + 2' }],
};
