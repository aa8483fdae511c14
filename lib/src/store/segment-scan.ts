// Reading a segment from some place to its end, line by line.
import { open } from 'node:fs/promises';
import { decodeLine, type LineDamage, type StoredEntry } from './entry-line.js';

/** Bytes that are read at once. */
const CHUNK_BYTES = 2 ** 20;
const LINE_END = 0x0a;

/** A line that was read. */
export interface ScannedLine {
  /** Bytes from the start of the file. */
  offset: number;
  /** Without the line end; good only until the next chunk is asked for. */
  bytes: Buffer;
  /** What is on it, or what is wrong with it. */
  content: readonly StoredEntry[] | LineDamage;
}

/** Some lines of a segment, in the order of the file. */
export interface ScannedChunk {
  lines: ScannedLine[];
  /** Everything before this was read; the next scan may go on from here. */
  scannedTo: number;
  /** After the last chunk: bytes of a last line that has no end and a wrong checksum: torn, or still being written. */
  tornBytes: number;
}

/**
 * Reads a segment. A last line without its end counts when its checksum is right; else it is left to the next scan.
 * @param from byte offset where a line starts, or a line end stands
 * @throws system errors, `ENOENT` where there is no such file
 */
export async function* scanSegment(path: string, from: number): AsyncGenerator<ScannedChunk> {
  const handle = await open(path, 'r');
  try {
    let buffer = Buffer.allocUnsafe(CHUNK_BYTES);
    /** Of the first byte of the buffer, in the file. */
    let offset = from;
    let nFilled = 0;
    for (;;) {
      const room = buffer.length - nFilled;
      const { bytesRead } = await handle.read(buffer, nFilled, room, offset + nFilled);
      if (bytesRead === 0) break;
      const searchFrom = nFilled;
      nFilled += bytesRead;
      const filled = buffer.subarray(0, nFilled);
      const lines: ScannedLine[] = [];
      let start = 0;
      for (let end = filled.indexOf(LINE_END, searchFrom); end >= 0; end = filled.indexOf(LINE_END, start)) {
        const bytes = filled.subarray(start, end);
        // A writer whose last line may be torn begins with a line end.
        if (bytes.length > 0) lines.push({ offset: offset + start, bytes, content: decodeLine(bytes) });
        start = end + 1;
      }
      yield { lines, scannedTo: offset + start, tornBytes: 0 };
      buffer.copyWithin(0, start, nFilled);
      offset += start;
      nFilled -= start;
      if (nFilled === buffer.length) buffer = Buffer.concat([buffer], 2 * buffer.length);
    }
    if (nFilled === 0) return;
    const bytes = buffer.subarray(0, nFilled);
    const content = decodeLine(bytes);
    if (typeof content === 'string') yield { lines: [], scannedTo: offset, tornBytes: nFilled };
    else yield { lines: [{ offset, bytes, content }], scannedTo: offset + nFilled, tornBytes: 0 };
  } finally {
    await handle.close();
  }
}
