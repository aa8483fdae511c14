// The ledger of a run: what was paid for, line by line, so that a run that was killed remembers it.
import { open, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { makeFolder, readTextIfPresent, writeError } from '../core/files.js';
import { parseJson } from '../core/jsonl.js';
import { spendingEntrySchema, type SpendingEntry, type StageSpending } from '../schema/spending.js';
import { coalesced } from './coalesced.js';

/** What a ledger holds, as it was read. */
export interface ReadLedger {
  /** Sums by iteration, stage, model and by whether there was a price, in the order in which they first came. */
  entries: SpendingEntry[];
  /** Lines that could not be read and were passed over: mostly the last one of a process that was killed. */
  nDamaged: number;
  /** Whether the file ends in the middle of a line. */
  isTorn: boolean;
}

/** The parts of an entry that a request brings; the stage comes from {@link SpendingLedger.startStage}. */
export type LedgerRequest = Pick<SpendingEntry, 'model' | 'promptTokens' | 'completionTokens' | 'costUsd'>;

/** Reads a ledger without opening it for writing; one that is not there holds nothing. @throws DataError */
export async function readLedger(path: string): Promise<ReadLedger> {
  const text = (await readTextIfPresent(path)) ?? '';
  const sums = new LedgerSums();
  let nDamaged = 0;
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const parsed = parseJson(line, spendingEntrySchema);
    if (parsed.ok) sums.add(parsed.value);
    else nDamaged++;
  }
  return { entries: sums.entries, nDamaged, isTorn: text !== '' && !text.endsWith('\n') };
}

/** The costs of each stage, all models together, in the order in which stages first paid. */
export function spendingByStage(entries: Iterable<SpendingEntry>): StageSpending[] {
  const stages = new Map<string, StageSpending>();
  for (const entry of entries) {
    const { iteration, stage, requests, promptTokens, completionTokens, costUsd } = entry;
    const key = JSON.stringify([iteration, stage]);
    const sum = stages.get(key);
    if (sum) addAmounts(sum, entry);
    else stages.set(key, { iteration, stage, requests, promptTokens, completionTokens, costUsd });
  }
  return [...stages.values()];
}

/**
 * An append-only file of what a run paid for. Requests that are recorded while a write is under way go out together in the next one,
 * summed up, in one system call. It is not synced to the disk: what was written survives the death of the process, SIGKILL included,
 * in the system's page cache, and is lost only with the machine.
 */
export class SpendingLedger {
  readonly #path: string;
  readonly #file: FileHandle;
  readonly #sums: LedgerSums;
  #place: Pick<SpendingEntry, 'iteration' | 'stage'> = { iteration: 0, stage: 'start' };
  #pending = new LedgerSums();
  readonly #flush = coalesced(() => this.#writePending());
  /** After a torn write, of this process or of an earlier one, the next line must not be joined to what it left. */
  #lineMayBeOpen: boolean;
  /** Lines of earlier attempts that could not be read. */
  readonly nDamaged: number;

  private constructor(path: string, { file, read }: { file: FileHandle; read: ReadLedger }) {
    this.#path = path;
    this.#file = file;
    this.#sums = new LedgerSums(read.entries);
    this.#lineMayBeOpen = read.isTorn;
    this.nDamaged = read.nDamaged;
  }

  /** Opens or begins the ledger of a run, which no other process writes. @throws DataError */
  static async open(path: string): Promise<SpendingLedger> {
    const read = await readLedger(path);
    await makeFolder(dirname(path));
    try {
      return new SpendingLedger(path, { file: await open(path, 'a'), read });
    } catch (thrown) {
      throw writeError(path, thrown);
    }
  }

  /** All that was paid for so far, earlier attempts included; see {@link ReadLedger.entries}. */
  get entries(): readonly SpendingEntry[] {
    return this.#sums.entries;
  }

  /** The same by stage. */
  byStage(): StageSpending[] {
    return spendingByStage(this.entries);
  }

  /** The same in all; the cost is null where some of it had no price. */
  total(): Omit<StageSpending, 'iteration' | 'stage'> {
    const total = { requests: 0, promptTokens: 0, completionTokens: 0, costUsd: 0 as number | null };
    for (const entry of this.entries) addAmounts(total, entry);
    return total;
  }

  /** Names the stage that pays for what is recorded from now on. @param iteration 0 is the evaluation of the seed model */
  startStage(iteration: number, stage: string): void {
    this.#place = { iteration, stage };
  }

  /** Keeps what one request cost; resolves when it is written. @throws DataError when it cannot be */
  record(request: LedgerRequest): Promise<void> {
    const entry = { ...this.#place, requests: 1, ...request };
    this.#sums.add(entry);
    this.#pending.add(entry);
    return this.#flush();
  }

  /** Closes the file, after what is being written. */
  async close(): Promise<void> {
    await this.#flush().catch(() => undefined);
    await this.#file.close();
  }

  async #writePending(): Promise<void> {
    // What the same turn of the event loop records goes out together.
    await new Promise((resolve) => setImmediate(resolve));
    const lines = this.#pending.entries.map((entry) => `${JSON.stringify(entry)}\n`).join('');
    if (lines === '') return;
    this.#pending = new LedgerSums();
    const separator = this.#lineMayBeOpen ? '\n' : '';
    this.#lineMayBeOpen = true;
    try {
      await this.#file.appendFile(separator + lines);
      this.#lineMayBeOpen = false;
    } catch (thrown) {
      throw writeError(this.#path, thrown);
    }
  }
}

/** Entries summed up. Those with a price and those without stay apart, so that a price that comes later can be applied. */
class LedgerSums {
  readonly #byKey = new Map<string, SpendingEntry>();

  constructor(entries: Iterable<SpendingEntry> = []) {
    for (const entry of entries) this.add(entry);
  }

  get entries(): SpendingEntry[] {
    return [...this.#byKey.values()];
  }

  add(entry: SpendingEntry): void {
    const { iteration, stage, model, costUsd } = entry;
    const key = `${iteration}\n${stage}\n${costUsd === null ? 'unpriced' : 'priced'}\n${model}`;
    const sum = this.#byKey.get(key);
    if (sum) addAmounts(sum, entry);
    else this.#byKey.set(key, { ...entry });
  }
}

function addAmounts(
  sum: Omit<StageSpending, 'iteration' | 'stage'>,
  { requests, promptTokens, completionTokens, costUsd }: Omit<StageSpending, 'iteration' | 'stage'>,
): void {
  sum.requests += requests;
  sum.promptTokens += promptTokens;
  sum.completionTokens += completionTokens;
  sum.costUsd = sum.costUsd === null || costUsd === null ? null : sum.costUsd + costUsd;
}
