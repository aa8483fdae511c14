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
  /**
   * Samples exactly `nSamples` completions.
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
   * before this resolves.
   * @throws ModelError
   */
  async sample(request: SampleRequest, signal: AbortSignal): Promise<Completion[]> {
    signal.throwIfAborted();
    const identity = this.#endpoint.identityOf(request.model);
    const keys = completionKeys(identity, request);
    const found = await Promise.all(keys.map((key) => this.#cache.get(identity, key)));
    const missing = keys.filter((_, i) => found[i] === null);
    this.#count({ cachedCompletions: keys.length - missing.length });
    const firstMissing = found.indexOf(null);
    if (firstMissing < 0) return found.filter((completion) => completion !== null);

    const answer = await this.#inFlight.run(
      () =>
        this.#endpoint.sample(
          {
            ...request,
            nSamples: missing.length,
            // A larger N asks only for what the smaller N left out, from a stream of its own.
            seed: firstMissing === 0 ? request.seed : deriveSeed(request.seed, 'from', firstMissing),
          },
          { idempotencyKey: sha256(missing.join()), signal },
        ),
      signal,
    );
    const entries = missing.map((key, i) => {
      const completion = answer.completions[i];
      if (completion === undefined)
        throw new RangeError('endpoint returned fewer completions than asked for');
      return { key, completion };
    });
    await this.#cache.put(identity, entries);
    this.#count({
      requests: 1,
      retries: answer.retries,
      completions: entries.length,
      promptTokens: answer.promptTokens,
      completionTokens: answer.completionTokens,
    });
    const fresh = entries.map((entry) => entry.completion);
    return found.map((completion) => completion ?? (fresh.shift() as Completion));
  }

  /**
   * Runs a stage's work on each input, many at a time; outcomes come in input order. How many run at once is decided here.
   * A failure that concerns one input alone is that input's drop; any other stops the stream.
   * @param options.subjectOf the id under which an input is dropped
   */
  outcomes<Input, Kept>(
    inputs: AsyncIterable<Input> | Iterable<Input>,
    work: (input: Input) => Promise<Outcome<Kept>>,
    { subjectOf, signal }: { subjectOf: (input: Input) => string; signal: AbortSignal },
  ): AsyncGenerator<Outcome<Kept>> {
    const workOrDrop = async (input: Input): Promise<Outcome<Kept>> => {
      try {
        return await work(input);
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
