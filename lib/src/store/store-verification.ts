// Reading everything in a completion store, and saying what is damaged and where.
import { join, relative } from 'node:path';
import { DataError, hasErrorCode } from '../core/errors.js';
import { exists, readError } from '../core/files.js';
import type { LineDamage } from './entry-line.js';
import { listPartitions, listSegments } from './partition-folder.js';
import { indexPathOf, readSegmentIndex, type SegmentIndex } from './segment-index-file.js';
import { scanSegment, type SegmentVisitor } from './segment-scan.js';

/** Something in a store that is not as it was written. */
export interface StoreDamage {
  /** Path within the store. */
  file: string;
  /** Bytes from its start. */
  offset: number;
  /** `index`: an index file that does not fit its segment; it is not used, and costs time only. */
  cause: LineDamage | 'index';
}

/** What reading a store came to. */
export interface StoreVerification {
  nSegments: number;
  nLines: number;
  nEntries: number;
  /** Of the segments. */
  nBytes: number;
  nDamaged: number;
  /** Index files that do not fit their segments; nothing is lost by them, and they are made anew. */
  nUnfitIndexes: number;
  /** The first of both. */
  damages: StoreDamage[];
}

/**
 * Reads every line of every segment and holds every index file against them. Others may use the store meanwhile.
 * @param options.mostListed of the damages, how many are told; all are counted
 * @throws DataError when it is not there or cannot be read; the signal's reason when it aborts
 */
export async function verifyStore(
  storeFolder: string,
  { mostListed, signal }: { mostListed: number; signal: AbortSignal },
): Promise<StoreVerification> {
  const found: StoreVerification = {
    nSegments: 0,
    nLines: 0,
    nEntries: 0,
    nBytes: 0,
    nDamaged: 0,
    nUnfitIndexes: 0,
    damages: [],
  };
  if (!(await exists(storeFolder))) throw noStore(storeFolder);
  for (const name of await listPartitions(storeFolder)) {
    for (const path of await listSegments(join(storeFolder, name))) {
      const addDamage = (damage: StoreDamage): void => {
        if (damage.cause === 'index') found.nUnfitIndexes++;
        else found.nDamaged++;
        if (found.damages.length < mostListed)
          found.damages.push({ ...damage, file: relative(storeFolder, damage.file) });
      };
      try {
        await verifySegment(path, { found, addDamage, signal });
        found.nSegments++;
      } catch (thrown) {
        signal.throwIfAborted();
        // Merged into another one meanwhile.
        if (!hasErrorCode(thrown, 'ENOENT')) throw readError(path, thrown);
      }
    }
  }
  return found;
}

function noStore(folder: string): DataError {
  return new DataError({
    subject: folder,
    expected: 'a completion store',
    received: 'no such folder',
    remedy: 'Name the folder of completions that runs were given; the first run makes it.',
  });
}

interface Findings {
  found: StoreVerification;
  addDamage: (damage: StoreDamage) => void;
  signal: AbortSignal;
}

async function verifySegment(path: string, { found, addDamage, signal }: Findings): Promise<void> {
  const index = await readSegmentIndex(path);
  const check = typeof index === 'string' ? null : new IndexCheck(index);
  const visitor: SegmentVisitor = {
    onEntries: (entries, { offset, bytes }) => {
      found.nLines++;
      found.nEntries += entries.length;
      check?.onLine({ offset, length: bytes.length, nEntries: entries.length });
    },
    onDamage: (cause, { offset, bytes }) => {
      found.nLines++;
      addDamage({ file: path, offset, cause });
      check?.onLine({ offset, length: bytes.length, nEntries: null });
    },
    afterChunk: () => {
      signal.throwIfAborted();
      return Promise.resolve();
    },
  };
  let end = await scanSegment(path, 0, visitor);
  // What another process was writing just then is whole by now.
  if (end.tornBytes > 0) end = await scanSegment(path, end.scannedTo, visitor);
  if (end.tornBytes > 0) addDamage({ file: path, offset: end.scannedTo, cause: 'torn tail' });
  found.nBytes += end.scannedTo + end.tornBytes;
  if (index === 'unfit' || check?.isFit() === false)
    addDamage({ file: indexPathOf(path), offset: 0, cause: 'index' });
}

/** Holds the lines of an index against those of its segment; both come in the order of the file. */
class IndexCheck {
  readonly #index: SegmentIndex;
  #next = 0;
  #nEntries = 0;
  #nDamaged = 0;
  #isFit = true;

  constructor(index: SegmentIndex) {
    this.#index = index;
  }

  /** @param line.nEntries null for a damaged line, which the index may have or not */
  onLine({ offset, length, nEntries }: { offset: number; length: number; nEntries: number | null }): void {
    if (offset >= this.#index.coveredBytes) return;
    const isListed = this.#index.offsets[this.#next] === offset && this.#index.lengths[this.#next] === length;
    if (isListed) this.#next++;
    if (nEntries === null) this.#nDamaged++;
    else {
      this.#nEntries += nEntries;
      if (!isListed) this.#isFit = false;
    }
  }

  isFit(): boolean {
    const { offsets, nEntries } = this.#index;
    // What a damaged line held is not known.
    const areEntriesFit = this.#nDamaged > 0 || this.#nEntries === nEntries;
    return this.#isFit && this.#next === offsets.length && areEntriesFit;
  }
}
