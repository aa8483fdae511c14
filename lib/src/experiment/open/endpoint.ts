// Connects to the servers that the endpoint section of an experiment names.
import { own } from '../../core/own.js';
import type { RetryPolicy } from '../../core/backoff.js';
import { AutodidactError, ConfigError, ModelError } from '../../core/errors.js';
import { contentHash } from '../../core/hash.js';
import { Secrets } from '../../core/secrets.js';
import {
  connectServers,
  extraBodyOf,
  type ConnectOptions,
  type EngineListener,
  type ExtraBody,
  type OpenAIEndpoint,
  type RequestExtras,
} from '../../model/index.js';
import { needsTrainingServer } from '../../finetune/index.js';
import type { RunInputs } from '../../schema/manifest.js';
import { generatingModels } from '../../generate/index.js';
import { readAccess, readApiKey } from './api-key.js';
import { askedModels, type ExperimentConfig } from '../config/config.js';
import type { EndpointConfig } from '../config/endpoint-config.js';
import { embeddedSeedHashes, startEmbeddedServer } from './embedded.js';
import { contactServers, type Contact, type ContactOptions } from './first-contact.js';

/** A server that has answered. */
export interface ConnectedEndpoint {
  endpoint: OpenAIEndpoint;
  /** Endpoints of models that other servers answer for, by model. They are closed with this one. */
  others: Map<string, OpenAIEndpoint>;
  /** Opens an endpoint at another address, where a trainer serves its models. It is closed with this one. */
  openElsewhere: (baseUrl: string) => OpenAIEndpoint;
  /** What the servers of each model answered at first; empty for the embedded one. */
  contacts: Contact[];
  /** Removes keys from texts of servers. */
  redact: (text: string) => string;
  /** What settings add to requests. */
  extras: RequestExtras;
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

/** Identifies the servers of models that other servers answer for, or that get an extra body of their own; empty if there are none. */
export function otherServers(endpoint: EndpointConfig): Pick<RunInputs, 'otherServers'> {
  if (endpoint.provider !== 'openai') return {};
  const names = [...Object.keys(endpoint.models), ...Object.keys(endpoint.otherModels)];
  const others = names.flatMap((model): [string, string][] => {
    const identity = otherIdentity(endpoint, model);
    return identity === null ? [] : [[model, identity]];
  });
  return others.length === 0 ? {} : { otherServers: Object.fromEntries(others) };
}

/** Identifies the servers of a model where they or its extra body are not those of the endpoint; null where they are. */
export function otherIdentity(endpoint: EndpointConfig, model: string): string | null {
  if (endpoint.provider !== 'openai') return null;
  const { otherModels, models } = endpoint;
  const other = own(otherModels, model);
  if (other !== undefined) return identityIn(other);
  const extraBody = own(models, model)?.extraBody;
  return extraBody === undefined
    ? null
    : identityIn({ ...endpoint, extraBody: { ...endpoint.extraBody, ...extraBody } });
}

/** The further fields of requests for a model, wherever it is served. */
export function extraBodyFor(endpoint: EndpointConfig, model: string): ExtraBody {
  if (endpoint.provider !== 'openai') return {};
  const { otherModels } = endpoint;
  return extraBodyOf(own(otherModels, model) ?? endpoint, model);
}

/**
 * Identifies servers that no setting names otherwise: by their addresses. A query and an extra body can change what is answered, so they
 * are a part of it; headers say who asks.
 */
export function identityIn({
  identity,
  baseUrl,
  query,
  queryEnv,
  extraBody,
}: {
  identity?: string | undefined;
  baseUrl: string | string[];
  query?: object | undefined;
  queryEnv?: object | undefined;
  extraBody?: ExtraBody | undefined;
}): string {
  const servers = identity ?? baseUrlsOf({ baseUrl }).join(',');
  // Empty ones say nothing.
  const extras = Object.entries({ query, queryEnv, extraBody }).filter(
    ([, fields]) => Object.keys(fields ?? {}).length > 0,
  );
  return extras.length === 0 ? servers : `${servers}#${contentHash(extras).slice(0, 16)}`;
}

/** Identifies the server of models that a trainer serves: by the trainer's name for it or by its address, and by the extra body. */
export function trainedIdentity({ finetune, endpoint }: ExperimentConfig, baseUrl: string): string {
  const { trainer } = finetune;
  const identity = trainer.backend === 'command' ? trainer.identity : undefined;
  const extraBody = 'extraBody' in endpoint ? endpoint.extraBody : undefined;
  return identityIn({ identity, baseUrl, extraBody });
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
  const access = readAccess(settings, environment);
  const otherAccess = new Map<string, RequestExtras & { apiKey: string | undefined }>();
  for (const [model, other] of others) {
    const { apiKey: otherKey } = await readApiKey(other, { environment, configPath });
    const { extraBody, contextLength } = other;
    otherAccess.set(model, { ...readAccess(other, environment), extraBody, contextLength, apiKey: otherKey });
  }
  const keys = [{ apiKey, ...access }, ...otherAccess.values()].flatMap((its) =>
    [its.apiKey ?? [], its.secrets ?? []].flat(),
  );
  const { redact } = new Secrets(keys);
  const { requestsPerMinute, tokensPerMinute, giveUpAfterMs, maxTimeouts } = settings;
  const retries = { maxTimeouts };
  const rates: Partial<ConnectOptions> = { requestsPerMinute, tokensPerMinute, giveUpAfterMs, retries };
  const { extraBody, contextLength, fitToContext } = settings;
  const usual: ConnectOptions = {
    ...common,
    ...rates,
    ...access,
    extraBody,
    contextLength,
    fitToContext,
    models: Object.fromEntries(
      Object.entries(settings.models).map(([model, extras]) => {
        const own = otherIdentity(settings, model);
        return [model, own === null ? extras : { ...extras, identity: own }];
      }),
    ),
    baseUrls: baseUrlsOf(settings),
    apiKey,
    environment,
    redact,
  };
  const connected = withOthers(connectServers(usual), usual, { identityOf });
  try {
    const failures: AutodidactError[] = [];
    const contact = async (its: OpenAIEndpoint, asked: ContactTargets): Promise<void> => {
      const options = { ...asked, redact, onWarning, signal, giveUpAfterMs };
      try {
        connected.contacts.push(...(await contactServers(its, options)));
      } catch (thrown) {
        signal.throwIfAborted();
        if (!(thrown instanceof AutodidactError)) throw thrown;
        failures.push(thrown);
      }
    };
    const { models: wanted, needsTraining } = demands;
    const models = wanted.filter((model) => !otherAccess.has(model));
    await contact(connected.endpoint, { baseUrls: usual.baseUrls, models, needsTraining });
    for (const [model, other] of others) {
      const baseUrls = baseUrlsOf(other);
      const opened = connected.open({
        ...NO_EXTRAS,
        ...otherAccess.get(model),
        baseUrls,
        identity: identityIn(other),
      });
      connected.others.set(model, opened);
      if (wanted.includes(model)) await contact(opened, { baseUrls, models: [model], needsTraining: false });
    }
    if (failures.length > 0) throw allOf(failures);
  } catch (thrown) {
    await connected.close();
    throw thrown;
  }
  return connected;
}

type ContactTargets = Pick<ContactOptions, 'baseUrls' | 'models' | 'needsTraining'>;

/** One failure that names all; what only a user can fix comes first, since waiting for servers would not help. */
function allOf(failures: readonly AutodidactError[]): AutodidactError {
  const [first, ...others] = failures.toSorted(
    (one, other) => Number(one instanceof ModelError) - Number(other instanceof ModelError),
  );
  if (!first) throw new RangeError('failures: expected at least one');
  if (others.length === 0) return first;
  const { subject, expected, remedy } = first;
  const further = others.map((other) => `${other.subject}: ${other.received ?? other.message}`);
  const received = [first.received ?? '', ...further].join('; ');
  const parts = { subject, expected, received, remedy, cause: first };
  if (!(first instanceof ModelError)) return new ConfigError(parts);
  const { scope, code, attempts } = first;
  return new ModelError({ ...parts, scope, code, attempts });
}

/** Of an endpoint beside the usual one, whose pace it has. */
type OtherOptions = Pick<ConnectOptions, 'baseUrls' | 'identity'> & Partial<ConnectOptions>;
/** What the usual servers get and others do not. */
const NO_EXTRAS: RequestExtras = {
  headers: {},
  query: {},
  extraBody: {},
  contextLength: undefined,
  models: {},
};

/** An endpoint that can open others beside it. */
function withOthers(
  endpoint: OpenAIEndpoint,
  usual: ConnectOptions,
  { identityOf, closeServer }: { identityOf: (baseUrl: string) => string; closeServer?: () => Promise<void> },
): ConnectedEndpoint & { open: (its: OtherOptions) => OpenAIEndpoint } {
  const opened: OpenAIEndpoint[] = [];
  const elsewhere = new Map<string, OpenAIEndpoint>();
  const origins = usual.baseUrls.map((url) => new URL(url).origin);
  const open = (its: OtherOptions): OpenAIEndpoint => {
    const other = connectServers({ ...usual, ...its });
    opened.push(other);
    return other;
  };
  return {
    endpoint,
    others: new Map(),
    contacts: [],
    open,
    openElsewhere: (address) => {
      const [baseUrl = address] = baseUrlsOf({ baseUrl: address });
      // The address comes from a trainer's log: a key is sent only to servers that the experiment names.
      const { apiKey, headers, query } = origins.includes(new URL(baseUrl).origin)
        ? usual
        : { apiKey: undefined, headers: {}, query: {} };
      // Several models of one server share its connections and its pace.
      const identity = identityOf(baseUrl);
      const other =
        elsewhere.get(baseUrl) ?? open({ baseUrls: [baseUrl], identity, apiKey, headers, query, models: {} });
      elsewhere.set(baseUrl, other);
      return other;
    },
    redact: usual.redact ?? ((text) => text),
    extras: usual,
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
