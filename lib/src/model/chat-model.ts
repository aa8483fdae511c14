// The one way to reach a model: sample completions, each paid for once, with concurrency held here and nowhere else.
import { ModelError } from '../core/errors.js';
import { contentHash, sha256 } from '../core/hash.js';
import { deriveSeed } from '../core/random.js';
import type { ChatMessage, Completion, Sampling } from '../schema/chat.js';
import { dropped, type Outcome } from '../schema/drop.js';
import { addUsage, NO_USAGE, type Usage } from '../schema/usage.js';
import { mapOrdered, Semaphore } from './concurrency.js';

/** What to sample: one prompt, `nSamples` completions. */
export interface SampleRequest {
  model: string;
  messages: ChatMessage[];
  sampling: Sampling;
  nSamples: number;
  /** Names the random stream: the same request with the same seed asks for the same completions. */
  seed: number;
  /** Version of the prompt pack that wrote the messages and reads the completions. */
  promptVersion: string;
}

/** What an endpoint gave for one request. */
export interface EndpointAnswer {
  completions: Completion[];
  promptTokens: number;
  completionTokens: number;
  retries: number;
}

/** An endpoint that samples completions; see `openai-endpoint.ts`. */
export interface ChatEndpoint {
  /** What decides its output besides the request: the server and the exact model behind the name. */
  identityOf(model: string): string;
  /** Whether one request may ask for several completions; null while that is not known. */
  readonly honoursN: boolean | null;
  /**
   * Samples `nSamples` completions; a server that does not honour `n` may give fewer, or none, and `honoursN` tells.
   * @throws ModelError once retries are used up, or when the request can never succeed.
   */
  sample(
    request: SampleRequest,
    options: { idempotencyKey: string; signal: AbortSignal },
  ): Promise<EndpointAnswer>;
}

/** Where completions are kept; the completion store of `store/` fits. */
export interface CompletionCache {
  get(partition: string, key: string): Promise<Completion | null>;
  /** Resolves when all entries are durable. */
  put(partition: string, entries: readonly { key: string; completion: Completion }[]): Promise<void>;
}

/** A model client for the stages of one run. */
export class ChatModel {
  readonly #endpoint: ChatEndpoint;
  readonly #cache: CompletionCache;
  readonly #inFlight: Semaphore;
  readonly #lookAhead: number;
  /** Requests that are being answered: a second one of the same content waits for the first. */
  readonly #underWay = new Map<string, Promise<Completion[]>>();
  #usage: Usage = NO_USAGE;

  /** @param options.concurrency most requests in flight, 1 or more */
  constructor(options: { endpoint: ChatEndpoint; cache: CompletionCache; concurrency: number }) {
    this.#endpoint = options.endpoint;
    this.#cache = options.cache;
    this.#inFlight = new Semaphore(options.concurrency);
    this.#lookAhead = options.concurrency * 2;
  }

  /** Everything that was asked so far. */
  get usage(): Usage {
    return this.#usage;
  }

