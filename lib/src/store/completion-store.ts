// The completion store: content-addressed completions in append-only files, durable before they count.
import { open, readdir, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { hasErrorCode, type DataError } from '../core/errors.js';
import { makeFolder, readError, writeError } from '../core/files.js';
import { sha256 } from '../core/hash.js';
import { linesOf } from '../core/lines.js';
import type { Completion, TokenLogprobs } from '../schema/chat.js';

/** One entry, as a caller gives it. */
interface Entry {
  key: string;
  completion: Completion;
}

/**
 * Completions on disk, shared by runs and processes.
 *
 * Layout: `<folder>/<partition hash>/<segment>.jsonl`. Each process appends to a segment of its own, so writers never
 * meet; a reader loads every segment of a partition when it first needs it. A line is `<8 hex of its SHA-256> <JSON>` and holds
 * the entries of one `put`, so that these are there together or not at all. A torn or changed line fails its checksum, is counted in
 * `nDamaged`, and costs only itself.
 */
export class CompletionStore {
  readonly #folder: string;
  readonly #segmentName: string;
  readonly #partitions = new Map<string, Promise<Partition>>();
  #isClosed = false;

  /** @param options.segmentName unique to this process, e.g. from its pid and start time */
  constructor(options: { folder: string; segmentName: string }) {
    this.#folder = options.folder;
    this.#segmentName = options.segmentName;
  }

  /** The completion of this key, or null. @throws DataError when the folder cannot be read */
  async get(partition: string, key: string): Promise<Completion | null> {
    return (await this.#open(partition)).completions.get(key) ?? null;
  }

  /** Keeps entries; resolves when they are on disk. @throws DataError when they cannot be written */
  async put(partition: string, entries: readonly Entry[]): Promise<void> {
    await (await this.#open(partition)).append(entries);
  }

  /** How many damaged lines were passed over so far. */
  async nDamaged(): Promise<number> {
    const partitions = await Promise.all(this.#partitions.values());
    return partitions.reduce((total, partition) => total + partition.nDamaged, 0);
  }

  /** Closes the files. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const partitions = await Promise.allSettled(this.#partitions.values());
    for (const partition of partitions) if (partition.status === 'fulfilled') await partition.value.close();
    this.#partitions.clear();
  }

  #open(name: string): Promise<Partition> {
    if (this.#isClosed) return Promise.reject(new Error('the completion store is closed'));
    let partition = this.#partitions.get(name);
    if (!partition) {
      partition = Partition.load(join(this.#folder, sha256(name).slice(0, 16)), this.#segmentName);
      this.#partitions.set(name, partition);
    }
    return partition;
  }
}

/** The completions of one model. */
class Partition {
  readonly completions = new Map<string, Completion>();
  nDamaged = 0;
  readonly #segmentPath: string;
  #segment: FileHandle | null = null;
  #pending: { line: string; settle: (failure: DataError | null) => void }[] = [];
  #flushing: Promise<void> | null = null;
  /** After a failed write the last line may be torn: the next one must not grow out of it. */
  #lineMayBeOpen = false;

  private constructor(segmentPath: string) {
    this.#segmentPath = segmentPath;
  }

  static async load(folder: string, segmentName: string): Promise<Partition> {
    const partition = new Partition(join(folder, `${segmentName}.jsonl`));
    await makeFolder(folder);
    let names: string[];
    try {
      names = await readdir(folder);
    } catch (thrown) {
      throw readError(folder, thrown);
    }
    for (const name of names.sort()) {
      if (name.endsWith('.jsonl')) await partition.#loadSegment(join(folder, name));
    }
    return partition;
  }

  async #loadSegment(path: string): Promise<void> {
    try {
      for await (const line of linesOf(path)) {
        if (line === '') continue;
        const entries = decodeLine(line);
        if (entries) for (const { key, completion } of entries) this.completions.set(key, completion);
        else this.nDamaged++;
      }
    } catch (thrown) {
      // Another process may have removed the segment between listing and reading.
      if (!hasErrorCode(thrown, 'ENOENT')) throw readError(path, thrown);
    }
  }

  /** Group commit: everything that gathers while one write is under way goes out in the next. */
  async append(entries: readonly Entry[]): Promise<void> {
    const line = encodeLine(entries);
    await new Promise<void>((resolve, reject) => {
      this.#pending.push({
        line,
        settle: (failure) => {
          if (failure === null) resolve();
          else reject(failure);
        },
      });
      this.#flushing ??= this.#flush();
    });
    for (const { key, completion } of entries) this.completions.set(key, completion);
  }

  async #flush(): Promise<void> {
    while (this.#pending.length > 0) {
      const batch = this.#pending;
      this.#pending = [];
      const failure = await this.#write(batch.map(({ line }) => line).join(''));
      for (const { settle } of batch) settle(failure);
    }
    // In the same tick as the last look at what is pending: whoever comes later starts a flush of its own.
    this.#flushing = null;
  }

  async #write(lines: string): Promise<DataError | null> {
    try {
      this.#segment ??= await open(this.#segmentPath, 'a');
      const separator = this.#lineMayBeOpen ? '\n' : '';
      this.#lineMayBeOpen = true;
      await this.#segment.appendFile(separator + lines);
      await this.#segment.datasync();
      this.#lineMayBeOpen = false;
      return null;
    } catch (thrown) {
      return writeError(this.#segmentPath, thrown);
    }
  }

  async close(): Promise<void> {
    await this.#flushing;
    await this.#segment?.close();
    this.#segment = null;
  }
}

/** Key, text, reason and, where there are any, the tokens with their log-probabilities. */
type StoredEntry = [string, string, string, TokenLogprobs[]?];

function encodeLine(entries: readonly Entry[]): string {
  const json = JSON.stringify(
    entries.map(({ key, completion: { text, finishReason, tokens } }): StoredEntry =>
      tokens === undefined ? [key, text, finishReason] : [key, text, finishReason, tokens],
    ),
  );
  return `${sha256(json).slice(0, 8)} ${json}\n`;
}

function decodeLine(line: string): Entry[] | null {
  const json = line.slice(9);
  if (line[8] !== ' ' || sha256(json).slice(0, 8) !== line.slice(0, 8)) return null;
  const entries = JSON.parse(json) as StoredEntry[];
  return entries.map(([key, text, finishReason, tokens]) => ({
    key,
    completion: { text, finishReason, ...(tokens === undefined ? {} : { tokens }) },
  }));
}
