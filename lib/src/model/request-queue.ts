// The queue of requests: each goes to the least loaded server that is in use and within its rates, first come, first served.
import { onAbort } from '../core/on-abort.js';
import type { ServerGate } from './server-gate.js';

interface Waiter {
  tokens: number;
  resolve: (gate: ServerGate) => void;
  reject: (thrown: unknown) => void;
  forget: () => void;
}

/** Node's timers cannot wait longer. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Gives out places at servers. */
export class RequestQueue {
  readonly #gates: readonly ServerGate[];
  readonly #now: () => number;
  /** Why no answer can be expected any more; null to wait on. */
  readonly #whyGiveUp: (now: number) => Error | null;
  /** Repeated requests go first: the output waits for them, since it is in input order. */
  readonly #repeated = new Set<Waiter>();
  readonly #fresh = new Set<Waiter>();
  #timer: NodeJS.Timeout | null = null;

  constructor(options: {
    gates: readonly ServerGate[];
    now: () => number;
    whyGiveUp: (now: number) => Error | null;
  }) {
    this.#gates = options.gates;
    this.#now = options.now;
    this.#whyGiveUp = options.whyGiveUp;
    for (const gate of this.#gates) {
      gate.onChange = () => {
        this.#drain();
      };
    }
  }

  /**
   * Waits for a place. The caller reports to the gate how the request ended, which frees the place.
   * @param options.tokens about as many as the request will use
   * @throws the signal's reason when it aborts; the error of `whyGiveUp`
   */
  take(options: { tokens: number; isRepeat: boolean; signal: AbortSignal }): Promise<ServerGate> {
    const { tokens, isRepeat, signal } = options;
    if (this.#repeated.size === 0 && this.#fresh.size === 0) {
      const gate = this.#freeGate(tokens);
      if (gate) return Promise.resolve(gate);
    }
    return new Promise((resolve, reject) => {
      const queue = isRepeat ? this.#repeated : this.#fresh;
      const waiter: Waiter = { tokens, resolve, reject, forget: () => undefined };
      queue.add(waiter);
      waiter.forget = onAbort(signal, () => {
        queue.delete(waiter);
        reject(signal.reason as Error);
      });
      this.#drain();
    });
  }

  /** Clears the timer. */
  close(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #drain(): void {
    for (const queue of [this.#repeated, this.#fresh]) {
      for (const waiter of queue) {
        const gate = this.#freeGate(waiter.tokens);
        if (!gate) return this.#waitForTheNext(waiter.tokens);
        queue.delete(waiter);
        waiter.forget();
        waiter.resolve(gate);
      }
    }
  }

  /** Takes a place at the least loaded server that has one. */
  #freeGate(tokens: number): ServerGate | null {
    const now = this.#now();
    let best: ServerGate | null = null;
    for (const gate of this.#gates) {
      if (gate.readyAt(tokens, now) > now) continue;
      if (best === null || gate.load < best.load) best = gate;
    }
    best?.begin(tokens, now);
    return best;
  }

  /** Places become free when requests end; only what depends on the clock needs a timer. */
  #waitForTheNext(tokens: number): void {
    const now = this.#now();
    const why = this.#whyGiveUp(now);
    if (why) return this.#rejectAll(why);
    const at = Math.min(...this.#gates.map((gate) => gate.readyAt(tokens, now)));
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    if (!Number.isFinite(at)) return;
    this.#timer = setTimeout(
      () => {
        this.#timer = null;
        this.#drain();
      },
      Math.min(LONGEST_TIMER_MS, Math.max(1, Math.ceil(at - now))),
    );
  }

  #rejectAll(why: Error): void {
    for (const queue of [this.#repeated, this.#fresh]) {
      for (const waiter of queue) {
        waiter.forget();
        waiter.reject(why);
      }
      queue.clear();
    }
  }
}
