// Claims of this process on what it is about to compute: files that only one process can create.
import { hash, randomUUID } from 'node:crypto';
import { linkSync, readdirSync, truncateSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { hasErrorCode } from '../core/errors.js';
import { makeFolder, readTextIfPresent, writeError, writeFileAtomic } from '../core/files.js';
import { thisProcess } from '../core/process-identity.js';
import { coalesced } from './coalesced.js';
import { claimsFolder, livingPid, lockStore, usersFolder } from './store-lock.js';

const POLL_MS = 50;
/** How long it is remembered whether the process of a claim is alive. */
const LIVENESS_MS = 500;
const CLAIM_DIGITS = 22;

/** The name of the file of a claim. */
export function claimOf(partition: string, name: string): string {
  return hash('sha256', `${partition}\n${name}`, 'base64url').slice(0, CLAIM_DIGITS);
}

/**
 * The claims of this process on a store.
 *
 * A process that writes to the store has a file in `users/` that says which process it is. A claim is a hard link to that file in
 * `claims/`: making one is a single step that fails where another process was first, on network file systems, too. Giving it back removes
 * the link. On leaving, a process empties its file, which frees all its claims at once; those of a dead process are removed by the process
 * that waits for one. Nothing here has to outlast the machine. The calls are synchronous: they take microseconds.
 */
export class Claims {
  readonly #folder: string;
  readonly #closing = new AbortController();
  /** The file of this process in `users/`; null before it joined. */
  #user: string | null = null;
  /** What this store holds or waits for, each with the promise of its release. */
  readonly #own = new Map<string, { released: Promise<void>; release: () => void }>();
  /** Names in `users/` when what others have put was last looked at, and whether one of them was alive; null: not yet. */
  #seen: { names: string; hasOthers: boolean } | null = null;
  #news: Promise<boolean> | null = null;
  readonly #living = new Map<string, { untilMs: number; isAlive: boolean }>();
  readonly #joinOnce = coalesced(() => this.#join());
  readonly #removeDead = coalesced(async () => (await this.#lock())());

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Joins those who use the store, once. @throws DataError */
  async join(): Promise<void> {
    if (this.#user === null) await this.#joinOnce();
  }

  async #join(): Promise<void> {
    this.#closing.signal.throwIfAborted();
    if (this.#user !== null) return;
    const path = join(usersFolder(this.#folder), randomUUID());
    const unlock = await this.#lock();
    try {
      await makeFolder(claimsFolder(this.#folder));
      await writeFileAtomic(path, JSON.stringify(await thisProcess()));
      this.#user = path;
      this.#seen = null;
    } finally {
      await unlock();
    }
  }

  #lock(): Promise<() => Promise<void>> {
    return lockStore(this.#folder, { alone: false, signal: this.#closing.signal });
  }

  /**
   * Waits until no other caller or living process has a claim, and takes it.
   * @param claim see {@link claimOf}
   * @returns `release` gives it back; it does nothing the second time and never throws
   * @throws DataError when the claim cannot be written; the signal's reason when it aborts
   */
  async claim(claim: string, signal: AbortSignal): Promise<{ release: () => void }> {
    for (let own = this.#own.get(claim); own; own = this.#own.get(claim)) {
      this.#throwIfStopped(signal);
      await Promise.race([own.released, sleep(POLL_MS)]);
    }
    this.#throwIfStopped(signal);
    let settle = (): void => undefined;
    const released = new Promise<void>((resolve) => (settle = resolve));
    let isLinked = false;
    const release = (): void => {
      if (this.#own.get(claim)?.released !== released) return;
      this.#own.delete(claim);
      if (isLinked) this.#unlink(claim);
      settle();
    };
    this.#own.set(claim, { released, release });
    try {
      for (;;) {
        isLinked = await this.#tryToTake(claim);
        this.#throwIfStopped(signal);
        if (isLinked) return { release };
        await sleep(POLL_MS);
        this.#throwIfStopped(signal);
      }
    } catch (thrown) {
      release();
      throw thrown;
    }
  }

  #throwIfStopped(signal: AbortSignal): void {
    signal.throwIfAborted();
    this.#closing.signal.throwIfAborted();
  }

  async #tryToTake(claim: string): Promise<boolean> {
    if (this.#user === null) await this.join();
    const path = join(claimsFolder(this.#folder), claim);
    try {
      linkSync(this.#user ?? '', path);
      return true;
    } catch (thrown) {
      // A process that cannot see this one, as from another container, has removed its file: it joins again.
      if (hasErrorCode(thrown, 'ENOENT')) this.#user = null;
      else if (!hasErrorCode(thrown, 'EEXIST')) throw writeError(path, thrown);
      else if (!(await this.#isHeld(path))) await this.#removeDead();
      return false;
    }
  }

  /** Whether the process that has a claim lives. */
  async #isHeld(path: string): Promise<boolean> {
    const content = await readTextIfPresent(path);
    // Given back just now: the next attempt may take it.
    if (content === null) return true;
    const known = this.#living.get(content);
    if (known !== undefined && known.untilMs > performance.now()) return known.isAlive;
    const isAlive = (await livingPid(content)) !== null;
    this.#living.set(content, { untilMs: performance.now() + LIVENESS_MS, isAlive });
    return isAlive;
  }

  #unlink(claim: string): void {
    try {
      unlinkSync(join(claimsFolder(this.#folder), claim));
    } catch {
      // It is gone, or others see that it is free when this process has left.
    }
  }

  /** Whether another process may have put something since {@link look} was last called; found out once for all claims of a moment. */
  hasNews(): Promise<boolean> {
    return (this.#news ??= new Promise((resolve) => {
      setImmediate(() => {
        this.#news = null;
        const seen = this.#seen;
        resolve(seen === null || seen.hasOthers || seen.names !== this.#userNames().join());
      });
    }));
  }

  /**
   * Looks at what others have put; one look at a time.
   * @param work takes in everything that was put before it began
   */
  async look(work: () => Promise<void>): Promise<void> {
    const names = this.#user === null ? null : this.#userNames();
    let hasOthers = false;
    for (const name of names ?? []) {
      const path = join(usersFolder(this.#folder), name);
      if (path !== this.#user && (await this.#isHeld(path))) hasOthers = true;
    }
    await work();
    if (names !== null) this.#seen = { names: names.join(), hasOthers };
  }

  #userNames(): string[] {
    try {
      return readdirSync(usersFolder(this.#folder)).sort();
    } catch {
      // Not what was seen before, so others may have put something.
      return [];
    }
  }

  /** Gives everything back; callers that wait get the error that the store is closed. */
  async close(): Promise<void> {
    this.#closing.abort(new Error('the completion store is closed'));
    await this.#joinOnce().catch(() => undefined);
    for (const { release } of [...this.#own.values()]) release();
    if (this.#user === null) return;
    try {
      // The file stays, empty, so that others notice that this process was here; the next one that joins removes it.
      truncateSync(this.#user);
    } catch {
      // Others notice when this process has ended.
    }
    this.#user = null;
  }
}
