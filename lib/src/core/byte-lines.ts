// Lines of a file as bytes, of a part of it where several threads share the work, and single ranges of bytes of it.
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

/** A line without its end. Its bytes are good until the next line is asked for. */
export interface ByteLine extends ByteRange {
  bytes: Buffer;
}

/**
 * The lines that begin in a part of a file, in its order. The parts of a file between them hold every line once, wherever they are
 * cut. Memory is bounded by the longest line.
 * @param part the first byte, and the one after the last
 * @throws the system's error when the file cannot be read
 */
export async function* linesOfPart(
  file: FileHandle,
  part: { start: number; end: number },
): AsyncGenerator<ByteLine> {
  // One byte earlier: where that ends a line, the part begins with a line of its own.
  const readFrom = Math.max(0, part.start - 1);
  let buffer = Buffer.allocUnsafe(2 * CHUNK_BYTES);
  let filled = 0;
  let bufferStart = readFrom;
  let isOwnLine = part.start === 0;
  for (;;) {
    if (buffer.length - filled < CHUNK_BYTES) {
      const larger = Buffer.allocUnsafe(2 * buffer.length);
      buffer.copy(larger, 0, 0, filled);
      buffer = larger;
    }
    const { bytesRead } = await file.read(buffer, filled, CHUNK_BYTES, bufferStart + filled);
    const content = buffer.subarray(0, filled + bytesRead);
    let lineStart = 0;
    for (
      let end = content.indexOf(NEWLINE, filled);
      end >= 0 || (bytesRead === 0 && lineStart < content.length);
      end = content.indexOf(NEWLINE, lineStart)
    ) {
      const lineEnd = end >= 0 ? end : content.length;
      const start = bufferStart + lineStart;
      if (start >= part.end) return;
      if (isOwnLine) {
        yield { bytes: content.subarray(lineStart, lineEnd), start, length: lineEnd - lineStart };
      }
      isOwnLine = true;
      lineStart = lineEnd + 1;
    }
    if (bytesRead === 0) return;
    buffer.copyWithin(0, lineStart, content.length);
    filled = content.length - lineStart;
    bufferStart += lineStart;
  }
}

/** Ranges of a file, read in windows: ranges that lie close together, one after the other, cost one read between them. */
export class RangeReader {
  readonly #file: FileHandle;
  /** One buffer for all windows: memory outside the heap is given back late. */
  #buffer: Buffer = Buffer.alloc(0);
  #window: Buffer = this.#buffer;
  #windowStart = 0;

  constructor(file: FileHandle) {
    this.#file = file;
  }

  /**
   * The bytes of a range, good until the next call; fewer where the file ends before it does.
   * @throws the system's error when the file cannot be read
   */
  async read({ start, length }: ByteRange): Promise<Buffer> {
    const offset = start - this.#windowStart;
    if (offset < 0 || offset + length > this.#window.length) {
      await this.#load(start, Math.max(length, CHUNK_BYTES));
      return this.#window.subarray(0, length);
    }
    return this.#window.subarray(offset, offset + length);
  }

  async #load(start: number, length: number): Promise<void> {
    if (this.#buffer.length < length) this.#buffer = Buffer.allocUnsafe(length);
    let filled = 0;
    while (filled < length) {
      const { bytesRead } = await this.#file.read(this.#buffer, filled, length - filled, start + filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    this.#window = this.#buffer.subarray(0, filled);
    this.#windowStart = start;
  }
}
