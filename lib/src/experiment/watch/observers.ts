// The observers of a run: the caller, the log and the status.
import { isoTime } from '../../core/iso-time.js';
import { printable } from '../../core/text.js';
import type { EngineEvent } from '../../model/index.js';
import type { RunEvent, RunListener } from './events.js';
import { RunPace } from './run-pace.js';

/** Pauses of this length on are reported on the terminal, in milliseconds. */
const LONG_PAUSE_MS = 10_000;
/** A request that has failed so often has waited for half a minute, at the pauses of a run. */
const MANY_ATTEMPTS = 6;
/** How long the same failure of a server is not reported again, in milliseconds. */
const TOLD_FOR_MS = 600_000;

/** Longest message of a server that a warning repeats, in characters. */
const LONGEST_MESSAGE = 300;

type FailedAttempt = Extract<EngineEvent, { kind: 'attempt-failed' }>;

/** Receives the events of a run and of the request engine. */
export interface RunObserver {
  onEvent(event: RunEvent): void;
  onEngineEvent(event: EngineEvent): void;
}

/** Passes every event to all observers. */
export class RunObservers implements RunObserver {
  readonly #listener: RunListener;
  /** Log and status are added once the run's folder is locked; the listener receives every event. */
  readonly #observers: RunObserver[] = [];
  /** Warnings so far, e.g. of the first contact with servers: observers that are added later receive them, too. */
  readonly #warnings: RunEvent[] = [];
  /** Until when nothing more is said of a pause or a failure of a server, in milliseconds since 1970. */
  readonly #toldUntil = new Map<string, number>();
  /** Changes of requests that a warning has told. */
  readonly #adapted = new Set<string>();
  #pace: RunPace | null = null;

  constructor(listener: RunListener) {
    this.#listener = listener;
  }

  /** Adds an observer, which receives earlier warnings at once. */
  add(observer: RunObserver): void {
    this.#observers.push(observer);
    for (const warning of this.#warnings) observer.onEvent(warning);
  }

  /** From now on, progress says what is left of the whole run. @param benchmarks see {@link RunPace} */
  measure(nIterations: number, benchmarks: readonly (string | undefined)[], isAudited: boolean): void {
    this.#pace = new RunPace(nIterations, benchmarks, isAudited);
  }

  readonly onEvent = (received: RunEvent): void => {
    this.#pace?.onEvent(received);
    const event =
      received.kind === 'progress' && this.#pace
        ? { ...received, runLeft: this.#pace.left(received.progress) }
        : received;
    for (const observer of this.#observers) observer.onEvent(event);
    this.#listener(event);
  };

  readonly onEngineEvent = (event: EngineEvent): void => {
    for (const observer of this.#observers) observer.onEngineEvent(event);
    if (event.kind === 'left-out')
      this.warn(`${event.server} is left out from now on: it does not have ${event.model}`);
    else if (event.kind === 'paused') this.#warnOfPause(event);
    else if (event.kind === 'attempt-failed') this.#warnOfWaiting(event);
    else if (event.kind === 'adapted') this.#warnOfChange(event);
  };

  /** Requests that were in flight together each ask for about the same pause. */
  #warnOfPause({ server, ms, header }: { server: string; ms: number; header: string }): void {
    const until = Date.now() + ms;
    if (ms < LONG_PAUSE_MS || until < (this.#toldUntil.get(server) ?? 0) + LONG_PAUSE_MS) return;
    this.#toldUntil.set(server, until);
    const seconds = Math.round(ms / 1000);
    this.warn(
      `${server} asks for a pause of ${seconds} s (${header}): nothing is sent there until ${isoTime(until)}`,
    );
  }

  /** A run that waits for a server for long says why: at once where a model is being loaded, else after some attempts of one request. */
  #warnOfWaiting({ server, code, attempt, message, waitMs }: FailedAttempt): void {
    if (waitMs === null || (code !== 'loading' && attempt < MANY_ATTEMPTS)) return;
    const told = `${server} ${code}`;
    if (Date.now() < (this.#toldUntil.get(told) ?? 0)) return;
    this.#toldUntil.set(told, Date.now() + TOLD_FOR_MS);
    const what = code === 'loading' ? 'is still loading its model' : `has failed a request ${attempt} times`;
    this.warn(`${server} ${what}, and is waited for: ${message}`);
  }

  /** Models of one kind, such as all judges of a run, mostly refuse the same; the log has all of them. */
  #warnOfChange({ server, model, change, message }: Extract<EngineEvent, { kind: 'adapted' }>): void {
    if (this.#adapted.has(change)) return;
    this.#adapted.add(change);
    const answered = message === '' ? '' : `; ${server} answered: ${printable(message, LONGEST_MESSAGE)}`;
    this.warn(`requests to ${model} are written differently from now on: the engine ${change}${answered}`);
  }

  readonly warn = (message: string): void => {
    const warning: RunEvent = { kind: 'warning', message };
    this.#warnings.push(warning);
    this.onEvent(warning);
  };
}
