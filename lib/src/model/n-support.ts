// Whether a server gives several completions for one request (`n`): vLLM does, llama-server has refused it, others silently give one.

/** What is known, learned from what comes back. */
export class NSupport {
  readonly #onChange: (isOffered: boolean) => void;
  #isHonoured: boolean | null = null;
  /** A request with `n` was refused; a single one that is answered then shows that `n` was the reason. */
  #isSuspected = false;

  constructor(onChange: (isOffered: boolean) => void = () => undefined) {
    this.#onChange = onChange;
  }

  /** null while it is not known. */
  get isHonoured(): boolean | null {
    return this.#isHonoured;
  }

  /** A request was answered. */
  onAnswer(nAsked: number, nGiven: number): void {
    if (nAsked > 1) this.#learn(nGiven >= nAsked);
    else if (this.#isSuspected) this.#learn(false);
    if (nAsked === 1) this.#isSuspected = false;
  }

  /** A request was refused. @returns whether `n` may be the reason, so that its completions should be asked for one by one */
  onRefusal(nAsked: number): boolean {
    if (nAsked === 1) {
      this.#isSuspected = false;
      return false;
    }
    if (this.#isHonoured !== null) return false;
    this.#isSuspected = true;
    return true;
  }

  #learn(isHonoured: boolean): void {
    this.#isSuspected = false;
    if (this.#isHonoured === isHonoured) return;
    this.#isHonoured = isHonoured;
    this.#onChange(isHonoured);
  }
}
