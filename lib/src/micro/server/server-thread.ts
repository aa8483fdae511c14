// Runs a server of the embedded model in a thread of its own, so that the server and the pipeline do not block each other.
import type { Worker } from 'node:worker_threads';
import { messageOf } from '../../core/errors.js';
import { startWorkerThread } from '../../core/worker-thread.js';
import { errorOf } from '../../core/thread-failure.js';
import type { ServerThreadMessage } from './server-worker.js';
import type { RunningServer, StartServerOptions } from './start.js';

/** How to serve from a thread. */
export interface ServerThreadOptions extends StartServerOptions {
  /**
   * Called when the thread dies without having been closed. Default: the error is thrown uncaught, so that the
   * process ends instead of continuing without its server.
   */
  onCrash?: (error: Error) => void;
  /** Starts a thread of `server-worker`. */
  startThread?: (options: StartServerOptions) => Worker;
}

/**
 * Starts a server in a thread; resolves when it listens.
 * @throws what `startServer` throws; Error when the thread dies before it listens
 */
export async function startServerThread(options: ServerThreadOptions): Promise<RunningServer> {
  const { onCrash = throwUncaught, startThread = startServerWorker, ...serverOptions } = options;
  const thread = startThread(serverOptions);
  const life = watch(thread);
  const first = await Promise.race([life.nextMessage(), life.death]);
  if (first instanceof Error) throw first;
  if (first.kind !== 'ready') {
    await thread.terminate();
    throw first.kind === 'refused' ? errorOf(first.error) : new Error('the server closed before it listened');
  }
  let isClosing = false;
  void life.death.then((error) => {
    if (!isClosing) onCrash(error);
  });
  return {
    baseUrl: first.baseUrl,
    close: async () => {
      if (isClosing) return;
      isClosing = true;
      const closed = life.nextMessage();
      thread.postMessage('close');
      const last = await Promise.race([closed, life.death]);
      if (last instanceof Error) throw last;
      await thread.terminate();
    },
  };
}

function startServerWorker(options: StartServerOptions): Worker {
  return startWorkerThread(new URL('./server-worker', import.meta.url), options);
}

/** The next message of a thread, and the error with which it ends. */
function watch(thread: Worker): { nextMessage: () => Promise<ServerThreadMessage>; death: Promise<Error> } {
  const death = new Promise<Error>((resolve) => {
    thread.once('error', (cause) => {
      resolve(new Error(`the thread of the embedded model's server crashed: ${messageOf(cause)}`, { cause }));
    });
    thread.once('exit', (code) => {
      resolve(new Error(`the thread of the embedded model's server ended by itself, with exit code ${code}`));
    });
  });
  return {
    death,
    nextMessage: () =>
      new Promise((resolve) => {
        thread.once('message', (message: ServerThreadMessage) => {
          resolve(message);
        });
      }),
  };
}

function throwUncaught(error: Error): void {
  queueMicrotask(() => {
    throw error;
  });
}
