// Making one segment out of several, without damaged lines and without entries whose key comes again later.
import { rm } from 'node:fs/promises';
import { DataError } from '../core/errors.js';
import { PartialFile, readError } from '../core/files.js';
import { lineOf, type StoredEntry } from './entry-line.js';
import { PartitionIndex } from './partition-index.js';
import { writeSegmentIndex } from './segment-index-file.js';
import { scanSegment } from './segment-scan.js';

/**
 * An index over segments, read whole; each has its place in `paths` as its number.
 * @param paths the earliest first: of two entries with one key, the one in the later segment counts
 * @throws DataError when one cannot be read; the signal's reason when it aborts
 */
export async function surveySegments(paths: readonly string[], signal: AbortSignal): Promise<PartitionIndex> {
  const index = new PartitionIndex();
  for (const [number, path] of paths.entries()) {
    index.addSegment(number, path);
    try {
      await index.scan(number, { signal });
    } catch (thrown) {
      signal.throwIfAborted();
      throw readError(path, thrown);
    }
  }
  return index;
}

/**
 * Writes the entries of segments that count as one segment, makes it durable, and reads it again.
 * @param options.target appears when it is whole; null: nothing is written
 * @returns its size in bytes
 * @throws DataError when it cannot be written or does not read back as it should: then it is not there; the signal's reason
 */
export async function mergeSegments(
  index: PartitionIndex,
  { paths, target, signal }: { paths: readonly string[]; target: string | null; signal: AbortSignal },
): Promise<number> {
  let nBytes = 0;
  const file = target === null ? null : await PartialFile.create(target);
  try {
    for await (const lines of mergedLines(index, paths)) {
      signal.throwIfAborted();
      nBytes += lines.length;
      await file?.append(lines);
    }
    await file?.commit();
  } catch (thrown) {
    await file?.discard();
    throw thrown;
  }
  if (target !== null) await readAgain(target, { nKeys: index.counts().nKeys, signal });
  return nBytes;
}

async function readAgain(
  target: string,
  { nKeys, signal }: { nKeys: number; signal: AbortSignal },
): Promise<void> {
  const merged = await surveySegments([target], signal);
  const counts = merged.counts();
  if (counts.nDamaged > 0 || counts.nEntries !== nKeys || counts.nKeys !== nKeys) {
    await rm(target, { force: true });
    throw new DataError({
      subject: target,
      expected: `${nKeys} entries to read back`,
      received: `${counts.nKeys} and ${counts.nDamaged} damaged lines`,
      remedy: 'Nothing was removed. Check the disk and its free space.',
    });
  }
  // Without it, the next process scans.
  await writeSegmentIndex(target, merged.indexOf(0)).catch(() => undefined);
}

/** Some lines at a time; those whose entries all count as they are. */
async function* mergedLines(index: PartitionIndex, paths: readonly string[]): AsyncGenerator<Buffer> {
  for (const [number, path] of paths.entries()) {
    const counts = (key: string, offset: number): boolean => {
      const line = index.find(key);
      const place = line < 0 ? null : index.placeOf(line);
      return place?.segment === number && place.offset === offset;
    };
    for await (const { lines } of scanSegment(path, 0)) {
      const kept: Buffer[] = [];
      for (const { offset, bytes, content } of lines) {
        if (typeof content === 'string') continue;
        const entries = lastOfEachKey(content).filter(([key]) => counts(key, offset));
        if (entries.length === content.length) kept.push(bytes, Buffer.from('\n'));
        else if (entries.length > 0) kept.push(Buffer.from(lineOf(entries)));
      }
      yield Buffer.concat(kept);
    }
  }
}

function lastOfEachKey(entries: readonly StoredEntry[]): StoredEntry[] {
  const last = new Map(entries.map(([key], i) => [key, i]));
  return entries.filter(([key], i) => last.get(key) === i);
}
