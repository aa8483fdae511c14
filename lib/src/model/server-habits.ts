// What a server turns out not to take: several completions per request (`n`), log-probabilities, seeds. Learned from its answers:
// vLLM takes all of them, llama-server has refused `n`, others silently give one completion.
import { isRefusalCode, suspectOf, type Omissions } from './chat-body.js';
import type { SampleRequest } from './chat-endpoint.js';
import type { EngineEvent } from './engine-event.js';

/** A parameter that not every server takes. */
export type Capability = Extract<EngineEvent, { kind: 'capability' }>['capability'];

/** An attempt that a server refused. */
type Refusal = Error & { code: string };

/** The habits of one server. */
export class ServerHabits {
  readonly #onChange: (capability: Capability, isOffered: boolean) => void;
  #honoursN: boolean | null = null;
  #omit: Omissions = { logprobs: false, seed: false };
  /**
   * The messages of requests with `n` that were refused: when the same messages are answered alone, `n` was the reason. An answer to
   * other messages says nothing, since a prompt may be refused for itself.
   */
  readonly #suspects = new WeakSet<SampleRequest['messages']>();

  /** @param onChange called with each thing that is found out */
  constructor(onChange: (capability: Capability, isOffered: boolean) => void = () => undefined) {
    this.#onChange = onChange;
  }

  /** Whether one request may ask for several completions; null while that is not known. */
  get honoursN(): boolean | null {
    return this.#honoursN;
  }

  /** What is left out of requests. */
  get omit(): Omissions {
    return this.#omit;
  }

  /**
   * Sends a request with everything that is wanted, then without each parameter that may be the reason of a refusal.
   * @param send sends the request without what is to be left out; throws an error with a `code` such as `http-400` for a refusal
   * @returns the answer, null where only `n` can be the reason, so that the completions should be asked for one by one; and the
   *   refusals before it
   * @throws what `send` throws, once there is nothing left to leave out
   */
  async ask<Answer extends { completions: readonly unknown[] }>(
    request: SampleRequest,
    send: (omit: Omissions) => Promise<Answer>,
  ): Promise<{ answer: Answer | null; refusals: readonly Refusal[] }> {
    const refusals: Refusal[] = [];
    for (let omit = this.#omit; ;) {
      try {
        const answer = await send(omit);
        this.#learnOmissions(omit);
        this.onAnswer(request, answer.completions.length);
        return { answer, refusals };
      } catch (thrown) {
        if (!isRefusal(thrown)) throw thrown;
        const suspect = suspectOf(request, { message: thrown.message, omit });
        if (suspect === null && !this.onRefusal(request)) throw thrown;
        refusals.push(thrown);
        if (suspect === null) return { answer: null, refusals };
        omit = { ...omit, [suspect]: true };
      }
    }
  }

  /** A request was answered. @param nGiven its completions */
  onAnswer({ messages, nSamples }: SampleRequest, nGiven: number): void {
    if (nSamples > 1) this.#learnN(nGiven >= nSamples);
    else if (this.#suspects.delete(messages)) this.#learnN(false);
  }

  /** A request was refused. @returns whether `n` may be the reason, so that its completions should be asked for one by one */
  onRefusal({ messages, nSamples }: SampleRequest): boolean {
    if (nSamples === 1) {
      this.#suspects.delete(messages);
      return false;
    }
    if (this.#honoursN === true) return false;
    if (this.#honoursN === null) this.#suspects.add(messages);
    return true;
  }

  /** Once `n` was not honoured, later answers change nothing: to ask one by one is always right. */
  #learnN(isHonoured: boolean): void {
    if (this.#honoursN === isHonoured || this.#honoursN === false) return;
    this.#honoursN = isHonoured;
    this.#onChange('n', isHonoured);
  }

  #learnOmissions(omit: Omissions): void {
    const before = this.#omit;
    this.#omit = { logprobs: before.logprobs || omit.logprobs, seed: before.seed || omit.seed };
    for (const capability of ['logprobs', 'seed'] as const)
      if (omit[capability] && !before[capability]) this.#onChange(capability, false);
  }
}

function isRefusal(thrown: unknown): thrown is Refusal {
  return thrown instanceof Error && 'code' in thrown && isRefusalCode(String(thrown.code));
}
