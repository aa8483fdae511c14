// One sampling thread as the engine sees it: posts parts to it, and hears what becomes of them.
import type { Worker } from 'node:worker_threads';
import { ModelError } from '../core/errors.js';
import type { MessageFromThread, MessageToThread } from './sampling-messages.js';
import { errorOf } from '../core/thread-failure.js';
import type { SampledChoice, TokenListener } from './types.js';

/** What a part's owner wants to hear. */
export interface PartListener {
  onToken: TokenListener | null;
  onDone: (choices: SampledChoice[]) => void;
  onFailed: (error: Error) => void;
  /** Expected work, in tokens. */
  load: number;
}

/** Runs parts on one thread. A thread that dies fails its parts and is replaced for the next one. */
export class SamplingLane {
  readonly #startThread: () => Worker;
  readonly #parts = new Map<number, PartListener>();
  #thread: Worker | null = null;
  #outbox: MessageToThread[] = [];
  #load = 0;
  #closed = false;

  constructor(startThread: () => Worker) {
    this.#startThread = startThread;
  }

  /** Expected work of all parts under way, in tokens. */
  get load(): number {
    return this.#load;
  }

  start(part: Extract<MessageToThread, { kind: 'sample' }>, listener: PartListener): void {
    this.#parts.set(part.partId, listener);
    this.#load += listener.load;
    this.#post(part);
  }

  /** Ends a part at once; its listener hears nothing more. */
  cancel(partId: number): void {
    if (this.#forget(partId) !== undefined) this.#post({ kind: 'cancel', partId });
  }

  /** Ends the thread and fails its parts. */
  async close(): Promise<void> {
    this.#closed = true;
    const thread = this.#thread;
    this.#lose(new Error('the sampling engine was closed'));
    await thread?.terminate();
  }

  /** Messages of one turn of the event loop travel together. */
  #post(message: MessageToThread): void {
    if (this.#outbox.length === 0) {
      queueMicrotask(() => {
        const messages = this.#outbox;
        this.#outbox = [];
        if (messages.length > 0 && !this.#closed) (this.#thread ?? this.#open()).postMessage(messages);
      });
    }
    this.#outbox.push(message);
  }

  #open(): Worker {
    const thread = this.#startThread();
    this.#thread = thread;
    thread.on('message', (messages: MessageFromThread[]) => {
      for (const message of messages) this.#hear(message);
    });
    const onLost = (reason: string, cause?: unknown): void => {
      // The end was requested, or has been reported already.
      if (this.#thread !== thread) return;
      this.#lose(
        new ModelError({
          subject: 'embedded model',
          expected: 'a sampling thread that answers',
          received: reason,
          remedy: 'Ask again: a new thread takes over. If it happens again, the message above says why.',
          scope: 'request',
          code: 'thread-crashed',
          cause,
        }),
      );
    };
    thread.on('error', (cause) => {
      onLost(String(cause), cause);
    });
    thread.on('exit', (code) => {
      onLost(`a thread that ended with code ${code}`);
    });
    return thread;
  }

  #hear(message: MessageFromThread): void {
    const listener = this.#parts.get(message.partId);
    if (listener === undefined) return;
    switch (message.kind) {
      case 'token':
        listener.onToken?.(message.choice, message.token, message.logprob);
        return;
      case 'done':
        this.#forget(message.partId);
        listener.onDone(message.choices);
        return;
      case 'failed':
        this.#forget(message.partId);
        listener.onFailed(errorOf(message.failure));
    }
  }

  #lose(error: Error): void {
    this.#thread = null;
    this.#outbox = [];
    for (const partId of [...this.#parts.keys()]) this.#forget(partId)?.onFailed(error);
  }

  #forget(partId: number): PartListener | undefined {
    const listener = this.#parts.get(partId);
    if (listener === undefined) return undefined;
    this.#parts.delete(partId);
    this.#load -= listener.load;
    return listener;
  }
}
