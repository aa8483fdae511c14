// The index of a round: finds where the completions of a request belong by its custom id, without holding all entries in memory.
import { readSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { z } from 'zod';
import { DataError } from '../../core/errors.js';
import { readError } from '../../core/files.js';
import { parseJson } from '../../core/jsonl.js';
import { linesOf } from '../../core/lines.js';
import { indexEntrySchema, type IndexEntry } from './batch-round.js';

/** Where a line is, in bytes. */
interface LinePlace {
  offset: number;
  length: number;
}

const idSchema = z.looseObject({ customId: z.string() });

/** Ids and byte ranges are in memory, about 200 bytes per request; entries, with a key for each sample, are read on demand. */
export class BatchIndex {
  readonly #path: string;
  readonly #handle: FileHandle;
  readonly #places: ReadonlyMap<string, LinePlace>;

  private constructor(path: string, handle: FileHandle, places: ReadonlyMap<string, LinePlace>) {
    this.#path = path;
    this.#handle = handle;
    this.#places = places;
  }

  /** @throws DataError when it cannot be read, or is not as it was written */
  static async open(path: string): Promise<BatchIndex> {
    const places = new Map<string, LinePlace>();
    let offset = 0;
    try {
      for await (const line of linesOf(path)) {
        const length = Buffer.byteLength(line);
        const parsed = parseJson(line, idSchema);
        if (!parsed.ok) throw damaged(path, parsed.problems);
        places.set(parsed.value.customId, { offset, length });
        offset += length + 1;
      }
      return new BatchIndex(path, await open(path), places);
    } catch (thrown) {
      throw thrown instanceof DataError ? thrown : readError(path, thrown);
    }
  }

  /** How many requests it holds. */
  get size(): number {
    return this.#places.size;
  }

  /** Whether it holds a request of this id. */
  has(customId: string): boolean {
    return this.#places.has(customId);
  }

  /** The entry of a request; null where there is none. @throws DataError */
  find(customId: string): IndexEntry | null {
    const place = this.#places.get(customId);
    if (!place) return null;
    const buffer = Buffer.alloc(place.length);
    try {
      // A short read of a cached file: waiting for a thread would take longer.
      readSync(this.#handle.fd, buffer, 0, place.length, place.offset);
    } catch (thrown) {
      throw readError(this.#path, thrown);
    }
    const parsed = parseJson(buffer.toString('utf8'), indexEntrySchema);
    if (parsed.ok) return parsed.value;
    throw damaged(this.#path, parsed.problems);
  }

  /** Closes the file. */
  async close(): Promise<void> {
    await this.#handle.close();
  }
}

function damaged(path: string, problems: string): DataError {
  return new DataError({
    subject: path,
    expected: 'the index as the export wrote it',
    received: problems,
    remedy: 'Copy the folder of the round again, or remove it and export again.',
  });
}
