// Those who watch a run: the caller, the log, the status.
import type { EngineEvent } from '../../model/index.js';
import type { RunEvent, RunListener } from './events.js';

/** Takes in what happens in a run and in the request engine. */
export interface RunObserver {
  onEvent(event: RunEvent): void;
  onEngineEvent(event: EngineEvent): void;
}

/** Hands every event on to all who watch. */
export class RunObservers implements RunObserver {
  readonly #listener: RunListener;
  /** Those that are kept in the run's folder join once it is this run's alone; the listener hears everything. */
  readonly #observers: RunObserver[] = [];

  constructor(listener: RunListener) {
    this.#listener = listener;
  }

  /** Lets another one watch from now on. */
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
