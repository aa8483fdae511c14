// The records of submitted batches, on disk before a batch is created, so that no request is submitted twice while its batch exists.
import { randomUUID } from 'node:crypto';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { DataError } from '../core/errors.js';
import {
  createExclusive,
  makeFolder,
  namesIn,
  readTextIfPresent,
  writeError,
  writeFileAtomic,
} from '../core/files.js';
import { sha256 } from '../core/hash.js';
import { parseJson } from '../core/jsonl.js';

const recordSchema = z.strictObject({
  /** Identifies the batch: at the server it is in the metadata and is the idempotency key. */
  batchKey: z.string(),
  model: z.string(),
  inputFileId: z.string(),
  /** null until the server has answered; the batch may exist even so. */
  batchId: z.string().nullable(),
  /** `taken`: every result that it had was read once. */
  state: z.enum(['handed-in', 'taken']),
  createdMs: z.number(),
  customIds: z.array(z.string()),
});
/** A submitted batch. */
export type BatchRecord = z.infer<typeof recordSchema>;

/** Servers keep result files for about this long. */
const KEPT_MS = 30 * 24 * 3600 * 1000;

/** A folder of `<batch key>.json`, shared by processes. */
export class BatchLedger {
  readonly folder: string;
  readonly #now: () => number;
  readonly #records = new Map<string, BatchRecord>();
  /** The batch that holds a request: one that is not taken, else the latest. */
  readonly #byCustomId = new Map<string, BatchRecord>();

  private constructor(folder: string, now: () => number) {
    this.folder = folder;
    this.#now = now;
  }

  /** Reads the folder and removes records that are too old. @param now milliseconds since 1970 @throws DataError */
  static async open(folder: string, now: () => number): Promise<BatchLedger> {
    const ledger = new BatchLedger(folder, now);
    await makeFolder(folder);
    await ledger.refresh();
    return ledger;
  }

  /** Reads what other processes have added. @throws DataError */
  async refresh(): Promise<void> {
    for (const name of await namesIn(this.folder)) {
      const batchKey = /^([0-9a-f]{64})\.json$/.exec(name)?.[1];
      if (batchKey === undefined || this.#records.has(batchKey)) continue;
      const path = join(this.folder, name);
      const text = await readTextIfPresent(path);
      if (text === null) continue;
      const parsed = parseJson(text, recordSchema);
      if (!parsed.ok) {
        throw new DataError({
          subject: path,
          expected: 'the record of a submitted batch',
          received: parsed.problems,
          remedy: 'Remove that file; then the requests of its batch may be paid for again.',
        });
      }
      if (this.#now() - parsed.value.createdMs > KEPT_MS) await rm(path, { force: true });
      else this.#index(parsed.value);
    }
  }

  /** The batch that holds a request, or null. */
  find(customId: string): BatchRecord | null {
    return this.#byCustomId.get(customId) ?? null;
  }

  /**
   * An unused key for a batch of these requests: the same requests submitted again after a failure are another batch, or the server
   * would repeat its first answer.
   */
  freeKey(customIds: readonly string[]): string {
    const content = [...customIds].sort().join('\n');
    for (let series = 0; ; series++) {
      const key = sha256(`batch ${series}\n${content}`);
      if (!this.#records.has(key)) return key;
    }
  }

  /** Adds a batch that is about to be created. @returns its record; null where its key is in use @throws DataError */
  async add(parts: Omit<BatchRecord, 'state' | 'createdMs' | 'batchId'>): Promise<BatchRecord | null> {
    const record: BatchRecord = { ...parts, batchId: null, state: 'handed-in', createdMs: this.#now() };
    if (!(await createExclusive(this.#path(record), JSON.stringify(record)))) return null;
    this.#index(record);
    return record;
  }

  /** Records the server's id of a batch. @throws DataError */
  async setBatchId(record: BatchRecord, batchId: string): Promise<void> {
    record.batchId = batchId;
    await this.#save(record);
  }

  /** Records that every result was read. If they get lost, they can be fetched again. @throws DataError */
  async setTaken(record: BatchRecord): Promise<void> {
    record.state = 'taken';
    await this.#save(record);
  }

  /** This batch has no results: its requests may be submitted again; its key stays in use. @throws DataError */
  async giveUp(record: BatchRecord): Promise<void> {
    for (const customId of record.customIds) {
      if (this.#byCustomId.get(customId) === record) this.#byCustomId.delete(customId);
    }
    record.customIds = [];
    await this.setTaken(record);
  }

  #index(record: BatchRecord): void {
    this.#records.set(record.batchKey, record);
    for (const customId of record.customIds) {
      const known = this.#byCustomId.get(customId);
      if (known === undefined || isBetter(record, known)) this.#byCustomId.set(customId, record);
    }
  }

  /** Two processes may follow one batch, so each writes its own draft. */
  async #save(record: BatchRecord): Promise<void> {
    const path = this.#path(record);
    const draft = `${path}.${randomUUID()}`;
    await writeFileAtomic(draft, JSON.stringify(record));
    await rename(draft, path).catch((thrown: unknown) => {
      throw writeError(path, thrown);
    });
  }

  #path({ batchKey }: BatchRecord): string {
    return join(this.folder, `${batchKey}.json`);
  }
}

function isBetter(record: BatchRecord, known: BatchRecord): boolean {
  if (record.state !== known.state) return record.state === 'handed-in';
  return record.createdMs >= known.createdMs;
}
