// Whether a server gives several completions for one request (`n`): vLLM does, llama-server has refused it, others silently give one.
import type { SampleRequest } from './chat-endpoint.js';

/** What is known, learned from what comes back. */
export class NSupport {
  readonly #onChange: (isOffered: boolean) => void;
  #isHonoured: boolean | null = null;
  /**
   * The messages of requests with `n` that were refused: when one of the same is answered alone, `n` was the reason. An answer to others
   * says nothing, since a prompt may be refused for itself.
   */
  readonly #suspects = new WeakSet<SampleRequest['messages']>();

  constructor(onChange: (isOffered: boolean) => void = () => undefined) {
    this.#onChange = onChange;
  }

  /** null while it is not known. */
  get isHonoured(): boolean | null {
    return this.#isHonoured;
  }

  /** A request was answered. */
  onAnswer({ messages, nSamples }: SampleRequest, nGiven: number): void {
    if (nSamples > 1) this.#learn(nGiven >= nSamples);
    else if (this.#suspects.delete(messages)) this.#learn(false);
  }

  /** A request was refused. @returns whether `n` may be the reason, so that its completions should be asked for one by one */
  onRefusal({ messages, nSamples }: SampleRequest): boolean {
    if (nSamples === 1) {
      this.#suspects.delete(messages);
      return false;
    }
    if (this.#isHonoured === true) return false;
    if (this.#isHonoured === null) this.#suspects.add(messages);
    return true;
  }

  /** Once it was not honoured, what was under way before changes nothing: asking one by one is always right. */
  #learn(isHonoured: boolean): void {
    if (this.#isHonoured === isHonoured || this.#isHonoured === false) return;
    this.#isHonoured = isHonoured;
    this.#onChange(isHonoured);
  }
}
