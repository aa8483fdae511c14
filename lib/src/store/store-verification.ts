// Reading everything in a completion store, and saying what is damaged and where.
import { join, relative } from 'node:path';
import { DataError, hasErrorCode } from '../core/errors.js';
import { exists, readError } from '../core/files.js';
import type { LineDamage } from './entry-line.js';
import { listPartitions, listSegments } from './partition-folder.js';
import { PartitionIndex } from './partition-index.js';
import { indexPathOf, readSegmentIndex } from './segment-index-file.js';

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
  /** Index files that do not fit their segments; nothing is lost, and they are written again. */
  nUnfitIndexes: number;
  /** The first of both. */
  damages: StoreDamage[];
}

/**
 * Reads every line of every segment and compares every index file with them. Others may use the store meanwhile.
 * @param options.mostListed how many damages are listed; all are counted
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
  const indexFile = await readSegmentIndex(path);
  const index = new PartitionIndex();
  const segment = index.addSegment(0, path);
  const damaged = new Set<number>();
  const onDamage = (cause: LineDamage, offset: number): void => {
    damaged.add(offset);
    addDamage({ file: path, offset, cause });
  };
  await index.scan(0, { signal, onDamage });
  // What another process was writing just then is whole by now.
  if (segment.seenBytes > segment.scannedTo) await index.scan(0, { signal, onDamage });
  if (segment.seenBytes > segment.scannedTo)
    addDamage({ file: path, offset: segment.scannedTo, cause: 'torn tail' });
  found.nLines += index.nLines + segment.nDamaged;
  found.nEntries += segment.nEntries;
  found.nBytes += segment.seenBytes;
  const isFit = typeof indexFile === 'string' ? indexFile === 'absent' : index.agreesWith(indexFile, damaged);
  if (!isFit) addDamage({ file: indexPathOf(path), offset: 0, cause: 'index' });
}
