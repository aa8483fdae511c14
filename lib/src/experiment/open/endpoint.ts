// Connects to the servers that the endpoint section of an experiment names.
import type { RetryPolicy } from '../../core/backoff.js';
import { Secrets } from '../../core/secrets.js';
import {
  connectServers,
  type ConnectOptions,
  type EngineListener,
  type OpenAIEndpoint,
} from '../../model/index.js';
import { needsTrainingServer } from '../../finetune/index.js';
import type { RunInputs } from '../../schema/manifest.js';
import { generatingModels } from '../../generate/index.js';
import { readApiKey } from './api-key.js';
import { askedModels, type ExperimentConfig } from '../config/config.js';
import type { EndpointConfig } from '../config/endpoint-config.js';
import { embeddedSeedHashes, startEmbeddedServer } from './embedded.js';
import { contactServers } from './first-contact.js';

/** A server that has answered. */
export interface ConnectedEndpoint {
  endpoint: OpenAIEndpoint;
  /** Endpoints of models that other servers answer for, by model. They are closed with this one. */
  others: Map<string, OpenAIEndpoint>;
  /** Opens an endpoint at another address, where a trainer serves its models. It is closed with this one. */
  openElsewhere: (baseUrl: string) => OpenAIEndpoint;
  /** Removes keys from texts of servers. */
  redact: (text: string) => string;
  close: () => Promise<void>;
}

/** What the servers are needed for. */
export interface ServerDemands {
  /** The models that are going to be asked. */
  models: readonly string[];
  /** Whether one of the servers has to train. */
  needsTraining: boolean;
}

/** What connecting needs besides the experiment. */
export interface ConnectSurroundings {
  environment: NodeJS.ProcessEnv;
  /** The experiment file; relative paths in it are taken from its folder. */
  configPath: string;
  /** Where an embedded model is kept for which the experiment names no folder. Default: `.autodidact/embedded`. */
  embeddedFolder?: string | undefined;
  onEvent: EngineListener;
  /** Called with warnings for the user. */
  onWarning: (message: string) => void;
  signal: AbortSignal;
  demands: ServerDemands;
}

/** The addresses of an endpoint, without a slash at the end. */
export function baseUrlsOf({ baseUrl }: { baseUrl: string | string[] }): string[] {
  return [baseUrl].flat().map((url) => url.replace(/\/+$/, ''));
}

/** Identifies the server behind an experiment's endpoint, whatever its port or pace: for the embedded one, by the weights of its seeds. */
export async function serverIdentity({ endpoint, model, generate }: ExperimentConfig): Promise<string> {
  if (endpoint.provider !== 'embedded') return identityIn(endpoint);
  return `embedded:${await embeddedSeedHashes([model, ...generatingModels(generate, model)])}`;
}

/** Identifies the servers of models that other servers answer for; empty if there are none. */
export function otherServers(endpoint: EndpointConfig): Pick<RunInputs, 'otherServers'> {
  const others = endpoint.provider === 'openai' ? Object.entries(endpoint.otherModels) : [];
  if (others.length === 0) return {};
  return { otherServers: Object.fromEntries(others.map(([model, other]) => [model, identityIn(other)])) };
}

/** Identifies servers that no setting names otherwise: by their addresses. */
export function identityIn({
  identity,
  baseUrl,
}: {
  identity?: string | undefined;
  baseUrl: string | string[];
}): string {
  return identity ?? baseUrlsOf({ baseUrl }).join(',');
}

/** Identifies the server of models that a trainer serves: by the trainer's name for it, or by its address. */
export function trainedIdentity({ finetune: { trainer } }: ExperimentConfig, baseUrl: string): string {
  const identity = trainer.backend === 'command' ? trainer.identity : undefined;
  return identityIn({ identity, baseUrl });
}

/** Retries of the rare calls of a run: files, jobs, batches. */
export const RUN_RETRIES: RetryPolicy = { maxAttempts: 6, firstWaitMs: 500, longestWaitMs: 15_000 };

/**
 * Starts the embedded server or contacts the one that the config names.
 * @throws ConfigError when the key is missing, ModelError when no server answers
 */
