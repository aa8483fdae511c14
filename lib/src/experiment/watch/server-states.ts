// The state of a run's servers, from the events of the request engine.
import { z } from 'zod';
import { isoTime } from '../../core/iso-time.js';
import type { Redact } from '../../core/secrets.js';
import { printable } from '../../core/text.js';
import type { EngineEvent } from '../../model/index.js';

export const serverStateSchema = z.strictObject({
  /** Its address, without secrets. */
  server: z.string(),
  /** `closed`: in use; `open`: taken out; `half-open`: tried again. */
  state: z.enum(['closed', 'open', 'half-open']),
  /** The most requests in flight there; null as long as it was not lowered. */
  limit: z.int().nullable(),
  /** Nothing is sent there before this time; null where it was never paused. */
  pausedUntil: z.iso.datetime().nullable(),
});
/** A server as the engine treats it. */
export type ServerState = z.infer<typeof serverStateSchema>;

export const lastErrorSchema = z.strictObject({
  at: z.iso.datetime(),
  /** null for a failure without a server. */
  server: z.string().nullable(),
  code: z.string().nullable(),
  message: z.string(),
});
/** The failure that was seen last, whether or not the attempt was repeated. */
export type LastError = z.infer<typeof lastErrorSchema>;

/** Follows servers; only those with an event are listed. */
export class ServerStates {
  readonly #redact: Redact;
  readonly #servers = new Map<string, ServerState>();
  /** Kept unformatted: failing servers cause thousands per second, and few are read. */
  #lastFailure: (Omit<LastError, 'at'> & { nowMs: number }) | null = null;

  constructor(redact: Redact) {
    this.#redact = redact;
  }

  /** In the order of their first events. */
  get servers(): ServerState[] {
    return [...this.#servers.values()];
  }

  get lastError(): LastError | null {
    if (this.#lastFailure === null) return null;
    const { server, code, message, nowMs } = this.#lastFailure;
    return { at: isoTime(nowMs), server, code, message: printable(this.#redact(message)) };
  }

  /** Receives an event. @param nowMs milliseconds since 1970 */
  onEngineEvent(event: EngineEvent, nowMs: number): void {
    switch (event.kind) {
      case 'attempt-failed':
        this.#change(event.server, {});
        return this.onFailure(event, nowMs);
      case 'paused':
        return this.#change(event.server, { pausedUntil: isoTime(nowMs + event.ms) });
      case 'limit':
        return this.#change(event.server, { limit: Math.round(event.limit) });
      case 'breaker':
        return this.#change(event.server, { state: event.state });
      case 'left-out':
        return this.#change(event.server, { state: 'open' });
      case 'capability':
      case 'adapted':
        return this.#change(event.server, {});
      case 'batch':
        return;
    }
  }

  /** Remembers a failure. @param nowMs milliseconds since 1970 */
  onFailure({ server, code, message }: Omit<LastError, 'at'>, nowMs: number): void {
    this.#lastFailure = { server, code, message, nowMs };
  }

  #change(server: string, change: Partial<ServerState>): void {
    const known = this.#servers.get(server) ?? { server, state: 'closed', limit: null, pausedUntil: null };
    this.#servers.set(server, { ...known, ...change });
  }
}
