// Claims of this process: the first to announce one holds it; later ones wait until it is released or its process died.
import { hash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { orAborted } from '../core/on-abort.js';
import { CLAIM_DIGITS } from './claim-table.js';
import { ClaimsLog } from './claims-log.js';

/** How often the log is read while a claim is not granted, in milliseconds. */
const POLL_MS = 50;
/** Releases wait this long for a claim, to be written together with it, in milliseconds. */
const RELEASE_DELAY_MS = 5;
/** The pause after the log could not be written, in milliseconds. */
const RETRY_DELAY_MS = 1_000;

/** A claim that was granted. */
export interface GrantedClaim {
  /** Whether another process may have put something since {@link Claims.lookWith} last ended. */
  mayHaveChanged: boolean;
  /** Releases it; does nothing the second time. Never throws. */
  release: () => void;
}

/** A claim of this process, announced or granted. */
interface OwnClaim {
  grant: () => void;
  refuse: (reason: unknown) => void;
  /** Callers of this process that wait until it is released. */
  next: (() => void)[];
}

/** The id of a claim in the log: a hash of the partition and the name. */
export function claimOf(partition: string, name: string): string {
  return hash('sha256', `${partition}\n${name}`, 'base64url').slice(0, CLAIM_DIGITS);
}

/** The claims of this process on a store. */
export class Claims {
  readonly #folder: string;
  readonly #closing = new AbortController();
  #log: ClaimsLog | null = null;
  #joining: Promise<ClaimsLog> | null = null;
  /** Claims that are not released yet. */
  readonly #own = new Map<string, OwnClaim>();
  /** Claims that are announced and not granted yet. */
  readonly #announced = new Map<string, OwnClaim>();
  #unsent: { kind: 'claimed' | 'released'; claim: string }[] = [];
  #isFlushDue = false;
  #releaseTimer: NodeJS.Timeout | null = null;
  #isWatching = false;
  #compacting: Promise<void> | null = null;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Joins the processes that use the store, once. @throws DataError */
  async join(): Promise<void> {
    if (this.#log !== null) return;
    this.#closing.signal.throwIfAborted();
    this.#joining ??= ClaimsLog.join(this.#folder, { signal: this.#closing.signal });
    try {
      this.#log = await this.#joining;
    } catch (thrown) {
      this.#joining = null;
      throw thrown;
    }
  }

  /**
   * Reads what other processes have put; one call at a time.
   * @param look reads everything that was put before it began
   */
  async lookWith(look: () => Promise<void>): Promise<void> {
    const table = this.#log?.table;
    table?.startLook();
    let hasFailed = true;
    try {
      await look();
      hasFailed = false;
    } finally {
      table?.endLook({ hasFailed });
    }
  }

  /**
   * Waits until this process holds the claim.
   * @param claim see {@link claimOf}
   * @throws DataError when the log cannot be read or written; the signal's reason when it aborts
   */
  async claim(claim: string, signal: AbortSignal): Promise<GrantedClaim> {
    signal.throwIfAborted();
    for (let other = this.#own.get(claim); other; other = this.#own.get(claim)) {
      const { next } = other;
      await orAborted(new Promise<void>((resolve) => next.push(resolve)), signal);
      this.#closing.signal.throwIfAborted();
    }
    const turn = this.#add(claim);
    try {
      if (this.#log === null) await orAborted(this.join(), signal);
      this.#announce(claim);
      await orAborted(turn, signal);
    } catch (thrown) {
      this.#giveBack(claim);
      throw thrown;
    }
    let isHeld = true;
    return {
      mayHaveChanged: this.#log?.table.mayHaveChanged(claim) ?? true,
      release: () => {
        if (isHeld) this.#giveBack(claim);
        isHeld = false;
      },
    };
  }

  #add(claim: string): Promise<void> {
    const turn = new Promise<void>((grant, refuse) => {
      this.#own.set(claim, { grant, refuse, next: [] });
    });
    // It may be refused before it is waited for.
    turn.catch(() => undefined);
    return turn;
  }

  /** Called once this process has joined; claims of one turn of the event loop are written together. */
  #announce(claim: string): void {
    const own = this.#own.get(claim);
    if (own !== undefined) this.#announced.set(claim, own);
    this.#unsent.push({ kind: 'claimed', claim });
    if (!this.#isFlushDue) {
      this.#isFlushDue = true;
      setImmediate(() => this.#flush());
    }
  }

  #giveBack(claim: string): void {
    const own = this.#own.get(claim);
    this.#own.delete(claim);
    this.#announced.delete(claim);
    for (const wake of own?.next ?? []) wake();
    if (this.#log === null) return;
    this.#unsent.push({ kind: 'released', claim });
    this.#flushLater(RELEASE_DELAY_MS);
  }

  #flushLater(delayMs: number): void {
    this.#releaseTimer ??= setTimeout(() => this.#flush(), delayMs).unref();
  }

  #flush(): void {
    this.#isFlushDue = false;
    if (this.#releaseTimer !== null) clearTimeout(this.#releaseTimer);
    this.#releaseTimer = null;
    const records = this.#unsent;
    if (this.#log === null || records.length === 0) return;
    this.#unsent = [];
    try {
      this.#log.announce(records);
    } catch (thrown) {
      // Releases are tried again, before later claims.
      this.#unsent = records.filter(({ kind }) => kind === 'released');
      for (const { claim } of records) this.#announced.get(claim)?.refuse(thrown);
      this.#flushLater(RETRY_DELAY_MS);
    }
    this.#grant();
    if (this.#announced.size > 0) void this.#watch();
    if (this.#log.isLong) this.#compact(this.#log);
  }

  #grant(): void {
    for (const [claim, own] of this.#announced) {
      if (this.#log?.holds(claim) !== true) continue;
      this.#announced.delete(claim);
      own.grant();
    }
  }

  /** Reads the log again and again as long as a claim is not granted. Never throws. */
  async #watch(): Promise<void> {
    if (this.#isWatching) return;
    this.#isWatching = true;
    while (this.#announced.size > 0) {
      await sleep(POLL_MS);
      if (this.#log === null || this.#announced.size === 0) continue;
      try {
        this.#log.catchUp();
        await this.#removeDeadHolders(this.#log);
        this.#grant();
      } catch (thrown) {
        for (const own of this.#announced.values()) own.refuse(thrown);
      }
    }
    this.#isWatching = false;
  }

  async #removeDeadHolders(log: ClaimsLog): Promise<void> {
    const alive = new Set<string>();
    for (;;) {
      const holders = new Set<string>();
      for (const claim of this.#announced.keys()) {
        const holder = log.table.holderOf(claim);
        if (holder !== null && !log.holds(claim) && !alive.has(holder)) holders.add(holder);
      }
      if (holders.size === 0) return;
      await log.removeDead(holders);
      // The process that is next in line may be dead as well.
      for (const holder of holders) if (log.table.members.has(holder)) alive.add(holder);
    }
  }

  #compact(log: ClaimsLog): void {
    // A failure is harmless: the log only stays longer than it needs to be.
    this.#compacting ??= log
      .compact(this.#closing.signal)
      .catch(() => undefined)
      .finally(() => {
        this.#compacting = null;
      });
  }

  /** Releases all claims; callers that wait get the error that the store is closed. */
  async close(): Promise<void> {
    const reason = new Error('the completion store is closed');
    this.#closing.abort(reason);
    for (const { refuse, next } of this.#own.values()) {
      refuse(reason);
      for (const wake of next) wake();
    }
    const log = await this.#joining?.catch(() => null);
    await this.#compacting;
    this.#flush();
    this.#log = null;
    this.#joining = null;
    log?.leave();
  }
}
