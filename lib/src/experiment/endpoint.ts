// From the endpoint section of an experiment to an endpoint that answers.
import type OpenAI from 'openai';
import { ConfigError } from '../core/errors.js';
import { Secrets } from '../core/secrets.js';
import {
  classifyFailure,
  connectServers,
  toModelError,
  withRequestSignal,
  withRetries,
  type ConnectOptions,
  type EngineListener,
  type OpenAIEndpoint,
  type RetryPolicy,
} from '../model/index.js';
import { readApiKey } from './api-key.js';
import type { ExperimentConfig } from './config.js';
import { embeddedSeedHash, startEmbeddedServer } from './embedded.js';

/** A server that has answered. */
export interface ConnectedEndpoint {
  endpoint: OpenAIEndpoint;
  /** Takes the key out of texts that came from servers. */
  redact: (text: string) => string;
  close: () => Promise<void>;
}

/** What connecting needs besides the experiment. */
export interface ConnectSurroundings {
  environment: NodeJS.ProcessEnv;
  /** The experiment file; relative paths in it are taken from its folder. */
  configPath: string;
  onEvent: EngineListener;
  /** Told of what the user should know. */
  onWarning: (message: string) => void;
  signal: AbortSignal;
}

/** The addresses of an endpoint, without a slash at the end. */
export function baseUrlsOf({ baseUrl }: { baseUrl: string | string[] }): string[] {
  return [baseUrl].flat().map((url) => url.replace(/\/+$/, ''));
}

/** What stands behind an endpoint, whatever its port or pace: for the embedded one, the weights of its seed. */
export async function serverIdentity(endpoint: ExperimentConfig['endpoint']): Promise<string> {
  if (endpoint.provider === 'embedded') return `embedded:${await embeddedSeedHash()}`;
  return endpoint.identity ?? baseUrlsOf(endpoint).join(',');
}

/** How patient a run is with the calls that are rare: files, jobs, batches. */
export const RUN_RETRIES: RetryPolicy = { maxAttempts: 6, firstWaitMs: 500, longestWaitMs: 15_000 };
/** How patient it is at the start, when a wrong address is the likeliest reason. */
const FIRST_CONTACT_RETRIES: RetryPolicy = { maxAttempts: 2, firstWaitMs: 300, longestWaitMs: 300 };

/**
 * Starts the embedded server or contacts the one that the config names.
 * @throws ConfigError when the key is missing, ModelError when no server answers
 */
export async function connectEndpoint(
  config: ExperimentConfig,
  { environment, configPath, onEvent, onWarning, signal }: ConnectSurroundings,
): Promise<ConnectedEndpoint> {
  const { endpoint: settings } = config;
  const identity = await serverIdentity(settings);
  const { concurrency, timeoutMs } = settings;
  const common = { identity, concurrency, timeoutMs, onEvent };
  if (settings.provider === 'embedded') {
    const server = await startEmbeddedServer(settings);
    const endpoint = connectServers({ ...common, baseUrls: [server.baseUrl], apiKey: undefined });
    const close = async (): Promise<void> => {
      await endpoint.close();
      await server.close();
    };
    return { endpoint, redact: (text) => text, close };
  }
  const { apiKey, warning } = await readApiKey(settings, { environment, configPath });
  if (warning !== null) onWarning(warning);
  const { redact } = new Secrets(apiKey === undefined ? [] : [apiKey]);
  const { requestsPerMinute, tokensPerMinute, giveUpAfterMs, maxTimeouts } = settings;
  const patience = { maxTimeouts };
  const rates: Partial<ConnectOptions> = { requestsPerMinute, tokensPerMinute, giveUpAfterMs, patience };
  const endpoint = connectServers({
    ...common,
    ...rates,
    baseUrls: baseUrlsOf(settings),
    apiKey,
    environment,
    redact,
  });
  try {
    await contact(await endpoint.openClient(), { redact, signal });
  } catch (thrown) {
    await endpoint.close();
    throw thrown;
  }
  return { endpoint, redact, close: () => endpoint.close() };
}

/** Two cheap questions, so that a wrong address or key, or a server that cannot train, is found before anything is paid for. */
async function contact(
  client: OpenAI,
  { redact, signal }: { redact: (text: string) => string; signal: AbortSignal },
): Promise<void> {
  const ask = async (question: (requestSignal: AbortSignal) => Promise<unknown>): Promise<unknown> => {
    try {
      const { result } = await withRetries(() => withRequestSignal(signal, question), {
        policy: FIRST_CONTACT_RETRIES,
        classify: classifyFailure,
        label: 'first contact',
        signal,
      });
      return result;
    } catch (thrown) {
      signal.throwIfAborted();
      const failure = toModelError(thrown, { subject: `endpoint.baseUrl ${client.baseURL}`, redact });
      if (failure.code === 'http-404' || failure.code === 'http-405') return null;
      throw failure;
    }
  };
  // Some servers offer no list of models; only a wrong address, key or server is a reason to stop.
  await ask((requestSignal) => client.models.list({ signal: requestSignal }));
  const jobs = await ask((requestSignal) =>
    client.fineTuning.jobs.list({ limit: 1 }, { signal: requestSignal }),
  );
  if (typeof jobs === 'object' && jobs !== null && 'data' in jobs && Array.isArray(jobs.data)) return;
  throw new ConfigError({
    subject: `endpoint.baseUrl ${client.baseURL}`,
    expected: 'a server that also trains: GET /fine_tuning/jobs with a list of jobs',
    received: jobs === null ? 'not found' : 'something else',
    remedy:
      'Check that the address ends where the API begins, mostly in /v1, and that this server offers fine-tuning.',
  });
}
