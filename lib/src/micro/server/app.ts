// The embedded model's server: an app that speaks the OpenAI HTTP API over an engine, a trainer and a state folder.
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import multipart from '@fastify/multipart';
import fastify, { type FastifyInstance, type HTTPMethods } from 'fastify';
import type { SamplingEngine } from '../types.js';
import { ApiError } from './api-error.js';
import { BatchCalls } from './batch-calls.js';
import { addBatchRoutes } from './batch-routes.js';
import { BatchRunner } from './batch-runner.js';
import { BatchStore } from './batch-store.js';
import { addChatRoutes } from './chat-routes.js';
import { answerError, answerUnreadable, unknownRoute } from './error-answers.js';
import { exampleReader } from './job-examples.js';
import { addFileRoutes, MOST_UPLOAD_BYTES } from './file-routes.js';
import { FileStore } from './file-store.js';
import { hostGuard, keyGuard } from './guards.js';
import { addJobRoutes } from './job-routes.js';
import { JobRunner } from './job-runner.js';
import { JobStore, type ServerIdentity } from './job-store.js';
import type { FineTune, PreferenceTune } from './job-training.js';
import { addModelRoutes } from './model-routes.js';
import { ModelStore, type DescribeCheckpoint } from './model-store.js';
import { thisProcess } from '../../core/process-identity.js';
import { ReplayMemory } from './replay-memory.js';
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
  /** Absent: everybody on this machine may use the server. */
  apiKey?: string;
  /** The address that the server will listen on; decides which Host headers are accepted. Default: loopback. */
  host?: string;
  /** Milliseconds since 1970. */
  clock?: () => number;
  /** A fresh random name of 24 hex digits. */
  newToken?: () => string;
  /** Bound of the answers remembered by Idempotency-Key, in bytes. Default 64 MiB. */
  replayBytes?: number;
  /** Who this server is to others that share the folder. Default: this process, with a random name. */
  identity?: ServerIdentity;
  /** Told of failures that are not the client's fault. Default: nobody. */
  report?: (failure: unknown) => void;
}

/** From the end of a UUID, which holds nothing but random bits; node keeps a stock of them, so it costs little. */
function freshToken(): string {
  return randomUUID().replaceAll('-', '').slice(8);
}

