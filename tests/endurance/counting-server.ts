// A server on loopback that counts what it is asked, by idempotency key, and answers each question in its own way after a short while.
import { sha256 } from '../../lib/src/core/hash.js';
import { deriveRandom } from '../../lib/src/core/random.js';
import { sendChoices, startQuirkyServer } from '../fixtures/quirky-server.js';

/** A running server. */
export interface CountingServer {
  baseUrl: string;
  /** How often each question was asked, by its number. */
  timesAsked: Map<number, number>;
  /** Idempotency keys, each with the numbers of the questions that came under it. */
  keys: Map<string, Set<number>>;
  /** Called with each question's number when it comes, and when its answer goes out. */
  onAsked: (number: number) => void;
  onAnswered: (number: number) => void;
  close: () => Promise<void>;
}

/** Answers take from this to three times as long, by their number: 20 ms on average. */
const SHORTEST_MS = 10;

/** Starts it on a free port. */
export async function startCountingServer(): Promise<CountingServer> {
  const timesAsked = new Map<number, number>();
  const keys = new Map<string, Set<number>>();
  const listeners: Pick<CountingServer, 'onAsked' | 'onAnswered'> = {
    onAsked: () => undefined,
    onAnswered: () => undefined,
  };
  const server = await startQuirkyServer(({ body, request, response }) => {
    const content = body.messages.at(-1)?.content ?? '';
    const number = Number(/^Item (\d+)\./.exec(content)?.[1]);
    const key = String(request.headers['idempotency-key']);
    timesAsked.set(number, (timesAsked.get(number) ?? 0) + 1);
    keys.set(key, (keys.get(key) ?? new Set()).add(number));
    listeners.onAsked(number);
    const latencyMs = SHORTEST_MS + 2 * SHORTEST_MS * deriveRandom('latency', number).next();
    setTimeout(() => {
      if (response.destroyed) return;
      sendChoices(response, [`item ${number} ${sha256(content)} `.repeat(6)]);
      listeners.onAnswered(number);
    }, latencyMs);
  });
  return Object.assign(listeners, { baseUrl: server.baseUrl, timesAsked, keys, close: server.close });
}
