// The index of a segment as a file beside it, so that opening a store reads no completions.
import { randomUUID } from 'node:crypto';
import { open, readFile, rename, rm } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { FINGERPRINT_WORDS } from '../core/key-index.js';

/** `ADIX`, read as a little-endian number: on a machine of the other order nothing fits, and segments are scanned. */
const MAGIC = 0x58494441;
const VERSION = 2;
/** Magic, version, covered bytes (a double), lines, keys, entries, damaged lines, sum of the segment's end, nothing. */
const HEADER_WORDS = 10;
const WORD_BYTES = 4;
/** How much of the segment before the covered end is held against the file, so that another file of that name is noticed. */
const END_BYTES = 4096;

/** What is known of the first part of a segment. */
export interface SegmentIndex {
  /** Bytes of the segment that it covers. */
  coveredBytes: number;
  /** Entries in the covered part, those whose key comes again included. */
  nEntries: number;
  nDamaged: number;
  /** Byte offset of each line. */
  offsets: Float64Array;
  /** Bytes of each line without its end. */
  lengths: Uint32Array;
  /** For each key, the number of its line. */
  lines: Uint32Array;
  /** For each key, four words. */
  fingerprints: Uint32Array;
}

/** Where the index of a segment is. */
export function indexPathOf(segmentPath: string): string {
  return segmentPath.replace(/\.jsonl$/, '.index');
}

/**
 * Writes the index of a segment in one step. It need not be durable: what does not check out is not used.
 * @throws system errors
 */
export async function writeSegmentIndex(segmentPath: string, index: SegmentIndex): Promise<void> {
  const path = indexPathOf(segmentPath);
  const draft = `${path}.${randomUUID()}.partial`;
  try {
    const parts = encode(index, await endSumOf(segmentPath, index.coveredBytes));
    const handle = await open(draft, 'wx');
    try {
      for (const part of parts) await handle.appendFile(part);
    } finally {
      await handle.close();
    }
    await rename(draft, path);
  } catch (thrown) {
    await rm(draft, { force: true });
    throw thrown;
  }
}

/** What reading an index came to: `absent`, or `unfit` where it does not fit its sum or its segment. */
export type ReadIndex = SegmentIndex | 'absent' | 'unfit';

/** The index of a segment; never throws, for without it the segment can be scanned. */
export async function readSegmentIndex(segmentPath: string): Promise<ReadIndex> {
  let bytes: Buffer;
  try {
    bytes = await readFile(indexPathOf(segmentPath));
  } catch {
    return 'absent';
  }
  const decoded = decode(bytes);
  if (decoded === null) return 'unfit';
  try {
    const endSum = await endSumOf(segmentPath, decoded.index.coveredBytes);
    return endSum === decoded.endSum ? decoded.index : 'unfit';
  } catch {
    return 'unfit';
  }
}

/** In parts, since together they may be large. */
function encode(index: SegmentIndex, endSum: number): Uint8Array[] {
  const { offsets, lengths, lines, fingerprints } = index;
  const header = new Uint32Array(HEADER_WORDS);
  header.set([MAGIC, VERSION]);
  new Float64Array(header.buffer, 2 * WORD_BYTES, 1)[0] = index.coveredBytes;
  header.set([offsets.length, lines.length, index.nEntries, index.nDamaged, endSum], 4);
  const parts = [header, offsets, lengths, lines, fingerprints].map(bytesOf);
  const sum = parts.reduce((sumSoFar, part) => crc32(part, sumSoFar), 0);
  return [...parts, bytesOf(Uint32Array.of(sum))];
}

function bytesOf({ buffer, byteOffset, byteLength }: Uint32Array | Float64Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function decode(bytes: Buffer): { index: SegmentIndex; endSum: number } | null {
  const nWords = Math.floor(bytes.length / WORD_BYTES);
  if (nWords <= HEADER_WORDS || bytes.length % WORD_BYTES !== 0) return null;
  // A file that was read has memory of its own; where it does not, doubles may lie where they cannot be read.
  const { buffer } = bytes.byteLength === bytes.buffer.byteLength ? bytes : new Uint8Array(bytes);
  const words = new Uint32Array(buffer);
  const [magic, version, , , nLines = 0, nKeys = 0, nEntries = 0, nDamaged = 0, endSum = 0] = words;
  if (magic !== MAGIC || version !== VERSION) return null;
  if (nWords !== HEADER_WORDS + 3 * nLines + (1 + FINGERPRINT_WORDS) * nKeys + 1) return null;
  if (words[nWords - 1] !== crc32(new Uint8Array(buffer, 0, (nWords - 1) * WORD_BYTES))) return null;
  const coveredBytes = new Float64Array(buffer, 2 * WORD_BYTES, 1)[0] ?? 0;
  const offsets = new Float64Array(buffer, HEADER_WORDS * WORD_BYTES, nLines);
  let at = HEADER_WORDS + 2 * nLines;
  const take = (length: number): Uint32Array => words.subarray(at, (at += length));
  const lengths = take(nLines);
  const lines = take(nKeys);
  const fingerprints = take(nKeys * FINGERPRINT_WORDS);
  return {
    index: { coveredBytes, nEntries, nDamaged, offsets, lengths, lines, fingerprints },
    endSum,
  };
}

/** CRC-32 of the last bytes before the covered end. @throws RangeError where the segment is shorter */
async function endSumOf(segmentPath: string, coveredBytes: number): Promise<number> {
  const length = Math.min(END_BYTES, coveredBytes);
  const handle = await open(segmentPath, 'r');
  try {
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(length), 0, length, coveredBytes - length);
    if (bytesRead < length) throw new RangeError(`${segmentPath} is shorter than its index says`);
    return crc32(buffer);
  } finally {
    await handle.close();
  }
}