const MIB = 1024 * 1024;
const methods: readonly HTTPMethods[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE'];

/**
 * Builds the server and takes over unfinished jobs and batches of its state folder. Closing it stops training and batches;
 * closing the engine is the caller's business.
 * @throws DataError when the seed checkpoint or the state folder cannot be read
 */
export async function createServer(options: ServerOptions): Promise<FastifyInstance> {
  const { stateFolder, clock = Date.now, report = () => undefined } = options;
  const newToken = options.newToken ?? freshToken;
  const identity = options.identity ?? { serverId: newToken(), owner: await thisProcess() };
  const models = await ModelStore.open({
    folder: join(stateFolder, 'models'),
    seedCheckpointPath: options.seedCheckpointPath,
    otherSeeds: options.otherSeeds,
    describe: options.describeCheckpoint,
    clock,
  });
  const files = new FileStore({ folder: join(stateFolder, 'files'), clock, newToken });
  const jobs = new JobStore({ folder: join(stateFolder, 'jobs'), identity });
  const usage = new UsageCounter();
  const replays = new ReplayMemory(options.replayBytes ?? 64 * MIB);
  const runner = new JobRunner({
    jobs,
    models,
    usage,
    fineTune: options.fineTune,
    preferenceTune: options.preferenceTune,
    readExamples: exampleReader(
      async (fileId) => files.read(await files.get(fileId)),
      models.seed.contextLength,
    ),
    clock,
    report,
  });

  const app = bareApp(report);
  addGuards(app, options);
  const batches = new BatchStore(join(stateFolder, 'batches'));
  const calls = new BatchCalls(app, options.apiKey);
  const batchRunner = new BatchRunner({ batches, files, calls, clock, newToken, report });
  await addMethodAnswers(app, async () => {
    app.get('/health', () => ({ status: 'ok' }));
    app.get('/autodidact/usage', () => usage.report);
    addModelRoutes(app, models);
    addChatRoutes(app, { engine: options.engine, models, replays, usage, clock, newToken, report });
    addJobRoutes(app, { jobs, runner, files, models, usage, clock, newToken });
    addBatchRoutes(app, { batches, runner: batchRunner, files, clock, newToken });
    // In a scope of its own, so that no other route takes forms.
    await app.register(async (scope) => {
      await scope.register(multipart, {
        limits: { fileSize: MOST_UPLOAD_BYTES, files: 1, fields: 4, fieldSize: 1024, headerPairs: 32 },
      });
      addFileRoutes(scope, files, { contextLength: models.seed.contextLength });
    });
  });
  app.addHook('preClose', async () => {
    await batchRunner.close();
    await runner.close();
  });
  await runner.rescue(await jobs.list());
  // Oldest first, as they came.
  for (const batch of (await batches.list()).reverse()) await batchRunner.takeOver(batch);
  return app;
}

/** The framework with its errors in OpenAI's shape and nothing that costs time per request. */
function bareApp(report: (failure: unknown) => void): FastifyInstance {
  const app = fastify({
    logger: false,
    bodyLimit: MIB,
    requestTimeout: 120_000,
    // A busy machine may take long to start, and a start that hangs is seen anyway.
    pluginTimeout: 120_000,
    forceCloseConnections: true,
    exposeHeadRoutes: true,
    routerOptions: { maxParamLength: 300 },
    // A missing Host header gets the same kind of answer as a wrong one.
    http: { requireHostHeader: false },
    // Keys such as __proto__ are unknown keys like others; nothing here copies a body's keys blindly.
    onProtoPoisoning: 'ignore',
    onConstructorPoisoning: 'ignore',
    clientErrorHandler: answerUnreadable,
    frameworkErrors: (error, _request, reply) => {
      void answerError(error, reply, report);
    },
  });
  app.removeContentTypeParser(['text/plain', 'application/json']);
  const parseJson = app.getDefaultJsonParser('ignore', 'ignore');
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    // Some clients name the content type even where they send nothing, with DELETE or to cancel a job.
    if (body === '') done(null, undefined);
    else void parseJson(request, String(body), done);
  });
  app.setErrorHandler((thrown, _request, reply) => answerError(thrown, reply, report));
  app.setNotFoundHandler((request, reply) => answerError(unknownRoute(request), reply, report));
  return app;
}

function addGuards(app: FastifyInstance, { host = '127.0.0.1', apiKey }: ServerOptions): void {
  const checkHost = hostGuard(host);
  const checkKey = keyGuard(apiKey);
  app.addHook('onRequest', (request, _reply, done) => {
    checkHost(request);
    // A health check holds no secrets and is often asked by machines without keys.
    if (request.routeOptions.url !== '/health') checkKey(request);
    // Before the body is read, so that an unknown path is not reported as a wrong body.
    if (request.is404) throw unknownRoute(request);
    done();
  });
}

/** Adds routes, and for each of their paths an answer 405 to every other method. */
async function addMethodAnswers(app: FastifyInstance, addRoutes: () => Promise<void>): Promise<void> {
  const allowed = new Map<string, Set<HTTPMethods>>();
  let isAdding = true;
  app.addHook('onRoute', ({ url, method }) => {
    if (!isAdding) return;
    const known = allowed.get(url) ?? new Set();
    for (const one of [method].flat()) known.add(one);
    allowed.set(url, known);
  });
  await addRoutes();
  isAdding = false;
  for (const [url, known] of allowed) {
    const allow = [...known].join(', ');
    const refuse = (method: string): never => {
      throw new ApiError(405, `${method} is not possible here. This path takes ${allow}.`, {
        code: 'method_not_allowed',
        headers: { allow },
      });
    };
    app.route({
      url,
      method: methods.filter((method) => !known.has(method)),
      onRequest: (request, _reply, done) => {
        refuse(request.method);
        done();
      },
      handler: (request) => refuse(request.method),
    });
  }
}
