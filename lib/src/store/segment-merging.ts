// Making one segment out of several, without damaged lines and without entries whose key comes again later.
import { rm } from 'node:fs/promises';
import { DataError } from '../core/errors.js';
import { PartialFile, readError } from '../core/files.js';
import { lineOf, type StoredEntry } from './entry-line.js';
import { PartitionIndex } from './partition-index.js';
import { writeSegmentIndex } from './segment-index-file.js';
import { scanSegment, type ScanEnd, type SegmentVisitor } from './segment-scan.js';

const LINE_END = Buffer.from('\n');

/** What is in segments together. */
export interface SegmentSurvey {
  /** The segments, numbered from 0 on in their order. */
  paths: readonly string[];
  index: PartitionIndex;
}

/**
 * Reads segments whole.
 * @param paths the earliest first: of two entries with one key, the one in the later segment counts
 * @throws DataError when one cannot be read; the signal's reason when it aborts
 */
export async function surveySegments(paths: readonly string[], signal: AbortSignal): Promise<SegmentSurvey> {
  const index = new PartitionIndex();
  for (const [number, path] of paths.entries()) {
    const segment = index.addSegment(number, path);
    const { scannedTo, tornBytes } = await scan(path, signal, {
      onEntries: (entries, { offset, bytes }) => {
        const keys = entries.map(([key]) => key);
        index.addLine({ segment: number, offset, length: bytes.length }, keys);
      },
      onDamage: () => segment.nDamaged++,
    });
    segment.scannedTo = scannedTo;
    segment.seenBytes = scannedTo + tornBytes;
  }
  return { paths, index };
}

/** How many bytes {@link mergeSegments} writes. @throws DataError; the signal's reason */
export async function mergedBytes(survey: SegmentSurvey, signal: AbortSignal): Promise<number> {
  let nBytes = 0;
  await visitMerged(survey, signal, (line) => {
    nBytes += line.length;
    return Promise.resolve();
  });
  return nBytes;
}

/**
 * Writes the merged segment, makes it durable, and reads it again.
 * @param target appears when it is whole
 * @throws DataError when it cannot be written or does not read back as it should: then it is not there; the signal's reason
 */
export async function mergeSegments(
  survey: SegmentSurvey,
  { target, signal }: { target: string; signal: AbortSignal },
): Promise<void> {
  const file = await PartialFile.create(target);
  try {
    await visitMerged(survey, signal, (chunk) => file.append(chunk));
    await file.commit();
  } catch (thrown) {
    await file.discard();
    throw thrown;
  }
  const { nKeys } = survey.index.counts();
  const merged = await surveySegments([target], signal);
  const counts = merged.index.counts();
  if (counts.nDamaged > 0 || counts.nEntries !== nKeys || counts.nKeys !== nKeys) {
    await rm(target, { force: true });
    throw new DataError({
      subject: target,
      expected: `${nKeys} entries to read back`,
      received: `${counts.nKeys} and ${counts.nDamaged} damaged lines`,
      remedy: 'Nothing was removed. Check the disk and its free space.',
    });
  }
  // Without it, the next opener scans.
  await writeSegmentIndex(target, merged.index.indexOf(0)).catch(() => undefined);
}

async function visitMerged(
  { paths, index }: SegmentSurvey,
  signal: AbortSignal,
  onChunk: (lines: Buffer) => Promise<void>,
): Promise<void> {
  for (const [number, path] of paths.entries()) {
    let lines: Buffer[] = [];
    const isLast = (key: string, offset: number): boolean => {
      const line = index.find(key);
      const place = line < 0 ? null : index.placeOf(line);
      return place !== null && place.segment === number && place.offset === offset;
    };
    await scan(path, signal, {
      onEntries: (entries, { offset, bytes }) => {
        const kept = lastOfEachKey(entries).filter(([key]) => isLast(key, offset));
        if (kept.length === entries.length) lines.push(Buffer.from(bytes), LINE_END);
        else if (kept.length > 0) lines.push(Buffer.from(lineOf(kept)));
      },
      onDamage: () => undefined,
      afterChunk: async () => {
        const chunk = Buffer.concat(lines);
        lines = [];
        if (chunk.length > 0) await onChunk(chunk);
      },
    });
  }
}

function lastOfEachKey(entries: readonly StoredEntry[]): StoredEntry[] {
  const last = new Map(entries.map(([key], i) => [key, i]));
  return entries.filter(([key], i) => last.get(key) === i);
}

async function scan(path: string, signal: AbortSignal, visitor: SegmentVisitor): Promise<ScanEnd> {
  try {
    return await scanSegment(path, 0, {
      ...visitor,
      afterChunk: async () => {
        signal.throwIfAborted();
        await visitor.afterChunk?.();
      },
    });
  } catch (thrown) {
    signal.throwIfAborted();
    throw thrown instanceof DataError ? thrown : readError(path, thrown);
  }
}
