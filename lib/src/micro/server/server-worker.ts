// The thread in which a server runs: starts it, reports its address, closes it on request.
import { parentPort, workerData } from 'node:worker_threads';
import { failureOf, type ThreadFailure } from '../../core/thread-failure.js';
import { startServer, type StartServerOptions } from './start.js';

/** The messages of the thread to the thread that started it. */
export type ServerThreadMessage =
  { kind: 'ready'; baseUrl: string } | { kind: 'refused'; error: ThreadFailure } | { kind: 'closed' };

function tell(message: ServerThreadMessage): void {
  parentPort?.postMessage(message);
}

async function serve(options: StartServerOptions): Promise<void> {
  let server;
  try {
    server = await startServer(options);
  } catch (thrown) {
    tell({ kind: 'refused', error: failureOf(thrown) });
    return;
  }
  const { baseUrl, close } = server;
  // Any message asks to close; there is no other request.
  parentPort?.once('message', () => {
    void close().then(() => {
      tell({ kind: 'closed' });
    });
  });
  tell({ kind: 'ready', baseUrl });
}

await serve(workerData as StartServerOptions);
