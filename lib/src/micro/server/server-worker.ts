// The thread in which a server runs: starts it, reports its address, closes it on request.
import { parentPort, workerData } from 'node:worker_threads';
import { AutodidactError, messageOf } from '../../core/errors.js';
import { startServer, type StartServerOptions } from './start.js';

/** The messages of the thread to the thread that started it. */
export type ServerThreadMessage =
  { kind: 'ready'; baseUrl: string } | { kind: 'refused'; error: ServerThreadError } | { kind: 'closed' };

/** An error as it is sent between threads, where classes are lost. */
export interface ServerThreadError {
  name: string;
  message: string;
  parts: { subject: string; expected: string; received: string | undefined; remedy: string } | null;
}

function tell(message: ServerThreadMessage): void {
  parentPort?.postMessage(message);
}

async function serve(options: StartServerOptions): Promise<void> {
  let server;
  try {
    server = await startServer(options);
  } catch (thrown) {
    tell({ kind: 'refused', error: portable(thrown) });
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

function portable(thrown: unknown): ServerThreadError {
  const name = thrown instanceof Error ? thrown.name : 'Error';
  if (!(thrown instanceof AutodidactError)) return { name, message: messageOf(thrown), parts: null };
  const { subject, expected, received, remedy } = thrown;
  return { name, message: thrown.message, parts: { subject, expected, received, remedy } };
}

await serve(workerData as StartServerOptions);
