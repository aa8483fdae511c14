// Checks that ask servers: what they list, and one short request for each set of parameters that a run would send.
import { AutodidactError } from '../../core/errors.js';
import { AttemptFailure, givenUp } from '../../model/attempt-failure.js';
import type { EngineEvent, OpenAIEndpoint, SampleRequest } from '../../model/index.js';
import { fine, stopOf, warned, type Finding } from '../../schema/finding.js';
import type { ExperimentConfig } from '../config/config.js';
import {
  connectEndpoint,
  demandsOf,
  type ConnectedEndpoint,
  type ConnectSurroundings,
} from '../open/endpoint.js';
import { askServers, type Contact } from '../open/first-contact.js';
import type { AskedRequests } from './asked-requests.js';

/** Enough for the beginning of an answer, in tokens; fewer than any server charges for noticeably. */
const TRIED_TOKENS = 16;
/** Enough to see whether a server gives several completions. */
const TRIED_SAMPLES = 2;

/** What the servers of an experiment answered. */
export interface ServersExamined {
  findings: Finding[];
  /** Chat requests that were sent. */
  nRequests: number;
  /** The window of a model in tokens; null where neither a setting nor its servers told it. */
  windowOf: (model: string) => number | null;
}

/** Asks the servers of an experiment; what they do becomes findings. @throws the signal's reason when it aborts */
export async function examineServers(
  config: ExperimentConfig,
  asked: readonly AskedRequests[],
  surroundings: Pick<ConnectSurroundings, 'environment' | 'configPath' | 'signal'>,
): Promise<ServersExamined> {
  const findings: Finding[] = [];
  const events: EngineEvent[] = [];
  const onWarning = (message: string): void => {
    findings.push(
      warned('servers', message, 'A run goes on; fix it if that server, list or key should be used.'),
    );
  };
  const demands = demandsOf(config);
  let connected: ConnectedEndpoint;
  try {
    const onEvent = (event: EngineEvent): void => void events.push(event);
    connected = await connectEndpoint(config, { ...surroundings, onWarning, onEvent, demands });
  } catch (thrown) {
    if (!(thrown instanceof AutodidactError)) throw thrown;
    return { findings: [...findings, stopOf('servers', thrown)], nRequests: 0, windowOf: () => null };
  }
  try {
    const isEmbedded = config.endpoint.provider === 'embedded';
    // A run starts its own server and need not ask it anything first.
    if (isEmbedded) {
      const { endpoint, redact } = connected;
      const asked = {
        baseUrls: endpoint.servers,
        redact,
        onWarning,
        ...demands,
        needsTraining: false,
        giveUpAfterMs: 0,
      };
      connected.contacts.push(...(await askServers(endpoint, { ...asked, ...surroundings })));
    }
    if (!isEmbedded) findings.push(...connected.contacts.flatMap(serverFindings));
    const trial = new Trial(connected, {
      events,
      isFree: isEmbedded,
      ...surroundings,
    });
    for (const form of new Map(asked.flatMap(({ forms }) => [...forms])).values()) await trial.ask(form);
    return {
      findings: [...findings, ...trial.findings],
      nRequests: trial.nRequests,
      windowOf: trial.windows(),
    };
  } finally {
    await connected.close();
  }
}

function serverFindings({ baseUrl, models, asked }: Contact): Finding[] {
  if (models === null) return [];
  const listed = asked.map((model) =>
    models.has(model) ? `lists ${model}` : `does not list ${model} and answers for it`,
  );
  return [fine('servers', `${baseUrl} ${listed.join(', ')}`)];
}

/** Short requests to servers. */
class Trial {
  readonly findings: Finding[] = [];
  nRequests = 0;
  readonly #connected: ConnectedEndpoint;
  readonly #options: { events: readonly EngineEvent[]; isFree: boolean; signal: AbortSignal };
  /** Models that were asked for; their first request goes to all of their servers. */
  readonly #models = new Set<string>();

