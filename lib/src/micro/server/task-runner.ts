// Works the tasks of one kind one at a time, and takes over those of servers that have died.
import { setMaxListeners } from 'node:events';
import type { Task } from './task-store.js';

/** How often a server looks whether another server has cancelled its task, in milliseconds. */
const WATCH_MS = 500;

/** What the work on a task goes by. */
export interface TaskRun {
  /** Resolves when the tasks before this one have ended, or the signal aborts. */
  turn: Promise<unknown>;
  /** Aborts when the task is cancelled or the server closes. */
  signal: AbortSignal;
  /** Aborts when the server closes: what is unfinished is left to the next server. */
  closing: AbortSignal;
}

/** A task that has been claimed. */
export interface ClaimedTask {
  /** Works on it to its end. A failure is reported, and the next request for the task makes another attempt. */
  work: (run: TaskRun) => Promise<void>;
  /** Called at the start and twice a second. @returns whether the task was cancelled, at this or another server */
  watch: () => Promise<boolean>;
}

/** How tasks of one kind are worked on. */
export interface TaskWork<Kind extends Task> {
  store: {
    find: (id: string) => Promise<Kind | null>;
    list: () => Promise<Kind[]>;
    claim: (id: string) => Promise<(() => Promise<void>) | null>;
  };
  /** The first step after the claim, before its client is answered. @returns null where nothing is left to do */
  begin: (task: Kind) => Promise<ClaimedTask | null>;
  /** Called with failures that are not the client's fault. */
  report: (failure: unknown) => void;
}

/** The queue of one server, in the order of the claims. */
export class TaskRunner<Kind extends Task> {
  readonly #kind: TaskWork<Kind>;
  /** Tasks of this server, each with what cancels it. */
  readonly #owned = new Map<string, AbortController>();
  /** Claims that are under way, by id. */
  readonly #claiming = new Map<string, Promise<void>>();
  readonly #working = new Set<Promise<void>>();
  readonly #closing = new AbortController();
  /** Resolves when the last task in the queue and all before it have ended. */
  #queue: Promise<unknown> = Promise.resolve();

  constructor(kind: TaskWork<Kind>) {
    this.#kind = kind;
    setMaxListeners(0, this.#closing.signal);
  }

  /** Takes a task that no server works on; does nothing where one does, or where it has ended. @throws DataError */
  async takeOver({ request: { id }, outcome }: Kind): Promise<void> {
    if (outcome !== null || this.#isClosing() || this.#owned.has(id)) return;
    const claiming = this.#claiming.get(id) ?? this.#claim(id).finally(() => this.#claiming.delete(id));
    this.#claiming.set(id, claiming);
    await claiming;
  }

  /** Takes over all that have lost their server: oldest first, in the order in which they were created. @throws DataError */
  async takeOverAll(): Promise<void> {
    for (const task of (await this.#kind.store.list()).reverse()) await this.takeOver(task);
  }

  /** Stops the work on a cancelled task, if this server has it. */
  stop(id: string): void {
    this.#owned.get(id)?.abort();
  }

  /** Stops working and gives unfinished tasks back, for the next server of this folder. */
  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.allSettled(this.#claiming.values());
    while (this.#working.size > 0) await Promise.all(this.#working);
  }

  /** Asked again after each pause, in which the server may have begun to close. */
  #isClosing(): boolean {
    return this.#closing.signal.aborted;
  }

  async #claim(id: string): Promise<void> {
    const { store, begin, report } = this.#kind;
    const giveBack = await store.claim(id);
    if (giveBack === null) return;
    try {
      // Read again: another server may have worked on it, or ended it, while the claim was made.
      const task = await store.find(id);
      const isOpen = task !== null && task.outcome === null && !this.#isClosing();
      const claimed = isOpen ? await begin(task) : null;
      if (claimed !== null && !this.#isClosing()) {
        this.#start(id, claimed, giveBack);
        return;
      }
    } catch (thrown) {
      await giveBack().catch(report);
      throw thrown;
    }
    await giveBack();
  }

  #start(id: string, claimed: ClaimedTask, giveBack: () => Promise<void>): void {
    const cancel = new AbortController();
    this.#owned.set(id, cancel);
    const before = this.#queue;
    const working = this.#work(claimed, cancel, before).finally(async () => {
      this.#owned.delete(id);
      await giveBack().catch(this.#kind.report);
      this.#working.delete(working);
    });
    this.#working.add(working);
    this.#queue = Promise.all([before, working]);
  }

  /** Never throws. */
  async #work(
    { work, watch }: ClaimedTask,
    cancel: AbortController,
    before: Promise<unknown>,
  ): Promise<void> {
    const { report } = this.#kind;
    const timer = setInterval(() => {
      watch().then((isCancelled) => {
        if (isCancelled) cancel.abort();
      }, report);
    }, WATCH_MS);
    timer.unref();
    const closing = this.#closing.signal;
    const signal = AbortSignal.any([cancel.signal, closing]);
    setMaxListeners(0, signal);
    try {
      if (await watch()) cancel.abort();
      await work({ turn: Promise.race([before, aborted(signal)]), signal, closing });
    } catch (thrown) {
      report(thrown);
    } finally {
      clearInterval(timer);
    }
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
