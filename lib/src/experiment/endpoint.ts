// From the endpoint section of an experiment to a client that answers.
import type OpenAI from 'openai';
import { ConfigError } from '../core/errors.js';
import {
  classifyFailure,
  createOpenAIClient,
  toModelError,
  withRetries,
  type RetryPolicy,
} from '../model/index.js';
import type { ExperimentConfig } from './config.js';
import { startEmbeddedServer } from './embedded.js';

/** A server that has answered. */
export interface ConnectedEndpoint {
  client: OpenAI;
  identityOf: (model: string) => string;
  close: () => Promise<void>;
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
  if (endpoint.provider === 'embedded') {
    const server = await startEmbeddedServer(endpoint);
    const client = createOpenAIClient({
      baseUrl: server.baseUrl,
      apiKey: undefined,
      timeoutMs: endpoint.timeoutMs,
    });
    return { client, identityOf: server.identityOf, close: server.close };
  }
  const apiKey = readApiKey(endpoint.apiKeyEnv, environment);
  const { baseUrl, timeoutMs } = endpoint;
  const client = createOpenAIClient({ baseUrl, apiKey, timeoutMs });
  await contact(client, signal);
  const identity = endpoint.identity ?? baseUrl.replace(/\/+$/, '');
  return { client, identityOf: (model) => `${identity}:${model}`, close: () => Promise.resolve() };
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

/** One cheap question, so that a wrong address or key is found before anything is written. */
async function contact(client: OpenAI, signal: AbortSignal): Promise<void> {
  try {
    await withRetries(() => client.models.list({ signal }), {
      policy: FIRST_CONTACT_RETRIES,
      classify: classifyFailure,
      label: 'first contact',
      signal,
    });
  } catch (thrown) {
    signal.throwIfAborted();
    const failure = toModelError(thrown, `endpoint.baseUrl ${client.baseURL}`);
    // Some servers offer no list of models; any other answer than "not found" is a reason to stop.
    if (failure.code !== 'http-404' && failure.code !== 'http-405') throw failure;
  }
}
