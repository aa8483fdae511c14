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
  /** Without the line end; good only until the visitor returns. */
  bytes: Buffer;
}

/** Is told of every line in the order of the file. */
export interface SegmentVisitor {
  onEntries: (entries: readonly StoredEntry[], line: ScannedLine) => void;
  onDamage: (damage: LineDamage, line: ScannedLine) => void;
  /** Waited for now and then, so that what the visitor gathered can go somewhere. */
  afterChunk?: () => Promise<void>;
}

/** Where a scan ended. */
export interface ScanEnd {
  /** Everything before this was visited; the next scan may go on from here. */
  scannedTo: number;
  /** Bytes of a last line that has no end and does not check out: torn, or still being written. */
  tornBytes: number;
}

/**
 * Reads a segment. A last line without its end counts when its checksum is right; else it is left to the next scan.
 * @param from byte offset where a line starts, or a line end stands
 * @throws system errors, `ENOENT` where there is no such file
 */
export async function scanSegment(path: string, from: number, visitor: SegmentVisitor): Promise<ScanEnd> {
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
      let start = 0;
      for (let end = filled.indexOf(LINE_END, searchFrom); end >= 0; end = filled.indexOf(LINE_END, start)) {
        visitLine({ offset: offset + start, bytes: filled.subarray(start, end) }, visitor);
        start = end + 1;
      }
      buffer.copyWithin(0, start, nFilled);
      offset += start;
      nFilled -= start;
      await visitor.afterChunk?.();
      if (nFilled === buffer.length) buffer = Buffer.concat([buffer], 2 * buffer.length);
    }
    const tail = { offset, bytes: buffer.subarray(0, nFilled) };
    const entries = decodeLine(tail.bytes);
    if (nFilled === 0 || typeof entries === 'string') return { scannedTo: offset, tornBytes: nFilled };
    visitor.onEntries(entries, tail);
    await visitor.afterChunk?.();
    return { scannedTo: offset + nFilled, tornBytes: 0 };
  } finally {
    await handle.close();
  }
}

function visitLine(line: ScannedLine, { onEntries, onDamage }: SegmentVisitor): void {
  // A writer whose last line may be torn begins with a line end.
  if (line.bytes.length === 0) return;
  const entries = decodeLine(line.bytes);
  if (typeof entries === 'string') onDamage(entries, line);
  else onEntries(entries, line);
}
