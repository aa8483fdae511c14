// Lines of files of any size: one line at a time is in memory, and no line beyond a given length.
import { createReadStream } from 'node:fs';

const LINE_FEED = 10;

/** One line of a file. */
export interface FileLine {
  /** Without its end; null where it is longer than allowed. */
  content: Buffer | null;
  /** Bytes on disk, its end included. */
  nBytes: number;
  /** False for a last line that stops in its middle. */
  isEnded: boolean;
}

/** The lines of a file, in order. @param mostBytes longest line that is kept, in bytes without its end */
export async function* boundedLines(path: string, mostBytes: number): AsyncGenerator<FileLine> {
  let parts: Buffer[] = [];
  let nBytes = 0;
  const take = (part: Buffer): void => {
    nBytes += part.length;
    if (nBytes <= mostBytes) parts.push(part);
    else parts = [];
  };
  const line = (isEnded: boolean): FileLine => {
    const content = nBytes <= mostBytes ? Buffer.concat(parts) : null;
    const found = { content, nBytes: nBytes + (isEnded ? 1 : 0), isEnded };
    parts = [];
    nBytes = 0;
    return found;
  };
  for await (const chunk of createReadStream(path)) {
    const bytes = chunk as Buffer;
    let start = 0;
    for (let end = bytes.indexOf(LINE_FEED); end !== -1; end = bytes.indexOf(LINE_FEED, start)) {
      take(bytes.subarray(start, end));
      yield line(true);
      start = end + 1;
    }
    take(bytes.subarray(start));
  }
  if (nBytes > 0) yield line(false);
}
