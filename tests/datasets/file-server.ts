// A server on loopback that hands out files as a test wants it to.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { WebRetries } from '../../lib/src/datasets/web-retries.js';

export interface FileServer {
  url: string;
  /** Path and headers of every request so far. */
  requests: { path: string; headers: IncomingMessage['headers'] }[];
  close: () => Promise<void>;
}

/** Decides what happens to the k-th request (from 0). */
export type Behaviour = (context: {
  index: number;
  path: string;
  request: IncomingMessage;
  response: ServerResponse;
}) => void;

export async function startFileServer(behave: Behaviour): Promise<FileServer> {
  const requests: FileServer['requests'] = [];
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    const index = requests.push({ path, headers: request.headers }) - 1;
    behave({ index, path, request, response });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Answers as a server of files does: whole, or the part asked for if the entity tag is still the same. */
export function sendFile(
  { request, response }: { request: IncomingMessage; response: ServerResponse },
  content: Uint8Array | string,
  { etag = '"1"', cutAfter = Infinity }: { etag?: string; cutAfter?: number } = {},
): void {
  const bytes = Buffer.from(content);
  const asked = /^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1];
  const isPart = asked !== undefined && request.headers['if-range'] === etag;
  const start = isPart ? Number(asked) : 0;
  if (isPart && start >= bytes.length) {
    response.writeHead(416, { 'content-range': `bytes */${bytes.length}` }).end();
    return;
  }
  response.writeHead(isPart ? 206 : 200, {
    etag,
    'content-length': bytes.length - start,
    ...(isPart ? { 'content-range': `bytes ${start}-${bytes.length - 1}/${bytes.length}` } : {}),
  });
  const part = bytes.subarray(start, start + cutAfter);
  if (start + part.length === bytes.length) response.end(part);
  else cutAfterWriting(response, part);
}

/** How long a client on a busy machine may take to receive a part, in milliseconds. */
const DELIVERY_MS = 200;

/** Sends a part and cuts the connection once the client has it; cut at once, what is on its way would be lost. */
export function cutAfterWriting(response: ServerResponse, part: Uint8Array | string): void {
  response.write(part, () => setTimeout(() => response.destroy(), DELIVERY_MS));
}

/** Retries whose pauses take no time and are recorded. */
export function quickRetries(overrides: Partial<WebRetries> = {}): { retries: WebRetries; waits: number[] } {
  const waits: number[] = [];
  const retries: WebRetries = {
    maxAttempts: 3,
    firstWaitMs: 1000,
    longestWaitMs: 30_000,
    stallMs: 5000,
    clock: {
      now: () => 0,
      pause: (ms, signal) => {
        waits.push(ms);
        signal.throwIfAborted();
        return Promise.resolve();
      },
    },
    ...overrides,
  };
  return { retries, waits };
}