  /**
   * `nSamples` completions of one prompt, from the store where they are there, else from the endpoint; those are durable
   * before this resolves. What sample i is depends on the request and on i alone, never on what the store held before: a request is
   * asked whole, or, at servers that give one completion at a time, sample by sample, each with a seed of its own.
   * @throws ModelError
   */
  async sample(request: SampleRequest, signal: AbortSignal): Promise<Completion[]> {
    signal.throwIfAborted();
    const identity = this.#endpoint.identityOf(request.model);
    const keys = completionKeys(identity, request);
    // The last key stands for the whole: its sample index tells how many samples are wanted.
    const name = keys.at(-1) ?? '';
    let underWay = this.#underWay.get(name);
    if (!underWay) {
      underWay = this.#sampleOnce(request, { identity, keys, signal }).finally(() =>
        this.#underWay.delete(name),
      );
      this.#underWay.set(name, underWay);
    }
    return underWay;
  }

  async #sampleOnce(
    request: SampleRequest,
    { identity, keys, signal }: { identity: string; keys: readonly string[]; signal: AbortSignal },
  ): Promise<Completion[]> {
    const found = await Promise.all(keys.map((key) => this.#cache.get(identity, key)));
    const nFound = found.filter((completion) => completion !== null).length;
    this.#count({ cachedCompletions: nFound });
    if (nFound < keys.length && this.#endpoint.honoursN !== false) {
      const idempotencyKey = sha256(keys.join());
      const fresh = await this.#ask(request, { idempotencyKey, signal });
      await this.#keep(identity, { keys, found, fresh });
    }
    // What is missing now, this server gives one by one.
    await Promise.all(
      keys.map(async (key, i) => {
        if (found[i] !== null) return;
        const seed = i === 0 ? request.seed : deriveSeed(request.seed, 'sample', i);
        const single = { ...request, nSamples: 1, seed };
        const [completion] = await this.#ask(single, { idempotencyKey: key, signal });
        if (completion === undefined) throw new RangeError('the endpoint gave no completion and no error');
        await this.#cache.put(identity, [{ key, completion }]);
        found[i] = completion;
      }),
    );
    return found.filter((completion) => completion !== null);
  }

  /** Stores what was missing; a completion that was there stays as it was. */
  async #keep(
    identity: string,
    {
      keys,
      found,
      fresh,
    }: { keys: readonly string[]; found: (Completion | null)[]; fresh: readonly Completion[] },
  ): Promise<void> {
    const entries = keys.flatMap((key, i) => {
      const completion = fresh[i];
      return found[i] === null && completion !== undefined ? [{ key, completion, i }] : [];
    });
    await this.#cache.put(
      identity,
      entries.map(({ key, completion }) => ({ key, completion })),
    );
    for (const { i, completion } of entries) found[i] = completion;
  }

  async #ask(
    request: SampleRequest,
    options: { idempotencyKey: string; signal: AbortSignal },
  ): Promise<Completion[]> {
    const answer = await this.#inFlight.run(() => this.#endpoint.sample(request, options), options.signal);
    this.#count({
      requests: 1,
      retries: answer.retries,
      completions: answer.completions.length,
      promptTokens: answer.promptTokens,
      completionTokens: answer.completionTokens,
    });
    return answer.completions;
  }

  /**
   * Runs a stage's work on each input, many at a time; outcomes come in input order. How many run at once is decided here.
   * A failure that concerns one input alone is that input's drop; any other aborts the work under way and stops the stream.
   * @param work gets a signal that also follows such a failure, and must hand it on
   * @param options.subjectOf the id under which an input is dropped
   */
  outcomes<Input, Kept>(
    inputs: AsyncIterable<Input> | Iterable<Input>,
    work: (input: Input, signal: AbortSignal) => Promise<Outcome<Kept>>,
    { subjectOf, signal }: { subjectOf: (input: Input) => string; signal: AbortSignal },
  ): AsyncGenerator<Outcome<Kept>> {
    const workOrDrop = async (input: Input, workSignal: AbortSignal): Promise<Outcome<Kept>> => {
      try {
        return await work(input, workSignal);
      } catch (thrown) {
        if (!(thrown instanceof ModelError) || thrown.scope !== 'request') throw thrown;
        return dropped(subjectOf(input), thrown.code, thrown.message);
      }
    };
    return mapOrdered(inputs, workOrDrop, { lookAhead: this.#lookAhead, signal });
  }

  #count(counts: Partial<Usage>): void {
    this.#usage = addUsage(this.#usage, { ...NO_USAGE, ...counts });
  }
}

/** The content addresses of a request's completions: everything that can change one, and its sample index. */
export function completionKeys(identity: string, request: SampleRequest): string[] {
  const requestHash = contentHash({
    identity,
    messages: request.messages,
    sampling: request.sampling,
    seed: request.seed,
    promptVersion: request.promptVersion,
  });
  return Array.from({ length: request.nSamples }, (_, sampleIndex) =>
    sha256(`${requestHash}:${sampleIndex}`),
  );
}
