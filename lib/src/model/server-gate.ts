// How many requests one server may get right now: its adaptive limit, its rates, the pauses that it asked for, its breaker.
import { AdaptiveLimit } from './adaptive-limit.js';
import type { AttemptFailure } from './attempt-failure.js';
import { CircuitBreaker } from './circuit-breaker.js';
import type { ChatServer } from './chat-server.js';
import type { EngineEvent, EngineListener } from './engine-event.js';
import type { AskedPause } from './rate-headers.js';
import { RateWindow } from './rate-window.js';

/** Bounds of one server. */
export interface ServerGateOptions {
  server: ChatServer;
  /** Most requests in flight. */
  concurrency: number;
  requestsPerMinute?: number | undefined;
  tokensPerMinute?: number | undefined;
  /** Longest pause after an answer, in milliseconds; of a longer one only a refusal is believed. */
  longestPauseMs: number;
  /** Milliseconds on a steady clock. */
  now: () => number;
  onEvent: EngineListener;
}

/** The gate of a server. After `begin`, exactly one of `succeeded`, `failed` and `left` is called. */
export class ServerGate {
  readonly server: ChatServer;
  /** Called when a place may have become free; the queue sets it. */
  onChange: () => void = () => undefined;
  readonly #limit: AdaptiveLimit;
  readonly #requests: RateWindow | null;
  readonly #tokens: RateWindow | null;
  readonly #breaker = new CircuitBreaker();
  readonly #now: () => number;
  readonly #onEvent: EngineListener;
  #nInFlight = 0;
  #nSignsOfLife = 0;
  readonly #longestPauseMs: number;
  #pause: { until: number; header: string } | null = null;

  constructor(options: ServerGateOptions) {
    const { server, concurrency, requestsPerMinute, tokensPerMinute, now, onEvent } = options;
    this.server = server;
    this.#longestPauseMs = options.longestPauseMs;
    this.#limit = new AdaptiveLimit(concurrency);
    this.#requests = requestsPerMinute === undefined ? null : new RateWindow(requestsPerMinute);
    this.#tokens = tokensPerMinute === undefined ? null : new RateWindow(tokensPerMinute);
    this.#now = now;
    this.#onEvent = onEvent;
  }

  /** Requests in flight as a share of its limit. */
  get load(): number {
    return this.#nInFlight / this.#limit.current;
  }

  /** How often it was seen to work: answers, refusals, and tries that found it working. */
  get nSignsOfLife(): number {
    return this.#nSignsOfLife;
  }

  /** Since when it is out of use, on the clock; null while it is in use. */
  get downSince(): number | null {
    return this.#breaker.downSince;
  }

  /** The pause that it asked for: until when, on the clock, and by which header; null where it asked for none. */
  get pause(): { until: number; header: string } | null {
    return this.#pause;
  }

  /**
   * When a request of this many tokens may be sent: `now` or before for at once, Infinity for when a request ends. A server whose time
   * out of use is over is tried; that ends with `onChange`.
   */
  readyAt(tokens: number, now: number): number {
    if (this.#breaker.state === 'open') {
      if (now < this.#breaker.openUntil) return this.#breaker.openUntil;
      this.#try();
    }
    if (this.#breaker.state !== 'closed' || this.#nInFlight >= this.#limit.current)
      return Number.POSITIVE_INFINITY;
    return Math.max(
      now,
      this.#pause?.until ?? 0,
      this.#requests?.readyAt(1, now) ?? 0,
      this.#tokens?.readyAt(tokens, now) ?? 0,
    );
  }

  /** Takes a place for a request that is about to be sent. */
  begin(tokens: number, now: number): void {
    this.#nInFlight++;
    this.#requests?.take(1, now);
    this.#tokens?.take(tokens, now);
  }

  /** It was answered. @param answer.surplusTokens used beyond what `begin` took; negative for fewer */
  succeeded({ surplusTokens, usedUp }: { surplusTokens: number; usedUp: AskedPause | null }): void {
    this.#nSignsOfLife++;
    this.#breakerSays(() => {
      this.#breaker.onAnswer();
    });
    if (this.#limit.onAnswer()) this.#reportLimit('recovering');
    if (usedUp !== null && usedUp.ms <= this.#longestPauseMs) this.#startPause(usedUp, 'remaining-0');
    this.#end(surplusTokens);
  }

  /** It failed. @param options.tokens what `begin` took; @param options.sentAt on the clock */
  failed(failure: AttemptFailure, options: { tokens: number; sentAt: number }): void {
    const now = this.#now();
    const { failureClass, pause } = failure;
    if (failureClass === 'rate-limited' || failureClass === 'timeout') {
      if (this.#limit.onOverload(options.sentAt, now)) this.#reportLimit('rate-limited');
    }
    if (pause !== null && failureClass !== 'refused') this.#startPause(pause, 'retry-after');
    // A server that limits or refuses works.
    const works = failureClass === 'rate-limited' || failureClass === 'refused';
    if (works) this.#nSignsOfLife++;
    this.#breakerSays(() => {
      if (works) this.#breaker.onAnswer();
      else this.#breaker.onFailure(now);
    });
    this.#end(-options.tokens);
  }

  /** The request was aborted. */
  left(tokens: number): void {
    this.#end(-tokens);
  }

  #end(surplusTokens: number): void {
    this.#nInFlight--;
    this.#tokens?.take(surplusTokens, this.#now());
    this.onChange();
  }

  #startPause({ ms, header }: AskedPause, reason: 'retry-after' | 'remaining-0'): void {
    const until = this.#now() + ms;
    if (until <= (this.#pause?.until ?? 0)) return;
    this.#pause = { until, header };
    this.#onEvent({ kind: 'paused', server: this.server.address, ms, reason, header });
  }

  /** Asks for a single token; a server that gives it, or says why not, works, and earlier failures were due to their requests. */
  #try(): void {
    this.#breakerSays(() => {
      this.#breaker.onTry();
    });
    void this.server.works().then((works) => {
      if (works) this.#nSignsOfLife++;
      this.#breakerSays(() => {
        if (works) this.#breaker.onAnswer();
        // A request may have been answered meanwhile.
        else if (this.#breaker.state === 'half-open') this.#breaker.onFailedTry(this.#now());
      });
      this.onChange();
    });
  }

  #breakerSays(change: () => void): void {
    const before = this.#breaker.state;
    change();
    const { state } = this.#breaker;
    if (state !== before) this.#onEvent({ kind: 'breaker', server: this.server.address, state });
  }

  #reportLimit(reason: Extract<EngineEvent, { kind: 'limit' }>['reason']): void {
    this.#onEvent({ kind: 'limit', server: this.server.address, limit: this.#limit.current, reason });
  }
}
