// The index of a segment as a file beside it, so that opening a store reads no completions.
import { randomUUID } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { hasErrorCode } from '../core/errors.js';
import { readBytes } from '../core/files.js';
import { FINGERPRINT_WORDS } from '../core/key-index.js';

/** `ADIX` and the version, in little-endian order: on a machine of the other order nothing fits, and segments are scanned. */
const MAGIC = 0x58494441;
const VERSION = 3;
/** Magic, version, covered bytes (a double), keys, entries, damaged lines, sum of the segment's end. */
const HEADER_BYTES = 32;
/** How much of the segment before the covered end is compared, so that another file of that name is noticed. */
const END_BYTES = 4096;
/** A double for the offset, a word for the length, and the fingerprint. */
const KEY_BYTES = 8 + 4 + 4 * FINGERPRINT_WORDS;

/** What is known of the first part of a segment. */
export interface SegmentIndex {
  /** Bytes of the segment that it covers. */
  coveredBytes: number;
  /** Entries in the covered part, those whose key comes again included. */
  nEntries: number;
  nDamaged: number;
  /** For each key, where its line starts: bytes from the start of the segment. */
  offsets: Float64Array;
  /** For each key, the bytes of its line without the end. */
  lengths: Uint32Array;
  /** For each key, four words. */
  fingerprints: Uint32Array;
}

/** Where the index of a segment is. */
export function indexPathOf(segmentPath: string): string {
  return segmentPath.replace(/\.jsonl$/, '.index');
}

/**
 * Writes the index of a segment in one step. It need not be durable: one that does not fit is not used.
 * @throws system errors
 */
export async function writeSegmentIndex(segmentPath: string, index: SegmentIndex): Promise<void> {
  const path = indexPathOf(segmentPath);
  const draft = `${path}.${randomUUID()}.partial`;
  const { coveredBytes, nEntries, nDamaged, offsets, lengths, fingerprints } = index;
  try {
    const header = new Uint32Array(HEADER_BYTES / 4);
    header.set([MAGIC, VERSION]);
    new Float64Array(header.buffer)[1] = coveredBytes;
    header.set([offsets.length, nEntries, nDamaged, await endSumOf(segmentPath, coveredBytes)], 4);
    const parts = [header, offsets, lengths, fingerprints].map(
      ({ buffer, byteOffset, byteLength }) => new Uint8Array(buffer, byteOffset, byteLength),
    );
    const sum = Uint32Array.of(parts.reduce((sumSoFar, part) => crc32(part, sumSoFar), 0));
    await writeFile(draft, [...parts, new Uint8Array(sum.buffer)]);
    await rename(draft, path);
  } catch (thrown) {
    await rm(draft, { force: true });
    throw thrown;
  }
}

/**
 * The index of a segment; `absent` also where another version wrote it, `unfit` where it does not fit its sum or its segment. Never
 * throws, for without it the segment can be scanned.
 */
export async function readSegmentIndex(segmentPath: string): Promise<SegmentIndex | 'absent' | 'unfit'> {
  try {
    const bytes = await readFile(indexPathOf(segmentPath));
    // A copy starts where numbers of 8 bytes can be read.
    const { buffer } = new Uint8Array(bytes);
    if (buffer.byteLength < HEADER_BYTES + 4 || buffer.byteLength % 4 !== 0) return 'unfit';
    const [magic, version, , , nKeys = 0, nEntries = 0, nDamaged = 0, endSum] = new Uint32Array(buffer, 0, 8);
    if (magic === MAGIC && version !== undefined && version < VERSION) return 'absent';
    const sumAt = HEADER_BYTES + KEY_BYTES * nKeys;
    if (magic !== MAGIC || version !== VERSION || buffer.byteLength !== sumAt + 4) return 'unfit';
    if (bytes.readUInt32LE(sumAt) !== crc32(bytes.subarray(0, sumAt))) return 'unfit';
    const coveredBytes = new Float64Array(buffer, 8, 1)[0] ?? 0;
    if ((await endSumOf(segmentPath, coveredBytes)) !== endSum) return 'unfit';
    const lengthsAt = HEADER_BYTES + 8 * nKeys;
    const offsets = new Float64Array(buffer, HEADER_BYTES, nKeys);
    const lengths = new Uint32Array(buffer, lengthsAt, nKeys);
    const fingerprints = new Uint32Array(buffer, lengthsAt + 4 * nKeys, FINGERPRINT_WORDS * nKeys);
    return { coveredBytes, nEntries, nDamaged, offsets, lengths, fingerprints };
  } catch (thrown) {
    return hasErrorCode(thrown, 'ENOENT') ? 'absent' : 'unfit';
  }
}

/** CRC-32 of the last bytes before the covered end. @throws RangeError where the segment is shorter */
async function endSumOf(segmentPath: string, coveredBytes: number): Promise<number> {
  const length = Math.min(END_BYTES, coveredBytes);
  const { bytes } = await readBytes(segmentPath, length, coveredBytes - length);
  if (bytes.length < length) throw new RangeError(`${segmentPath} is shorter than its index says`);
  return crc32(bytes);
}
