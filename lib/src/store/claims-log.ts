// The log of claims of a store: processes of one machine append to it, and its order is the order of their claims.
import { randomUUID } from 'node:crypto';
import { closeSync, fstatSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { DataError } from '../core/errors.js';
import { writeError } from '../core/files.js';
import { isProcessAlive, thisProcess, type ProcessIdentity } from '../core/process-identity.js';
import { ClaimTable, decodeRecord, encodeRecord, MEMBER_DIGITS, type ClaimRecord } from './claim-table.js';
import { CLAIMS_FILE, lockStore } from './store-lock.js';

/** A log that is longer is started again once no other process uses it. */
const LONG_LOG_BYTES = 8 * 2 ** 20;
const CHUNK_BYTES = 2 ** 20;
/** Others who join take milliseconds; one who prunes the store may take a while. */
const JOIN_PATIENCE_MS = 30_000;

/**
 * This process's part in the log of a store.
 *
 * Records are appended with `O_APPEND`, those of one moment in one write, which local file systems keep apart from the writes of
 * others; so the file's order is a total order. A record that was torn by a kill or a full disk has the wrong length and is passed over;
 * every write begins with a line end, so it costs none of the next. Reads and writes are synchronous: they stay in the page cache and
 * take microseconds. Nothing here has to outlast the machine: when it goes down, so do all who claimed.
 */
export class ClaimsLog {
  readonly #folder: string;
  readonly #path: string;
  readonly #descriptor: number;
  readonly #process: ProcessIdentity;
  readonly #self = randomUUID().slice(0, MEMBER_DIGITS);
  readonly table = new ClaimTable(this.#self);
  /** Byte up to which the log was read. */
  #readTo = 0;
  /** The last line, as far as it is there. */
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
   * Joins those who use a store; its folder is made where it is missing.
   * @param options.longBytes from which length on a log is started again once no other process uses it
   * @throws DataError when the log cannot be written, or a living process holds the store for itself; the signal's reason
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
      throw asWriteError(join(folder, CLAIMS_FILE), thrown);
    } finally {
      await unlock();
    }
  }

  /** Under the lock. Where all others are dead, their records are of no use to anybody. */
  async #enter(): Promise<void> {
    try {
      this.#read();
      await this.removeDead(this.table.members.keys());
      if (this.table.members.size === 0) this.#startAnew();
      else this.#append([this.#joined()]);
      // Others may have put something since this process last looked, and have left.
      this.table.changeAll();
    } catch (thrown) {
      closeSync(this.#descriptor);
      throw thrown;
    }
  }

  /** Whether the turn of a claim is this process's. */
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
        // Nobody else has written: what is there is known without reading it.
        for (const record of records) this.table.apply(record);
        this.#readTo = size;
        this.#rest = '';
      } else this.catchUp();
      if (nWritten < bytes.length) throw diskIsFull();
    } catch (thrown) {
      throw asWriteError(this.#path, thrown);
    }
  }

  /** Reads what others have appended. @throws DataError */
  catchUp(): void {
    try {
      if (fstatSync(this.#descriptor).size >= this.#readTo) {
        this.#read();
        return;
      }
      // Started anew although this process lives, as by one that cannot see it from a container of its own.
      this.table.changeAll();
      this.#announceAnew();
    } catch (thrown) {
      throw asWriteError(this.#path, thrown);
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

  /** Under the lock, with nobody else alive. */
  #startAnew(): void {
    ftruncateSync(this.#descriptor, 0);
    this.#announceAnew();
  }

  /** In a log that starts anew, says who this is and what it claims. */
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

  /** Finds out which of some members are dead, and lets go of what they claimed. */
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

  /** Starts a long log anew where this process is alone; else that is tried when it has doubled. @throws DataError */
  async compact(signal: AbortSignal): Promise<void> {
    const longBytes = this.#longBytes;
    this.#longBytes = 2 * this.#readTo;
    const unlock = await lockStore(this.#folder, { patienceMs: 0, signal });
    try {
      this.catchUp();
      await this.removeDead(this.table.members.keys());
      // The lock keeps others from joining; from here on nothing is awaited, so nothing of this process comes between.
      this.catchUp();
      if (this.table.members.size > 1) return;
      this.#startAnew();
      this.#longBytes = longBytes;
    } catch (thrown) {
      throw asWriteError(this.#path, thrown);
    } finally {
      await unlock();
    }
  }

  /** Takes leave; what this process claimed is free. */
  leave(): void {
    try {
      this.#append([{ kind: 'left', member: this.#self }]);
    } catch {
      // Others find out when this process has ended.
    } finally {
      closeSync(this.#descriptor);
    }
  }
}

function diskIsFull(): NodeJS.ErrnoException {
  return Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
}

function asWriteError(path: string, thrown: unknown): DataError {
  return thrown instanceof DataError ? thrown : writeError(path, thrown);
}
