// The log of claims of a store: processes of one machine append to it, and its order is the order of their claims.
import { randomUUID } from 'node:crypto';
import { closeSync, fstatSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { writeError } from '../core/files.js';
import { isProcessAlive, thisProcess, type ProcessIdentity } from '../core/process-identity.js';
import { ClaimTable, decodeRecord, encodeRecord, MEMBER_DIGITS, type ClaimRecord } from './claim-table.js';
import { CLAIMS_FILE, lockStore } from './store-lock.js';

/** A longer log is emptied once no other process uses it. */
const LONG_LOG_BYTES = 8 * 2 ** 20;
const CHUNK_BYTES = 2 ** 20;
/** Processes that join hold the lock for milliseconds; one that prunes the store may hold it longer. */
const JOIN_PATIENCE_MS = 30_000;

/**
 * The log of a store as this process reads and writes it.
 *
 * Records are appended with `O_APPEND`, several in one write; local file systems do not mix writes of different processes, so the order
 * of the file is a total order. A record that was torn by a kill or a full disk has the wrong length and is skipped; every write begins
 * with a line end, so a torn record does not damage the next one. Reads and writes are synchronous: they stay in the page cache and take
 * microseconds. Nothing is synced to the disk: when the machine goes down, all processes with claims end as well.
 */
export class ClaimsLog {
  readonly #folder: string;
  readonly #path: string;
  readonly #descriptor: number;
  readonly #process: ProcessIdentity;
  readonly #self = randomUUID().slice(0, MEMBER_DIGITS);
  readonly table = new ClaimTable(this.#self);
  /** The log was read up to this byte. */
  #readTo = 0;
  /** The beginning of a last line without its end. */
  #rest = '';
  #longBytes: number;

  private constructor(
    folder: string,
    { process, longBytes }: { process: ProcessIdentity; longBytes: number },
  ) {
    this.#folder = folder;
    this.#path = join(folder, CLAIMS_FILE);
    this.#process = process;
    this.#longBytes = longBytes;
    this.#descriptor = openSync(this.#path, 'a+');
  }

  /**
   * Joins the processes that use a store; its folder is created if it does not exist.
   * @param options.longBytes a log longer than this is emptied once no other process uses it
   * @throws DataError when the log cannot be written, or a running process holds the store exclusively; the signal's reason
   */
  static async join(
    folder: string,
    { signal, longBytes = LONG_LOG_BYTES }: { signal: AbortSignal; longBytes?: number },
  ): Promise<ClaimsLog> {
    const unlock = await lockStore(folder, { patienceMs: JOIN_PATIENCE_MS, signal });
    try {
      const log = new ClaimsLog(folder, { process: await thisProcess(), longBytes });
      await log.#enter();
      return log;
    } catch (thrown) {
      throw writeError(join(folder, CLAIMS_FILE), thrown);
    } finally {
      await unlock();
    }
  }

  /** Called under the lock. If all other processes are dead, their records are removed. */
  async #enter(): Promise<void> {
    try {
      this.#read();
      await this.removeDead(this.table.members.keys());
      if (this.table.members.size === 0) this.#startAnew();
      else this.#append([this.#joined()]);
      // Processes that have left since may have put something that this process has not read.
      this.table.changeAll();
    } catch (thrown) {
      closeSync(this.#descriptor);
      throw thrown;
    }
  }

  /** Whether this process holds a claim. */
  holds(claim: string): boolean {
    return this.table.holderOf(claim) === this.#self;
  }

  /** Appends claims and releases of this process, and reads everything up to and with them. @throws DataError */
  announce(records: readonly { kind: 'claimed' | 'released'; claim: string }[]): void {
    this.#append(records.map(({ kind, claim }) => ({ kind, member: this.#self, claim })));
  }

  #append(records: readonly ClaimRecord[]): void {
    try {
      const bytes = Buffer.from(`\n${records.map(encodeRecord).join('\n')}\n`, 'latin1');
      const nWritten = writeSync(this.#descriptor, bytes);
      const { size } = fstatSync(this.#descriptor);
      if (nWritten === bytes.length && size === this.#readTo + bytes.length) {
        // No other process has written, so nothing has to be read.
        for (const record of records) this.table.apply(record);
        this.#readTo = size;
        this.#rest = '';
      } else this.catchUp();
      if (nWritten < bytes.length) throw diskIsFull();
    } catch (thrown) {
      throw writeError(this.#path, thrown);
    }
  }

  /** Reads what others have appended. @throws DataError */
  catchUp(): void {
    try {
      if (fstatSync(this.#descriptor).size >= this.#readTo) {
        this.#read();
        return;
      }
      // Emptied although this process runs, e.g. by a process in another container that cannot see it.
      this.table.changeAll();
      this.#announceAnew();
    } catch (thrown) {
      throw writeError(this.#path, thrown);
    }
  }

  #read(): void {
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    for (;;) {
      const nRead = readSync(this.#descriptor, chunk, 0, chunk.length, this.#readTo);
      if (nRead === 0) return;
      this.#readTo += nRead;
      const lines = (this.#rest + chunk.toString('latin1', 0, nRead)).split('\n');
      this.#rest = lines.pop() ?? '';
      for (const line of lines) {
        const record = decodeRecord(line);
        if (record !== null) this.table.apply(record);
      }
    }
  }

  /** Empties the log; called under the lock, while no other process uses it. */
  #startAnew(): void {
    ftruncateSync(this.#descriptor, 0);
    this.#announceAnew();
  }

  /** Writes this process and its claims into an emptied log. */
  #announceAnew(): void {
    const claims = this.table.claimsOf(this.#self);
    this.table.clear();
    this.#readTo = 0;
    this.#rest = '';
    this.#append([
      this.#joined(),
      ...claims.map((claim): ClaimRecord => ({ kind: 'claimed', member: this.#self, claim })),
    ]);
  }

  #joined(): ClaimRecord {
    return { kind: 'joined', member: this.#self, process: this.#process };
  }

  /** Releases the claims of members whose processes have ended. */
  async removeDead(members: Iterable<string>): Promise<void> {
    for (const member of [...members]) {
      if (member === this.#self) continue;
      const process = this.table.members.get(member);
      if (process === undefined || !(await isProcessAlive(process))) this.table.remove(member);
    }
  }

  /** Whether it is time to {@link compact}. */
  get isLong(): boolean {
    return this.#readTo > this.#longBytes;
  }

  /** Empties a long log if no other process uses it; otherwise tries again once it has doubled. @throws DataError */
  async compact(signal: AbortSignal): Promise<void> {
    const longBytes = this.#longBytes;
    this.#longBytes = 2 * this.#readTo;
    const unlock = await lockStore(this.#folder, { patienceMs: 0, signal });
    try {
      this.catchUp();
      await this.removeDead(this.table.members.keys());
      // The lock keeps other processes from joining. Nothing is awaited from here on, so this process adds no record meanwhile.
      this.catchUp();
      if (this.table.members.size > 1) return;
      this.#startAnew();
      this.#longBytes = longBytes;
    } catch (thrown) {
      throw writeError(this.#path, thrown);
    } finally {
      await unlock();
    }
  }

  /** Leaves the log; the claims of this process are released. */
  leave(): void {
    try {
      this.#append([{ kind: 'left', member: this.#self }]);
    } catch {
      // Other processes notice when this one has ended.
    } finally {
      closeSync(this.#descriptor);
    }
  }
}

function diskIsFull(): NodeJS.ErrnoException {
  return Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
}
