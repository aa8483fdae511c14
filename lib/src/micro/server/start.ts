// Starts a server of the embedded model: real engine, real trainer, listening.
import { ConfigError, messageOf } from '../../core/errors.js';
import { makeFolder } from '../../core/files.js';
import { createSamplingEngine } from '../sampling-engine.js';
import { preferenceTune } from '../preference-trainer.js';
import { reinforcementTune } from '../reinforcement-trainer.js';
import { OTHER_SEED_CHECKPOINTS, SEED_CHECKPOINT_PATH } from '../seed-model.js';
import { fineTune } from '../trainer.js';
import { createServer } from './app.js';
import { describeCheckpoint } from './describe-checkpoint.js';
import { isLoopback } from './guards.js';

/** How to serve. */
export interface StartServerOptions {
  /** Where jobs, files and models are kept; several servers of one machine may share it. */
  stateFolder: string;
  /** Default 127.0.0.1. Other machines can only be served with an API key. */
  host?: string;
  /** Default 0: any free port. */
  port?: number;
  apiKey?: string;
  /** Threads that sample, and threads that train. Default: as the engine and the trainer choose. */
  nWorkers?: number;
  /** A seed in place of the seeds in the package. Default: the seeds in the package. */
  seedCheckpointPath?: string;
}

/** A server that listens. */
export interface RunningServer {
  /** Where the API begins: `http://127.0.0.1:<port>/v1`. */
  baseUrl: string;
  /** Stops listening, training and sampling; unfinished jobs are given back to the state folder. */
  close: () => Promise<void>;
}

/**
 * Starts a server.
 * @throws ConfigError when the address cannot be used, or is reachable by others and there is no API key
 * @throws DataError when the seed checkpoint or the state folder cannot be used
 */
export async function startServer(options: StartServerOptions): Promise<RunningServer> {
  const { stateFolder, host = '127.0.0.1', port = 0, apiKey, nWorkers } = options;
  checkAccess(host, apiKey);
  await makeFolder(stateFolder);
  const threads = nWorkers === undefined ? {} : { nWorkers };
  const engine = createSamplingEngine(threads);
  try {
    const app = await createServer({
      engine,
      fineTune: (request, run) => fineTune(request, { ...run, ...threads }),
      preferenceTune: (request, run) => preferenceTune(request, { ...run, ...threads }),
      reinforcementTune: (request, run) => reinforcementTune(request, { ...run, ...threads }),
      describeCheckpoint,
      stateFolder,
      ...(options.seedCheckpointPath === undefined
        ? { seedCheckpointPath: SEED_CHECKPOINT_PATH, otherSeeds: OTHER_SEED_CHECKPOINTS }
        : { seedCheckpointPath: options.seedCheckpointPath }),
      host,
      ...(apiKey === undefined ? {} : { apiKey }),
      report: (failure) => process.stderr.write(`server of the embedded model: ${messageOf(failure)}\n`),
    });
    const boundPort = await app.listen({ host, port }).catch(async (cause: unknown) => {
      await app.close();
      throw unusableAddress(host, port, cause);
    });
    return {
      baseUrl: `http://${reachableName(host)}:${boundPort}/v1`,
      close: async () => {
        await app.close();
        await engine.close();
      },
    };
  } catch (thrown) {
    await engine.close();
    throw thrown;
  }
}

function checkAccess(host: string, apiKey: string | undefined): void {
  if (apiKey === '') {
    throw new ConfigError({
      subject: 'API key of the server',
      expected: 'a non-empty text',
      received: 'an empty one',
      remedy: 'Set a key, or leave it out to serve this machine only.',
    });
  }
  if (apiKey !== undefined || isLoopback(host)) return;
  throw new ConfigError({
    subject: 'host of the server',
    expected: 'a loopback address, since there is no API key',
    received: host,
    remedy: 'Use 127.0.0.1, or set an API key to let other machines in.',
  });
}

function unusableAddress(host: string, port: number, cause: unknown): ConfigError {
  return new ConfigError({
    subject: 'address of the server',
    expected: 'an address of this machine with a free port',
    received: `${host}:${port} (${messageOf(cause)})`,
    remedy: 'Choose another port, or port 0 for any free one.',
    cause,
  });
}

/** A name under which this machine reaches a server bound to `host`. */
function reachableName(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
}
