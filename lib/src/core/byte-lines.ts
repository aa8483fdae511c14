// Reads lines of a file as bytes, with their positions, and single byte ranges.
import { readSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';

const NEWLINE = 0x0a;

/** Bytes that are read at once. */
const CHUNK_BYTES = 1 << 20;

/** A range of the bytes of a file. */
export interface ByteRange {
  /** The first byte, from 0. */
  start: number;
  length: number;
}

/** A line without its line end. Its bytes are valid until the next line is requested. */
export interface ByteLine extends ByteRange {
  bytes: Buffer;
}

/**
 * The lines of a file, in its order. Memory is bounded by the longest line.
 * @throws the system's error when the file cannot be read
 */
export async function* byteLinesOf(file: FileHandle): AsyncGenerator<ByteLine> {
  let buffer = Buffer.allocUnsafe(2 * CHUNK_BYTES);
  let filled = 0;
  let bufferStart = 0;
  for (;;) {
    if (buffer.length - filled < CHUNK_BYTES) {
      const larger = Buffer.allocUnsafe(2 * buffer.length);
      buffer.copy(larger, 0, 0, filled);
      buffer = larger;
    }
    const { bytesRead } = await file.read(buffer, filled, CHUNK_BYTES, bufferStart + filled);
    const content = buffer.subarray(0, filled + bytesRead);
    let lineStart = 0;
    for (let end = content.indexOf(NEWLINE, filled); end >= 0; end = content.indexOf(NEWLINE, lineStart)) {
      const bytes = content.subarray(lineStart, end);
      yield { bytes, start: bufferStart + lineStart, length: bytes.length };
      lineStart = end + 1;
    }
    const rest = content.subarray(lineStart);
    if (bytesRead === 0) {
      if (rest.length > 0) yield { bytes: rest, start: bufferStart + lineStart, length: rest.length };
      return;
    }
    buffer.copyWithin(0, lineStart, content.length);
    filled = rest.length;
    bufferStart += lineStart;
  }
}

/**
 * The bytes of a range; fewer where the file ends before it does. Synchronous: a short read from the page cache takes microseconds, less
 * than handing it to a thread and back.
 * @throws the system's error when the file cannot be read
 */
export function readRange({ fd }: Pick<FileHandle, 'fd'>, { start, length }: ByteRange): Buffer {
  const buffer = Buffer.allocUnsafe(length);
  return buffer.subarray(0, readInto(buffer, fd, start));
}

/** Fills a buffer from a place in a file. @returns how many bytes the file had for it @throws the system's error */
export function readInto(buffer: Buffer, descriptor: number, start: number): number {
  let nRead = 0;
  while (nRead < buffer.length) {
    const n = readSync(descriptor, buffer, nRead, buffer.length - nRead, start + nRead);
    if (n === 0) break;
    nRead += n;
  }
  return nRead;
}
