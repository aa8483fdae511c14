// The client through which stages reach a model: samples completions, pays for each once, and bounds concurrency.
import { addCount } from '../core/own.js';
import { AutodidactError, ModelError } from '../core/errors.js';
import { sha256 } from '../core/hash.js';
import { deriveSeed } from '../core/random.js';
import type { Completion } from '../schema/chat.js';
import { droppedBy, type Outcome } from '../schema/drop.js';
import { NO_USAGE, type Usage } from '../schema/usage.js';
import type { AskOptions, ChatEndpoint, EndpointAnswer, SampleRequest } from './chat-endpoint.js';
import type { Budget, Reservation } from './budget.js';
import type { CompletionCache } from './completion-cache.js';
import { requestHash, sampleKeys } from './completion-key.js';
import { mapOrdered } from './map-ordered.js';
import type { TokenCounts } from './prices.js';
import { promptTokensAtMost, UNBOUNDED_TOKENS } from './prompt-size.js';

/** What a client is made of. */
export interface ChatModelOptions {
  endpoint: ChatEndpoint;
  cache: CompletionCache;
  /** Inputs of a stage that are under way at once, 1 or more; the endpoint decides how many requests are in flight. */
  lookAhead: number;
  /** Reserves room for requests and records their costs. Absent: there are no caps, and costs are unknown. */
  spending?: Pick<Budget, 'reserve'> | undefined;
}

/** Where the completions of one request are in the cache. */
interface Place {
  partition: string;
  /** Identifies the request, however many of its samples are wanted. */
  name: string;
  keys: readonly string[];
}

/** A model client for the stages of one run. */
export class ChatModel {
  readonly #endpoint: ChatEndpoint;
  readonly #cache: CompletionCache;
  readonly #lookAhead: number;
  readonly #spending: ChatModelOptions['spending'];
  /** Requests that are being answered: a second request of the same content waits for the first. */
  readonly #underWay = new Map<string, Promise<Completion[]>>();
  /** Updated in place, since this is done for every completion, stored ones included. */
  readonly #usage: Usage = { ...NO_USAGE, errors: {} };

  constructor({ endpoint, cache, lookAhead, spending }: ChatModelOptions) {
    if (!Number.isInteger(lookAhead) || lookAhead < 1)
      throw new RangeError(`lookAhead: expected 1 or more, received ${lookAhead}`);
    this.#endpoint = endpoint;
    this.#cache = cache;
    this.#lookAhead = lookAhead;
    this.#spending = spending;
  }

  /** What was used so far. */
  get usage(): Usage {
    return { ...this.#usage, errors: { ...this.#usage.errors } };
  }

  /**
   * `nSamples` completions of one prompt, from the store where it has them, else from the endpoint; new ones are durable before this
   * resolves. Sample i depends on the request and on i alone, never on what the store held before: a request is sent whole, or, to
   * servers that give one completion at a time, sample by sample, each with a seed of its own.
   * @throws ModelError, BudgetError, DataError; the signal's reason when it aborts
   */
  async sample(request: SampleRequest, signal: AbortSignal): Promise<Completion[]> {
    signal.throwIfAborted();
    const partition = this.#endpoint.identityOf(request.model);
    const name = requestHash(partition, request);
    const keys = sampleKeys(name, request.nSamples);
    const found = this.#cache.peekAll?.(partition, keys) ?? (await this.#cache.getAll(partition, keys));
    if (isWhole(found)) {
      this.#usage.cachedCompletions += found.length;
      return found;
    }
    // The last key identifies the whole request: its sample index says how many samples are wanted.
    const wanted = keys.at(-1) ?? '';
    const others = this.#underWay.get(wanted);
    if (others) {
      try {
        return await others;
      } catch (thrown) {
        // That caller was aborted, this one was not.
        if (signal.aborted || thrown instanceof AutodidactError) throw thrown;
        return this.sample(request, signal);
      }
    }
    const own = this.#sampleOnce(request, { partition, name, keys }, signal).finally(() =>
      this.#underWay.delete(wanted),
    );
    this.#underWay.set(wanted, own);
    return own;
  }

