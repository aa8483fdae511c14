// The observers of a run: the caller, the log and the status.
import type { EngineEvent } from '../../model/index.js';
import type { RunEvent, RunListener } from './events.js';

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

  constructor(listener: RunListener) {
    this.#listener = listener;
  }

  /** Adds an observer. */
  add(observer: RunObserver): void {
    this.#observers.push(observer);
  }

  readonly onEvent = (event: RunEvent): void => {
    for (const observer of this.#observers) observer.onEvent(event);
    this.#listener(event);
  };

  readonly onEngineEvent = (event: EngineEvent): void => {
    for (const observer of this.#observers) observer.onEngineEvent(event);
    if (event.kind === 'left-out')
      this.warn(`${event.server} is left out from now on: it does not have ${event.model}`);
  };

  readonly warn = (message: string): void => {
    this.onEvent({ kind: 'warning', message });
  };
}
