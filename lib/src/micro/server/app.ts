// The embedded model's server: the OpenAI HTTP API over an engine, a trainer and a state folder.
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { ProcessIdentity } from '../../core/process-identity.js';
import { batchRoutes } from './batch-routes.js';
import { BatchStore } from './batch-store.js';
import { chatRoute } from './chat-routes.js';
import { fileRoutes } from './file-routes.js';
import { FileStore } from './file-store.js';
import { hostGuard, keyGuard } from './guards.js';
import { HttpServer, type HttpOptions } from './http-server.js';
import { jobRoutes } from './job-routes.js';
import { JobStore } from './job-store.js';
import { modelRoutes } from './model-routes.js';
import { ModelStore, type DescribeCheckpoint } from './model-store.js';
import { ReplayMemory } from './replay-memory.js';
import type { ServerContext } from './server-context.js';
import { UsageCounter } from './usage-counter.js';

/** What a server is made of. Default: the clock and random names of this machine, and failures are not reported. */
export interface ServerOptions
  extends
    Pick<ServerContext, 'engine' | 'fineTune' | 'preferenceTune' | 'reinforcementTune'>,
    Partial<Pick<ServerContext, 'clock' | 'newToken' | 'report'>> {
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
  /** Bound of the answers remembered by Idempotency-Key, in bytes. Default 64 MiB. */
  replayBytes?: number;
  /** The process that claims jobs, for other servers that share the folder. Default: this process. */
  owner?: ProcessIdentity;
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
    report,
  });
  const context: ServerContext = {
    engine,
    fineTune: options.fineTune,
    preferenceTune: options.preferenceTune,
    reinforcementTune: options.reinforcementTune,
    models,
    files: new FileStore({ folder: join(stateFolder, 'files'), clock, newToken, report }),
    jobs: new JobStore({ folder: join(stateFolder, 'jobs'), owner: options.owner, report }),
    batches: new BatchStore({ folder: join(stateFolder, 'batches'), report }),
    replays: new ReplayMemory(options.replayBytes ?? 64 * MIB),
    usage: new UsageCounter(),
    clock,
    newToken,
    report,
  };
  const jobs = jobRoutes(context);
  const batches = batchRoutes(context);
  const server = new HttpServer({
    routes: [
      { method: 'GET', path: '/health', handle: () => ({ status: 'ok' }) },
      { method: 'GET', path: '/autodidact/usage', handle: () => context.usage.report },
      ...modelRoutes(models),
      chatRoute(context),
      ...fileRoutes(context),
      ...jobs.routes,
      ...batches.routes,
    ],
    guard: guardOf(options),
    report,
    beforeClose: async () => {
      await batches.runner.close();
      await jobs.runner.close();
    },
  });
  await jobs.runner.takeOverAll();
  await batches.runner.takeOverAll();
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
