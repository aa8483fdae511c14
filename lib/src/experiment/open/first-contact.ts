// The first requests to the servers of an endpoint, so that their problems are found before anything is paid for. Only what a run needs
// can stop it: many gateways refuse lists to keys that may chat (LiteLLM without a database, restricted keys of OpenAI).
import type OpenAI from 'openai';
import { growingPauseMs, type PauseGrowth, type RetryPolicy } from '../../core/backoff.js';
import { ConfigError, ModelError } from '../../core/errors.js';
import { pause } from '../../core/pause.js';
import { AWAY_CODES } from '../../model/attempt-failure.js';
import { listedWindow, OpenAICaller, type OpenAIEndpoint } from '../../model/index.js';
import { requireModels } from './model-names.js';

/** Retries at the start of a run, when a wrong address is the likeliest cause of a failure. */
const FIRST_CONTACT_RETRIES: RetryPolicy = { maxAttempts: 2, firstWaitMs: 300, longestWaitMs: 300 };

/** Pauses between requests to a server that is loading its model. */
const LOADING_PAUSES: PauseGrowth = { firstWaitMs: 250, longestWaitMs: 5000 };

/** Which servers are contacted, and what for. */
export interface ContactOptions {
  /** Of the endpoint's servers, in the order of the config. */
  baseUrls: readonly string[];
  /** Models that each of them should serve. */
  models: readonly string[];
  /** Whether one of them has to train. */
  needsTraining: boolean;
  /** How long a server that is loading its model is waited for, in milliseconds. */
  giveUpAfterMs: number;
  redact: (text: string) => string;
  onWarning: (message: string) => void;
  signal: AbortSignal;
}

/** What one server answered. */
export interface Contact {
  baseUrl: string;
  /** The models that it was contacted for. */
  asked: readonly string[];
  /** Why it cannot be used; null if it answered anything. */
  failure: ModelError | null;
  /** The models that it lists, by name, as it describes them; null if it lists none. */
  models: ReadonlyMap<string, object> | null;
  /** What it answered in place of a list of models; null if it gave one or has no such route. */
  noModels: string | null;
  /** The failure in place of a list of fine-tuning jobs; null if it gave one or was not asked. */
  noJobs: ConfigError | ModelError | null;
}

/**
 * Asks all servers for their models and, where training is needed, for their training jobs. A server that does not answer causes a
 * warning and may come back; one that does not list a model that another one lists is left out. The first that answers, and trains if
 * that is needed, is where training jobs and batches go. A model that no list has is tried with one token.
 * @throws ModelError when no server answers; ConfigError when training is needed and none that answers trains, or when a model is missing;
 *   the signal's reason when it aborts
 */
export async function contactServers(
  endpoint: OpenAIEndpoint,
  options: ContactOptions,
): Promise<readonly Contact[]> {
  const { baseUrls, needsTraining, onWarning } = options;
  const contacts = await askServers(endpoint, options);
  const answering = contacts.filter(({ failure }) => failure === null);
  const [first] = answering;
  if (!first) throw contacts[0]?.failure ?? new RangeError('baseUrls: expected at least one');
  for (const { baseUrl, failure, noModels } of contacts) {
    if (failure) onWarning(`the others are used until it answers: ${failure.message}`);
    if (noModels !== null)
      onWarning(
        `${baseUrl} does not list its models, so their names are not checked before the first request; GET /models: ${noModels}`,
      );
  }
  const lacking = answering.filter((one) => lacksModel(one, { contacts: answering, options }));
  for (const { baseUrl } of lacking) {
    endpoint.leaveOut(baseUrl);
    onWarning(`${baseUrl} is left out: it does not list ${options.models.join(' and ')}, as others do`);
  }
  const usable = answering.filter((one) => !lacking.includes(one));
  const training = needsTraining ? usable.find(({ noJobs }) => noJobs === null) : usable[0];
  if (!training) throw usable[0]?.noJobs ?? new RangeError('a server that lists jobs trains');
  endpoint.useForJobs(training.baseUrl);
  if (training.baseUrl !== baseUrls[0])
    onWarning(`training jobs and batches go to ${training.baseUrl}, not to ${baseUrls[0] ?? ''}`);
  await requireModels(endpoint, { ...options, contacts: usable });
  return contacts;
}

/** Asks all servers for their lists, which may tell the windows of models. @throws the signal's reason when it aborts */
export async function askServers(endpoint: OpenAIEndpoint, options: ContactOptions): Promise<Contact[]> {
  const contacts = await Promise.all(
    options.baseUrls.map(async (baseUrl) => contact(baseUrl, await endpoint.openClient(baseUrl), options)),
  );
  for (const { baseUrl, models } of contacts) {
    for (const [model, described] of models ?? []) {
      const tokens = listedWindow(described);
      if (tokens !== null) endpoint.learnWindow(baseUrl, { model, tokens });
    }
  }
  return contacts;
}

