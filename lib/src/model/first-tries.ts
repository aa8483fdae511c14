// The first request of a kind goes to a server alone: what the server refuses of it is learned once, not by every request in flight.
import { orAborted } from '../core/on-abort.js';

/** How long others wait for the answer to each form of it, in milliseconds: a refusal comes at once, an answer may take minutes. */
const LONGEST_WAIT_MS = 1000;

/** The kinds of requests that a server was asked for. */
export class FirstTries {
  /** Settles once others of the kind may be sent; null: they may. */
  readonly #firsts = new Map<string, Promise<void> | null>();

  /**
   * Runs `work` once no request of its kind is the first and under way.
   * @param options.kind what requests that a server takes or refuses alike have in common
   * @param work gets a function to call whenever something is sent
   * @throws what `work` throws; the signal's reason when it aborts
   */
  async run<Result>(
    { kind, signal }: { kind: string; signal: AbortSignal },
    work: (onSent: () => void) => Promise<Result>,
  ): Promise<Result> {
    const first = this.#firsts.get(kind);
    if (first !== undefined) {
      if (first !== null) await orAborted(first, signal);
      return work(() => undefined);
    }
    let open = (): void => undefined;
    this.#firsts.set(kind, new Promise((resolve) => (open = resolve)));
    const timer = setTimeout(open, LONGEST_WAIT_MS);
    try {
      return await work(() => timer.refresh());
    } finally {
      clearTimeout(timer);
      open();
      this.#firsts.set(kind, null);
    }
  }
}
