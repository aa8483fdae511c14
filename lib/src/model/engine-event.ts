// The events of the request engine. No event holds a key, a prompt or a completion.

/** An event of the request engine. `server` is an address without user, password or query. */
export type EngineEvent =
  /** An attempt failed; `waitMs` is the pause before the next one, null when there is none. */
  | {
      kind: 'attempt-failed';
      server: string;
      request: string;
      attempt: number;
      code: string;
      message: string;
      waitMs: number | null;
    }
  /** Nothing is sent to a server for a while, since it asked for that in a header, or a limit that it names is used up. */
  | { kind: 'paused'; server: string; ms: number; reason: 'retry-after' | 'remaining-0'; header: string }
  /** The most requests in flight at a server changed. */
  | { kind: 'limit'; server: string; limit: number; reason: 'rate-limited' | 'recovering' }
  /** A server was taken out of use (`open`), is being tried (`half-open`), or is in use again (`closed`). */
  | { kind: 'breaker'; server: string; state: 'open' | 'half-open' | 'closed' }
  /** One of several servers does not have a model, and gets no further requests; `message` is what it answered. */
  | { kind: 'left-out'; server: string; model: string; message: string }
  /** What was found out about a server. */
  | { kind: 'capability'; server: string; capability: 'n' | 'logprobs' | 'seed'; isOffered: boolean }
  /** Requests for a model are written differently from now on: `change` says how, `message` what the server had answered, mostly. */
  | { kind: 'adapted'; server: string; model: string; change: string; message: string }
  /** A batch of requests was submitted, found again after an interruption, or ended. */
  | { kind: 'batch'; batchId: string; state: string; nRequests: number; nFailed: number };

/** Receives events; must not throw. */
export type EngineListener = (event: EngineEvent) => void;
