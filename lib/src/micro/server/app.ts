// The embedded model's server: the OpenAI HTTP API over an engine, a trainer and a state folder.
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { ProcessIdentity } from '../../core/process-identity.js';
import type { SamplingEngine } from '../types.js';
import { batchRoutes } from './batch-routes.js';
import { BatchStore } from './batch-store.js';
import { batchWork } from './batch-work.js';
import { answerChat, chatRoute, type ChatContext } from './chat-routes.js';
import { fileRoutes } from './file-routes.js';
import { FileStore } from './file-store.js';
import { hostGuard, keyGuard } from './guards.js';
import { HttpServer, type HttpOptions } from './http-server.js';
import { exampleReader } from './job-examples.js';
import { jobRoutes } from './job-routes.js';
import { JobStore } from './job-store.js';
import type { FineTune, PreferenceTune } from './job-training.js';
import { JobWork } from './job-work.js';
import { modelRoutes } from './model-routes.js';
import { ModelStore, type DescribeCheckpoint } from './model-store.js';
import { ReplayMemory } from './replay-memory.js';
import { TaskRunner } from './task-runner.js';
import { UsageCounter } from './usage-counter.js';

/** What a server is made of. */
export interface ServerOptions {
  engine: SamplingEngine;
  fineTune: FineTune;
  preferenceTune: PreferenceTune;
  describeCheckpoint: DescribeCheckpoint;
  /** Where jobs, batches, files and models are kept; several servers of one machine may share it. */
  stateFolder: string;
  seedCheckpointPath: string;
  /** Checkpoints of further seeds, by the id of the model. Default: none. */
  otherSeeds?: Readonly<Record<string, string>>;
  /** Absent: every process on this machine may use the server. */
  apiKey?: string;
  /** The address that the server will listen on; decides which Host headers are accepted. Default: loopback. */
  host?: string;
  /** Milliseconds since 1970. */
  clock?: () => number;
  /** A fresh random name of 24 hex digits. */
  newToken?: () => string;
  /** Bound of the answers remembered by Idempotency-Key, in bytes. Default 64 MiB. */
  replayBytes?: number;
  /** The process that claims jobs, for other servers that share the folder. Default: this process. */
  owner?: ProcessIdentity;
  /** Called with failures that are not the client's fault. Default: they are not reported. */
  report?: (failure: unknown) => void;
}

/** From the end of a UUID, which has only random bits; node prepares them in blocks, so it costs little. */
function freshToken(): string {
  return randomUUID().replaceAll('-', '').slice(8);
}

const MIB = 1024 * 1024;

/**
 * Builds the server and takes over unfinished jobs and batches of its state folder. Closing it stops training and batches;
 * the caller closes the engine.
 * @throws DataError when the seed checkpoint or the state folder cannot be read
 */
export async function createServer(options: ServerOptions): Promise<HttpServer> {
  const { stateFolder, engine, clock = Date.now, newToken = freshToken, report = () => undefined } = options;
  const models = await ModelStore.open({
    folder: join(stateFolder, 'models'),
    seedCheckpointPath: options.seedCheckpointPath,
    otherSeeds: options.otherSeeds,
    describe: options.describeCheckpoint,
    clock,
  });
  const { contextLength } = models.seed;
  const files = new FileStore({ folder: join(stateFolder, 'files'), clock, newToken });
  const jobs = new JobStore({ folder: join(stateFolder, 'jobs'), owner: options.owner });
  const batches = new BatchStore(join(stateFolder, 'batches'));
  const usage = new UsageCounter();
  const replays = new ReplayMemory(options.replayBytes ?? 64 * MIB);
  const { fineTune, preferenceTune } = options;
  const readExamples = exampleReader(async (id) => files.read(await files.get(id)), contextLength);
  const work = new JobWork({ jobs, models, usage, fineTune, preferenceTune, readExamples, clock, report });
  const jobRunner = new TaskRunner(work);
  const chat: ChatContext = { engine, models, replays, usage, clock, newToken, report };
  const answer = (body: object, signal: AbortSignal): Promise<string> => answerChat(chat, body, signal);
  const batchRunner = new TaskRunner(batchWork({ batches, files, answer, clock, newToken, report }));

  const server = new HttpServer({
    routes: [
      { method: 'GET', path: '/health', handle: () => ({ status: 'ok' }) },
      { method: 'GET', path: '/autodidact/usage', handle: () => usage.report },
      ...modelRoutes(models),
      chatRoute(chat),
      ...fileRoutes(files, { contextLength }),
      ...jobRoutes({ work, runner: jobRunner, files, models, usage, clock, newToken }),
      ...batchRoutes({ batches, runner: batchRunner, files, clock, newToken }),
    ],
    guard: guardOf(options),
    report,
    beforeClose: async () => {
      await batchRunner.close();
      await jobRunner.close();
    },
  });
  // Oldest first, in the order in which they were created.
  for (const job of (await jobs.list()).reverse()) await jobRunner.takeOver(job);
  for (const batch of (await batches.list()).reverse()) await batchRunner.takeOver(batch);
  return server;
}

function guardOf({ host = '127.0.0.1', apiKey }: ServerOptions): HttpOptions['guard'] {
  const checkHost = hostGuard(host);
  const checkKey = keyGuard(apiKey);
  return (request, path) => {
    checkHost(request);
    // A health check reveals nothing, and monitoring often has no key.
    if (path !== '/health') checkKey(request);
  };
}