  async #sampleOnce(request: SampleRequest, place: Place, signal: AbortSignal): Promise<Completion[]> {
    const { partition, name, keys } = place;
    const claim = await this.#cache.claim(partition, name, signal);
    try {
      // Another process may have stored them since they were missed.
      const found = await this.#cache.getAll(partition, keys);
      this.#usage.cachedCompletions += found.filter((completion) => completion !== null).length;
      if (!isWhole(found)) await this.#fill(found, { request, place, signal });
      return found.filter((completion) => completion !== null);
    } finally {
      claim.release();
    }
  }

  /** Requests what was not found, stores it, and fills the gaps. */
  async #fill(
    found: (Completion | null)[],
    { request, place, signal }: { request: SampleRequest; place: Place; signal: AbortSignal },
  ): Promise<void> {
    const { partition, keys } = place;
    if (this.#endpoint.honoursN !== false) {
      const idempotencyKey = sha256(keys.join());
      const fresh = await this.#ask(request, { idempotencyKey, signal });
      // A completion that was found stays as it was.
      const entries = keys.flatMap((key, i) => {
        const completion = fresh[i];
        return found[i] === null && completion !== undefined ? [{ key, completion, i }] : [];
      });
      await this.#cache.put(
        partition,
        entries.map(({ key, completion }) => ({ key, completion })),
      );
      for (const { i, completion } of entries) found[i] = completion;
    }
    // This server gives what is still missing one by one.
    const singles = await Promise.allSettled(
      keys.map(async (key, i) => {
        if (found[i] !== null) return;
        const seed = i === 0 ? request.seed : deriveSeed(request.seed, 'sample', i);
        const single = { ...request, nSamples: 1, seed };
        const [completion] = await this.#ask(single, { idempotencyKey: key, signal });
        if (completion === undefined) throw new RangeError('the endpoint gave no completion and no error');
        await this.#cache.put(partition, [{ key, completion }]);
        found[i] = completion;
      }),
    );
    // Only when all have ended, so that no other caller asks for what is still in flight.
    for (const single of singles) if (single.status === 'rejected') throw single.reason;
  }

  async #ask(request: SampleRequest, options: AskOptions): Promise<Completion[]> {
    const reservation = await this.#spending?.reserve(
      {
        model: request.model,
        promptTokens: promptTokensAtMost(request.messages),
        completionTokens: request.nSamples * (request.sampling.maxTokens ?? UNBOUNDED_TOKENS),
      },
      options.signal,
    );
    try {
      const answer = await this.#endpoint.sample(request, options);
      await this.#count(answer, reservation);
      return answer.completions;
    } catch (thrown) {
      if (thrown instanceof ModelError) await this.#countLost(thrown, reservation);
      reservation?.cancel();
      throw thrown;
    }
  }

  /** An answer without completions only says that they have to be requested one by one. */
  async #count(answer: EndpointAnswer, reservation: Reservation | undefined): Promise<void> {
    const { completions, promptTokens, completionTokens } = answer;
    const usage = this.#usage;
    usage.retries += answer.retries;
    addCounts(usage.errors, answer.errors);
    if (completions.length === 0) return reservation?.cancel();
    usage.requests++;
    usage.completions += completions.length;
    await this.#pay({ promptTokens, completionTokens }, reservation);
  }

  async #pay(used: TokenCounts, reservation: Reservation | undefined): Promise<void> {
    const usage = this.#usage;
    usage.promptTokens += used.promptTokens;
    usage.completionTokens += used.completionTokens;
    const costUsd = (await reservation?.settle(used)) ?? null;
    usage.costUsd = usage.costUsd === null || costUsd === null ? null : usage.costUsd + costUsd;
  }

  /** A request that failed may have been paid for: its server answered something unusable and reported the tokens. */
  async #countLost({ attempts, used }: ModelError, reservation: Reservation | undefined): Promise<void> {
    addCounts(this.#usage.errors, attempts);
    if (used.promptTokens + used.completionTokens > 0) await this.#pay(used, reservation);
  }

  /**
   * Runs a stage's work on each input, `lookAhead` of them at a time; outcomes come in input order.
   * A failure that concerns one input alone is that input's drop; any other aborts the work under way and stops the stream.
   * @param work gets a signal that also aborts with such a failure, and must pass it on
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
        return droppedBy(subjectOf(input), thrown);
      }
    };
    return mapOrdered(inputs, workOrDrop, { lookAhead: this.#lookAhead, signal });
  }
}

function addCounts(sum: Record<string, number>, counts: Readonly<Record<string, number>>): void {
  for (const [cause, n] of Object.entries(counts)) addCount(sum, cause, n);
}

function isWhole(found: (Completion | null)[]): found is Completion[] {
  return !found.includes(null);
}
