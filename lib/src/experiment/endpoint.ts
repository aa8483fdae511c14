// From the endpoint section of an experiment to a client that answers.
import type OpenAI from 'openai';
import { ConfigError } from '../core/errors.js';
import {
  classifyFailure,
  createOpenAIClient,
  toModelError,
  withRequestSignal,
  withRetries,
  type RetryPolicy,
} from '../model/index.js';
import type { ExperimentConfig } from './config.js';
import { embeddedSeedHash, startEmbeddedServer } from './embedded.js';

/** A server that has answered. */
export interface ConnectedEndpoint {
  client: OpenAI;
  identityOf: (model: string) => string;
  close: () => Promise<void>;
}

/** What stands behind an endpoint, whatever its port or pace: for the embedded one, the weights of its seed. */
export async function serverIdentity(endpoint: ExperimentConfig['endpoint']): Promise<string> {
  if (endpoint.provider === 'embedded') return `embedded:${await embeddedSeedHash()}`;
  return endpoint.identity ?? endpoint.baseUrl.replace(/\/+$/, '');
}

/** How patient a run is with a server that answered before. */
export const RUN_RETRIES: RetryPolicy = { maxAttempts: 6, firstWaitMs: 500, longestWaitMs: 15_000 };
/** How patient it is at the start, when a wrong address is the likeliest reason. */
const FIRST_CONTACT_RETRIES: RetryPolicy = { maxAttempts: 2, firstWaitMs: 300, longestWaitMs: 300 };

/**
 * Starts the embedded server or contacts the one that the config names.
 * @throws ConfigError when the key is missing, ModelError when no server answers
 */
export async function connectEndpoint(
  config: ExperimentConfig,
  { environment, signal }: { environment: NodeJS.ProcessEnv; signal: AbortSignal },
): Promise<ConnectedEndpoint> {
  const { endpoint } = config;
  const identity = await serverIdentity(endpoint);
  const identityOf = (model: string): string => `${identity}:${model}`;
  if (endpoint.provider === 'embedded') {
    const server = await startEmbeddedServer(endpoint);
    const client = createOpenAIClient({
      baseUrl: server.baseUrl,
      apiKey: undefined,
      timeoutMs: endpoint.timeoutMs,
    });
    return { client, identityOf, close: server.close };
  }
  const apiKey = readApiKey(endpoint.apiKeyEnv, environment);
  const { baseUrl, timeoutMs } = endpoint;
  const client = createOpenAIClient({ baseUrl, apiKey, timeoutMs });
  await contact(client, signal);
  return { client, identityOf, close: () => Promise.resolve() };
}

function readApiKey(name: string | undefined, environment: NodeJS.ProcessEnv): string | undefined {
  if (name === undefined) return undefined;
  const key = environment[name];
  if (key !== undefined && key !== '') return key;
  throw new ConfigError({
    subject: 'endpoint.apiKeyEnv',
    expected: `an environment variable ${name} that holds the key`,
    received: 'none',
    remedy: `Set it: export ${name}=…, or remove endpoint.apiKeyEnv for a server that wants no key.`,
  });
}

/** Two cheap questions, so that a wrong address or key, or a server that cannot train, is found before anything is paid for. */
async function contact(client: OpenAI, signal: AbortSignal): Promise<void> {
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
      const failure = toModelError(thrown, `endpoint.baseUrl ${client.baseURL}`);
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
