// The observers of a run: the caller, the log and the status.
import { isoTime } from '../../core/iso-time.js';
import type { EngineEvent } from '../../model/index.js';
import type { RunEvent, RunListener } from './events.js';

/** Pauses of this length on are reported on the terminal, in milliseconds. */
const LONG_PAUSE_MS = 10_000;

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
  /** The ends of the pauses that were reported, in milliseconds since 1970. */
  readonly #pausedUntil = new Map<string, number>();
  /** Servers that were reported to be loading their models. */
  readonly #loading = new Set<string>();

  constructor(listener: RunListener) {
    this.#listener = listener;
  }

  /** Adds an observer, which receives earlier warnings at once. */
  add(observer: RunObserver): void {
    this.#observers.push(observer);
    for (const warning of this.#warnings) observer.onEvent(warning);
  }

  readonly onEvent = (event: RunEvent): void => {
    for (const observer of this.#observers) observer.onEvent(event);
    this.#listener(event);
  };

  readonly onEngineEvent = (event: EngineEvent): void => {
    for (const observer of this.#observers) observer.onEngineEvent(event);
    if (event.kind === 'left-out')
      this.warn(`${event.server} is left out from now on: it does not have ${event.model}`);
    else if (event.kind === 'paused') this.#warnOfPause(event);
    else if (event.kind === 'attempt-failed' && event.code === 'loading') this.#warnOfLoading(event);
  };

  /** Requests that were in flight together each ask for about the same pause. */
  #warnOfPause({ server, ms, header }: { server: string; ms: number; header: string }): void {
    const until = Date.now() + ms;
    if (ms < LONG_PAUSE_MS || until < (this.#pausedUntil.get(server) ?? 0) + LONG_PAUSE_MS) return;
    this.#pausedUntil.set(server, until);
    const seconds = Math.round(ms / 1000);
    this.warn(
      `${server} asks for a pause of ${seconds} s (${header}): nothing is sent there until ${isoTime(until)}`,
    );
  }

  #warnOfLoading({ server, message }: { server: string; message: string }): void {
    if (this.#loading.has(server)) return;
    this.#loading.add(server);
    this.warn(`${server} is still loading its model, and is waited for: ${message}`);
  }

  readonly warn = (message: string): void => {
    const warning: RunEvent = { kind: 'warning', message };
    this.#warnings.push(warning);
    this.onEvent(warning);
  };
}
