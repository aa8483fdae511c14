// From the endpoint section of an experiment to an endpoint that answers.
import { Secrets } from '../core/secrets.js';
import {
  connectServers,
  type ConnectOptions,
  type EngineListener,
  type OpenAIEndpoint,
  type RetryPolicy,
} from '../model/index.js';
import { generatingModels } from '../generate/index.js';
import { readApiKey } from './api-key.js';
import type { ExperimentConfig } from './config.js';
import { embeddedSeedHash, startEmbeddedServer } from './embedded.js';
import { contactServers } from './first-contact.js';

/** A server that has answered. */
export interface ConnectedEndpoint {
  endpoint: OpenAIEndpoint;
  /** The same at another address, where a trainer serves what it made. It is closed with this one. */
  openElsewhere: (baseUrl: string) => OpenAIEndpoint;
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

/** Whether the server that answers must offer fine-tuning jobs in the OpenAI way. */
export function needsTrainingServer({ finetune: { trainer } }: ExperimentConfig): boolean {
  return trainer.backend === 'openai' && trainer.flavour === 'openai';
}

/** How patient a run is with the calls that are rare: files, jobs, batches. */
export const RUN_RETRIES: RetryPolicy = { maxAttempts: 6, firstWaitMs: 500, longestWaitMs: 15_000 };

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
    const usual = { ...common, baseUrls: [server.baseUrl], apiKey: undefined };
    return withOthers(connectServers(usual), usual, { closeServer: server.close });
  }
  const { apiKey, warning } = await readApiKey(settings, { environment, configPath });
  if (warning !== null) onWarning(warning);
  const { redact } = new Secrets(apiKey === undefined ? [] : [apiKey]);
  const { requestsPerMinute, tokensPerMinute, giveUpAfterMs, maxTimeouts } = settings;
  const patience = { maxTimeouts };
  const rates: Partial<ConnectOptions> = { requestsPerMinute, tokensPerMinute, giveUpAfterMs, patience };
  const baseUrls = baseUrlsOf(settings);
  const usual: ConnectOptions = { ...common, ...rates, baseUrls, apiKey, environment, redact };
  const endpoint = connectServers(usual);
  try {
    const models = [...new Set([config.model, ...generatingModels(config.generate, config.model)])];
    const mustTrain = needsTrainingServer(config);
    await contactServers(endpoint, { baseUrls, models, mustTrain, redact, onWarning, signal });
  } catch (thrown) {
    await endpoint.close();
    throw thrown;
  }
  return withOthers(endpoint, usual, {});
}

/** An endpoint that can open others beside it. */
function withOthers(
  endpoint: OpenAIEndpoint,
  usual: ConnectOptions,
  { closeServer }: { closeServer?: () => Promise<void> },
): ConnectedEndpoint {
  const others: OpenAIEndpoint[] = [];
  const origins = usual.baseUrls.map((url) => new URL(url).origin);
  return {
    endpoint,
    redact: usual.redact ?? ((text) => text),
    openElsewhere: (address) => {
      const [baseUrl = address] = baseUrlsOf({ baseUrl: address });
      // The address comes out of a trainer's log: a key goes to none but the servers that the experiment names.
      const apiKey = origins.includes(new URL(baseUrl).origin) ? usual.apiKey : undefined;
      const other = connectServers({ ...usual, baseUrls: [baseUrl], identity: baseUrl, apiKey });
      others.push(other);
      return other;
    },
    close: async () => {
      for (const each of [...others, endpoint]) await each.close();
      await closeServer?.();
    },
  };
}