  /** @param options.isFree the server is this program's, whose model knows few words: it gets the requests as they are */
  constructor(
    connected: ConnectedEndpoint,
    options: { events: readonly EngineEvent[]; isFree: boolean; signal: AbortSignal },
  ) {
    this.#connected = connected;
    this.#options = options;
  }

  /** What is known of windows by now; also refusals tell them. */
  windows(): ServersExamined['windowOf'] {
    const { endpoint, others } = this.#connected;
    return (model) => (others.get(model) ?? endpoint).windowOf(model);
  }

  /** Sends a request with the parameters of `request`. */
  async ask(request: SampleRequest): Promise<void> {
    const { model } = request;
    const endpoint = this.#connected.others.get(model) ?? this.#connected.endpoint;
    const servers = this.#models.has(model) ? endpoint.servers.slice(0, 1) : endpoint.servers;
    this.#models.add(model);
    const short = this.#options.isFree ? request : shortened(request);
    for (const server of servers) await this.#askAt(server, endpoint, short);
  }

  async #askAt(server: string, endpoint: OpenAIEndpoint, request: SampleRequest): Promise<void> {
    const { model } = request;
    const { events, isFree, signal } = this.#options;
    const nEventsBefore = events.length;
    // Its port is another one each time.
    const subject = `${model} at ${isFree ? 'the embedded server' : server}`;
    const taken = fine('requests', `${subject} takes ${parametersOf(request)}`);
    try {
      this.nRequests++;
      const { completions } = await endpoint.tryAt(server, request, signal);
      const asksLogprobs = request.sampling.topLogprobs !== undefined;
      const isWithout = asksLogprobs && completions[0]?.tokens === undefined;
      const changes = events
        .slice(nEventsBefore)
        .flatMap((event) => (event.kind === 'adapted' ? [event.change] : []));
      if (isWithout && changes.length === 0) changes.push('gets no log-probabilities');
      const changed = `${subject} was asked for ${parametersOf(request)}: a run ${changes.join(', ')}`;
      this.findings.push(changes.length === 0 ? taken : warned('requests', changed, REMEDY));
    } catch (thrown) {
      if (!(thrown instanceof AttemptFailure)) throw thrown;
      const { failureClass, code, message } = thrown;
      const stop = stopOf('requests', givenUp(thrown, { subject, scope: 'endpoint', attempts: {} }));
      if (ANSWER_CODES.includes(code) || message.includes(CUT_SHORT)) this.findings.push(taken);
      else this.#addFailure(failureClass === 'rate-limited' ? { ...stop, verdict: 'warning' } : stop);
    }
  }

  /** A wrong key or name fails every request alike, and is told once. */
  #addFailure(failure: Finding): void {
    if (!this.findings.some(({ found }) => found === failure.found)) this.findings.push(failure);
  }
}

/** The parameters are taken, and the answer is none: a run asks something else, and for more tokens. */
const ANSWER_CODES: readonly string[] = ['only-reasoning', 'refusal', 'content-filter'];
/** As OpenAI's models refuse that need more tokens to think than they get. */
const CUT_SHORT = 'max_tokens or model output limit was reached';
const REMEDY = 'Nothing, unless your question depends on that parameter: then take another server or model.';

function parametersOf({ nSamples, sampling }: SampleRequest): string {
  const { temperature, topP, topLogprobs } = sampling;
  const sent = { temperature, top_p: topP, n: nSamples > 1 ? nSamples : null };
  const named = Object.entries(sent).flatMap(([name, value]) => (value === null ? [] : [`${name} ${value}`]));
  return [...named, ...(topLogprobs === undefined ? [] : ['logprobs'])].join(', ') || 'its own parameters';
}

/** The same request with hardly any text. Roles stay: some models take no system message. */
function shortened(request: SampleRequest): SampleRequest {
  const { sampling, nSamples, messages } = request;
  return {
    ...request,
    messages: messages.map(({ role }) => ({ role, content: 'Hello' })),
    nSamples: Math.min(nSamples, TRIED_SAMPLES),
    sampling: { ...sampling, maxTokens: Math.min(sampling.maxTokens ?? TRIED_TOKENS, TRIED_TOKENS) },
  };
}