/** Whether it lists models, and not one that another server lists. */
function lacksModel(
  { models }: Contact,
  { contacts, options }: { contacts: readonly Contact[]; options: ContactOptions },
): boolean {
  if (models === null) return false;
  return options.models.some(
    (model) => !models.has(model) && contacts.some((other) => other.models?.has(model) === true),
  );
}

async function contact(baseUrl: string, client: OpenAI, options: ContactOptions): Promise<Contact> {
  const { redact, signal, needsTraining, models: asked } = options;
  const subject = `endpoint.baseUrl ${baseUrl}`;
  const caller = new OpenAICaller({ client, retry: FIRST_CONTACT_RETRIES, redact, subject });
  /** @throws ModelError when no server answers */
  const ask = async (question: (requestSignal: AbortSignal) => Promise<unknown>): Promise<ListAnswer> => {
    try {
      const answer = await askLoaded(caller, question, { ...options, baseUrl });
      return { list: listIn(answer), said: 'an answer that is no list', failure: null };
    } catch (thrown) {
      if (!(thrown instanceof ModelError) || isAway(thrown)) throw thrown;
      return { list: null, said: thrown.received ?? thrown.code, failure: thrown };
    }
  };
  const nothing = { baseUrl, asked, models: null, noModels: null, noJobs: null };
  try {
    const models = await ask((requestSignal) => client.models.list({ signal: requestSignal }));
    const jobs = needsTraining
      ? await ask((requestSignal) => client.fineTuning.jobs.list({ limit: 1 }, { signal: requestSignal }))
      : null;
    return {
      baseUrl,
      asked,
      failure: null,
      models: namedIn(models.list ?? []),
      noModels: models.list === null && !isNoRoute(models.failure) ? models.said : null,
      noJobs: jobs?.list === null ? noTraining(baseUrl, jobs) : null,
    };
  } catch (thrown) {
    signal.throwIfAborted();
    return { ...nothing, failure: thrown as ModelError };
  }
}

/** Asks a server once it has loaded its model. @throws ModelError */
async function askLoaded(
  caller: OpenAICaller,
  question: (requestSignal: AbortSignal) => Promise<unknown>,
  { baseUrl, giveUpAfterMs, onWarning, signal }: ContactOptions & { baseUrl: string },
): Promise<unknown> {
  const startedMs = performance.now();
  for (let nLoading = 1; ; nLoading++) {
    try {
      return await caller.call('show what it offers', signal, question);
    } catch (thrown) {
      const isLoading = thrown instanceof ModelError && thrown.code === 'loading';
      if (!isLoading || performance.now() - startedMs >= giveUpAfterMs) throw thrown;
      if (nLoading === 1)
        onWarning(`${baseUrl} is still loading its model, and is waited for: ${thrown.received ?? ''}`);
      await pause(growingPauseMs(LOADING_PAUSES, nLoading), signal);
    }
  }
}

interface ListAnswer {
  list: readonly unknown[] | null;
  /** Without secrets; what there was in place of a list. */
  said: string;
  failure: ModelError | null;
}

function isNoRoute(failure: ModelError | null): boolean {
  return failure?.code === 'http-404' || failure?.code === 'http-405';
}

/** Whether no server answered, or a gateway answered for a server that is away. */
function isAway({ code }: ModelError): boolean {
  return code === 'timeout' || AWAY_CODES.includes(code);
}

function listIn(answer: unknown): readonly unknown[] | null {
  if (typeof answer !== 'object' || answer === null || !('data' in answer)) return null;
  return Array.isArray(answer.data) ? answer.data : null;
}

function namedIn(models: readonly unknown[]): ReadonlyMap<string, object> | null {
  const named = models.flatMap((model): [string, object][] =>
    typeof model === 'object' && model !== null && 'id' in model ? [[String(model.id), model]] : [],
  );
  return named.length === 0 ? null : new Map(named);
}

/** A server that has no such route is the wrong one; one that refuses the list or fails may lack a permission, or be down for now. */
function noTraining(baseUrl: string, { said, failure }: ListAnswer): ConfigError | ModelError {
  const parts = {
    subject: `endpoint.baseUrl ${baseUrl}`,
    expected: 'a server that also trains: GET /fine_tuning/jobs with a list of jobs',
    received: said,
  };
  const otherwise = 'or let a command train: finetune.trainer.backend: command.';
  if (failure !== null && !isNoRoute(failure)) {
    const { scope, code, attempts } = failure;
    const remedy = `${failure.remedy} The key must be allowed to use fine-tuning; ${otherwise}`;
    return new ModelError({ ...parts, remedy, scope, code, attempts, cause: failure });
  }
  return new ConfigError({
    ...parts,
    remedy: `Check that the address ends where the API begins, mostly in /v1, and that this server offers fine-tuning; ${otherwise}`,
  });
}
