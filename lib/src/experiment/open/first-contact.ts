// The first requests to the servers of an endpoint, so that their problems are found before anything is paid for.
import type OpenAI from 'openai';
import type { RetryPolicy } from '../../core/backoff.js';
import { ConfigError, ModelError } from '../../core/errors.js';
import { OpenAICaller, type OpenAIEndpoint } from '../../model/index.js';

/** Retries at the start of a run, when a wrong address is the likeliest cause of a failure. */
const FIRST_CONTACT_RETRIES: RetryPolicy = { maxAttempts: 2, firstWaitMs: 300, longestWaitMs: 300 };

/** Which servers are contacted, and what for. */
export interface ContactOptions {
  /** Of the endpoint's servers, in the order of the config. */
  baseUrls: readonly string[];
  /** Models that each of them should serve. */
  models: readonly string[];
  /** Whether one of them has to train. */
  needsTraining: boolean;
  redact: (text: string) => string;
  onWarning: (message: string) => void;
  signal: AbortSignal;
}

/** What one server answered. */
interface Contact {
  baseUrl: string;
  /** Why it cannot be used; null if it answered. */
  failure: ModelError | null;
  /** The models that it lists; null if it lists none. */
  models: readonly string[] | null;
  /** Whether it lists fine-tuning jobs; null if it has no such route. */
  trains: boolean | null;
}

/**
 * Sends two cheap requests to all servers. One that does not answer causes a warning and may come back; one that does not list a model
 * that another one lists is left out. The first that answers and trains is where training jobs and batches go; where no training is needed
 * and none of them trains, the first that answers.
 * @throws ModelError when no server answers, ConfigError when training is needed and none that answers trains; the signal's reason when it aborts
 */
export async function contactServers(endpoint: OpenAIEndpoint, options: ContactOptions): Promise<void> {
  const { baseUrls, needsTraining, onWarning } = options;
  const contacts = await Promise.all(
    baseUrls.map(async (baseUrl) => contact(baseUrl, await endpoint.openClient(baseUrl), options)),
  );
  const answering = contacts.filter(({ failure }) => failure === null);
  const [first] = answering;
  if (!first) throw contacts[0]?.failure ?? new RangeError('baseUrls: expected at least one');
  for (const { failure } of contacts)
    if (failure) onWarning(`the others are used until it answers: ${failure.message}`);
  const lacking = answering.filter((one) => lacksModel(one, { contacts: answering, options }));
  for (const { baseUrl } of lacking) {
    endpoint.leaveOut(baseUrl);
    onWarning(`${baseUrl} is left out: it does not list ${options.models.join(' and ')}, as others do`);
  }
  const usable = answering.filter((one) => !lacking.includes(one));
  const training = usable.find(({ trains }) => trains === true) ?? (needsTraining ? undefined : usable[0]);
  if (!training) throw noTraining(usable[0] ?? first);
  endpoint.useForJobs(training.baseUrl);
  if (training.baseUrl !== baseUrls[0])
    onWarning(`training jobs and batches go to ${training.baseUrl}, not to ${baseUrls[0] ?? ''}`);
}

/** Whether it lists models, and not one that another server lists. */
function lacksModel(
  { models }: Contact,
  { contacts, options }: { contacts: readonly Contact[]; options: ContactOptions },
): boolean {
  if (models === null) return false;
  return options.models.some(
    (model) => !models.includes(model) && contacts.some((other) => other.models?.includes(model) === true),
  );
}

async function contact(
  baseUrl: string,
  client: OpenAI,
  { redact, signal }: ContactOptions,
): Promise<Contact> {
  const subject = `endpoint.baseUrl ${baseUrl}`;
  const caller = new OpenAICaller({ client, retry: FIRST_CONTACT_RETRIES, redact, subject });
  const ask = async (question: (requestSignal: AbortSignal) => Promise<unknown>): Promise<unknown> => {
    try {
      return await caller.call('show what it offers', question, signal);
    } catch (thrown) {
      const isNotOffered =
        thrown instanceof ModelError && (thrown.code === 'http-404' || thrown.code === 'http-405');
      if (isNotOffered) return null;
      throw thrown;
    }
  };
  try {
    // Some servers have no list of models; only a wrong address, key or server is a reason not to use one.
    const models = listIn(await ask((requestSignal) => client.models.list({ signal: requestSignal })));
    const answer = await ask((requestSignal) =>
      client.fineTuning.jobs.list({ limit: 1 }, { signal: requestSignal }),
    );
    const trains = answer === null ? null : listIn(answer) !== null;
    const ids = (models ?? []).flatMap((model) =>
      typeof model === 'object' && model !== null && 'id' in model ? [String(model.id)] : [],
    );
    return { baseUrl, failure: null, models: ids.length === 0 ? null : ids, trains };
  } catch (thrown) {
    signal.throwIfAborted();
    return { baseUrl, failure: thrown as ModelError, models: null, trains: null };
  }
}

function listIn(answer: unknown): readonly unknown[] | null {
  if (typeof answer !== 'object' || answer === null || !('data' in answer)) return null;
  return Array.isArray(answer.data) ? answer.data : null;
}

function noTraining({ baseUrl, trains }: Contact): ConfigError {
  return new ConfigError({
    subject: `endpoint.baseUrl ${baseUrl}`,
    expected: 'a server that also trains: GET /fine_tuning/jobs with a list of jobs',
    received: trains === null ? 'not found' : 'something else',
    remedy:
      'Check that the address ends where the API begins, mostly in /v1, and that this server offers fine-tuning; or let a command train: finetune.trainer.backend: command.',
  });
}