export async function connectEndpoint(
  config: ExperimentConfig,
  {
    environment,
    configPath,
    embeddedFolder = '.autodidact/embedded',
    onEvent,
    onWarning,
    signal,
    demands,
  }: ConnectSurroundings,
): Promise<ConnectedEndpoint> {
  const { endpoint: settings } = config;
  const identity = await serverIdentity(config);
  const { concurrency, timeoutMs } = settings;
  const identityOf = (address: string): string => trainedIdentity(config, address);
  const common = { identity, concurrency, timeoutMs, onEvent };
  if (settings.provider === 'embedded') {
    const { stateFolder = embeddedFolder, workers } = settings;
    const server = await startEmbeddedServer({ stateFolder, workers });
    const usual = { ...common, baseUrls: [server.baseUrl], apiKey: undefined };
    return withOthers(connectServers(usual), usual, { identityOf, closeServer: server.close });
  }
  const { apiKey, warning } = await readApiKey(settings, { environment, configPath });
  if (warning !== null) onWarning(warning);
  const others = Object.entries(settings.otherModels);
  const otherKeys = new Map<string, string | undefined>();
  for (const [model, other] of others)
    otherKeys.set(model, (await readApiKey(other, { environment, configPath })).apiKey);
  const keys = [apiKey, ...otherKeys.values()].filter((key) => key !== undefined);
  const { redact } = new Secrets(keys);
  const { requestsPerMinute, tokensPerMinute, giveUpAfterMs, maxTimeouts } = settings;
  const retries = { maxTimeouts };
  const rates: Partial<ConnectOptions> = { requestsPerMinute, tokensPerMinute, giveUpAfterMs, retries };
  const usual: ConnectOptions = {
    ...common,
    ...rates,
    baseUrls: baseUrlsOf(settings),
    apiKey,
    environment,
    redact,
  };
  const connected = withOthers(connectServers(usual), usual, { identityOf });
  try {
    const contact = { redact, onWarning, signal };
    const { models: wanted, needsTraining } = demands;
    const models = wanted.filter((model) => !otherKeys.has(model));
    await contactServers(connected.endpoint, { ...contact, baseUrls: usual.baseUrls, models, needsTraining });
    for (const [model, other] of others) {
      const baseUrls = baseUrlsOf(other);
      const opened = connected.open({ baseUrls, identity: identityIn(other), apiKey: otherKeys.get(model) });
      connected.others.set(model, opened);
      if (!wanted.includes(model)) continue;
      await contactServers(opened, { ...contact, baseUrls, models: [model], needsTraining: false });
    }
  } catch (thrown) {
    await connected.close();
    throw thrown;
  }
  return connected;
}

/** An endpoint that can open others beside it. */
function withOthers(
  endpoint: OpenAIEndpoint,
  usual: ConnectOptions,
  { identityOf, closeServer }: { identityOf: (baseUrl: string) => string; closeServer?: () => Promise<void> },
): ConnectedEndpoint & {
  open: (its: Pick<ConnectOptions, 'baseUrls' | 'identity' | 'apiKey'>) => OpenAIEndpoint;
} {
  const opened: OpenAIEndpoint[] = [];
  const elsewhere = new Map<string, OpenAIEndpoint>();
  const origins = usual.baseUrls.map((url) => new URL(url).origin);
  const open = (its: Pick<ConnectOptions, 'baseUrls' | 'identity' | 'apiKey'>): OpenAIEndpoint => {
    const other = connectServers({ ...usual, ...its });
    opened.push(other);
    return other;
  };
  return {
    endpoint,
    others: new Map(),
    open,
    openElsewhere: (address) => {
      const [baseUrl = address] = baseUrlsOf({ baseUrl: address });
      // The address comes from a trainer's log: a key is sent only to servers that the experiment names.
      const apiKey = origins.includes(new URL(baseUrl).origin) ? usual.apiKey : undefined;
      // Several models of one server share its connections and its pace.
      const other =
        elsewhere.get(baseUrl) ?? open({ baseUrls: [baseUrl], identity: identityOf(baseUrl), apiKey });
      elsewhere.set(baseUrl, other);
      return other;
    },
    redact: usual.redact ?? ((text) => text),
    close: async () => {
      for (const each of [...opened, endpoint]) await each.close();
      await closeServer?.();
    },
  };
}

/** What a run of an experiment needs servers for. */
export function demandsOf(config: ExperimentConfig): ServerDemands {
  const needsTraining = config.iterations > 0 && needsTrainingServer(config.finetune.trainer);
  return { models: askedModels(config), needsTraining };
}
