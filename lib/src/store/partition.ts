// The completions of one model: the segments of all processes to read from, and one of this process to append to.
import { statSync } from 'node:fs';
import { hasErrorCode } from '../core/errors.js';
import { readError } from '../core/files.js';
import type { Completion } from '../schema/chat.js';
import { coalesced } from './coalesced.js';
import { completionIn, decodeLine, encodeLine, type Entry, type StoredEntry } from './entry-line.js';
import { listSegments, writeIdentity } from './partition-folder.js';
import { PartitionIndex, type PartitionCounts } from './partition-index.js';
import type { SegmentFiles } from './segment-files.js';
import { readSegmentIndex, writeSegmentIndex } from './segment-index-file.js';
import { SegmentWriter } from './segment-writer.js';

/** An opener that had to scan more of a segment than this writes its index for the next one. */
const SCAN_WITHOUT_INDEX_BYTES = 4 * 2 ** 20;
/** A shorter segment is scanned as quickly as its index is read. */
const CLOSE_WITHOUT_INDEX_BYTES = 2 ** 16;
/** How often the segments are listed again because some were removed while they were read. */
const MOST_LISTINGS = 5;

/** What a partition is opened with. */
export interface PartitionOptions {
  folder: string;
  /** Whose completions these are. */
  identity: string;
  /** What the segment of this process is called. */
  segmentName: string;
  /** Where all partitions of a store read. */
  files: SegmentFiles;
}

/** The completions of one model. */
export class Partition {
  readonly #folder: string;
  readonly #identity: string;
  readonly #files: SegmentFiles;
  readonly #writer: SegmentWriter;
  readonly #index = new PartitionIndex();
  /** Number of the segment of this process; null before anything is written. */
  #own: number | null = null;
  #isOpen = false;
  #identified: Promise<void> | null = null;
  /** Takes in what other processes have appended up to now. @throws DataError */
  readonly refresh = coalesced(() => this.#refresh());

  /** A partition that is not there is empty, and nothing is made before the first put. */
  constructor({ folder, identity, segmentName, files }: PartitionOptions) {
    this.#folder = folder;
    this.#identity = identity;
    this.#files = files;
    this.#writer = new SegmentWriter(folder, segmentName);
  }

  /** What is known of it so far. */
  get counts(): PartitionCounts {
    return this.#index.counts();
  }

  /** The completions of these keys in their order; null where there is none. @throws DataError */
  async getAll(keys: readonly string[]): Promise<(Completion | null)[]> {
    for (;;) {
      const found = this.peekAll(keys);
      if (found !== null) return found;
      // Not opened yet, or segments were merged; each time round there is one less to go.
      await this.refresh();
    }
  }

  /** The same at once; null when segments have to be looked for first. @throws DataError */
  peekAll(keys: readonly string[]): (Completion | null)[] | null {
    if (!this.#isOpen) return null;
    try {
      return this.#getAll(keys);
    } catch (thrown) {
      if (!(thrown instanceof SegmentGone)) throw thrown;
      this.#index.forgetSegment(thrown.segment);
      return null;
    }
  }

  #getAll(keys: readonly string[]): (Completion | null)[] {
    // The completions of one request mostly are on one line.
    let lastLine = -1;
    let entries: readonly StoredEntry[] | null = null;
    return keys.map((key) => {
      const line = this.#index.find(key);
      if (line < 0) return null;
      if (line !== lastLine) entries = this.#read(line);
      lastLine = line;
      return entries === null ? null : completionIn(entries, key);
    });
  }

  #read(line: number): readonly StoredEntry[] | null {
    const { segment, offset, length } = this.#index.placeOf(line);
    let bytes: Buffer;
    try {
      bytes = this.#files.read(segment, offset, length);
    } catch (thrown) {
      if (hasErrorCode(thrown, 'ENOENT')) throw new SegmentGone(segment);
      throw readError(this.#files.pathOf(segment), thrown);
    }
    const entries = decodeLine(bytes);
    if (typeof entries !== 'string') return entries;
    this.#index.forgetDamaged(line);
    return null;
  }

  /** Keeps entries; resolves when they are on disk. @throws DataError when they cannot be written */
  async put(entries: readonly Entry[]): Promise<void> {
    if (!this.#isOpen) await this.refresh();
    this.#identified ??= writeIdentity(this.#folder, this.#identity).catch((thrown: unknown) => {
      this.#identified = null;
      throw thrown;
    });
    await this.#identified;
    const { path, offset, length } = await this.#writer.append(encodeLine(entries));
    if (this.#own === null) {
      this.#own = this.#files.add(path);
      this.#index.addSegment(this.#own, path);
    }
    const keys = entries.map(({ key }) => key);
    this.#index.addLine({ segment: this.#own, offset, length }, keys);
  }

  async #refresh(): Promise<void> {
    for (let listing = 1; listing <= MOST_LISTINGS; listing++) {
      let hasGone = false;
      for (const path of await listSegments(this.#folder)) {
        if (path === this.#writer.ownPath) continue;
        try {
          await this.#takeIn(path);
        } catch (thrown) {
          if (!hasErrorCode(thrown, 'ENOENT')) throw readError(path, thrown);
          this.#index.forgetSegment(this.#index.numberOf(path) ?? -1);
          hasGone = true;
        }
      }
      // Merged into another one, which this listing may not have.
      if (!hasGone) break;
    }
    this.#isOpen = true;
  }

  /** Indexes what a segment has beyond what is known of it. @throws system errors */
  async #takeIn(path: string): Promise<void> {
    // Synchronous, since there may be many segments and this takes a microsecond each.
    const { size } = statSync(path);
    let number = this.#index.numberOf(path);
    let segment = number === null ? null : this.#index.segment(number);
    if (number === null || segment === null || size < segment.scannedTo) {
      // Shorter than before: another file has taken its name.
      if (number !== null) this.#index.forgetSegment(number);
      number = this.#files.add(path);
      segment = this.#index.addSegment(number, path);
      const index = await readSegmentIndex(path);
      if (typeof index !== 'string') this.#index.takeIndex(number, index);
    } else if (size === segment.seenBytes) return;
    const from = segment.scannedTo;
    await this.#index.scan(number);
    if (segment.scannedTo - from > SCAN_WITHOUT_INDEX_BYTES) await this.#writeIndexFile(number);
  }

  /** Without an index file the next opener scans, so it is no failure when none can be written. */
  async #writeIndexFile(number: number): Promise<void> {
    const path = this.#files.pathOf(number);
    if (this.#index.numberOf(path) !== number) return;
    await writeSegmentIndex(path, this.#index.indexOf(number)).catch(() => undefined);
  }

  /** Waits for what is under way, writes the index of this process's segment, and closes its file. */
  async close(): Promise<void> {
    await this.#writer.close();
    if (this.#own === null) return;
    const written = this.#index.segment(this.#own)?.scannedTo ?? 0;
    const isKnownWhole = this.#writer.writtenBytes === written;
    if (isKnownWhole && written > CLOSE_WITHOUT_INDEX_BYTES) await this.#writeIndexFile(this.#own);
  }
}

/** A segment was there when it was listed, and is not any more. */
class SegmentGone extends Error {
  readonly segment: number;

  constructor(segment: number) {
    super('the segment is gone');
    this.segment = segment;
  }
}
