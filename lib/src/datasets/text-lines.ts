// The lines of a text file, none of them longer than fits into memory.
import { TextDecoder } from 'node:util';
import { textBytes } from './file-bytes.js';
import type { UnreadableRow } from './row.js';

const NEWLINE = 0x0a;

/** The longest line that is read, in bytes; a longer one is skipped without being held in memory. */
export const LONGEST_LINE = 32 * 1024 * 1024;

/** A line that is not blank, or why it cannot be read, and its number from 1. */
export type TextLine = { text: string; line: number } | UnreadableRow;

/**
 * The lines of a UTF-8 file, gzipped or not, without their ends; blank lines are skipped. They come in batches, those that end in one
 * piece of the file together: a step of the stream for each line would cost more than the line.
 * @throws DataError when the file cannot be read
 */
export async function* textLines(path: string): AsyncGenerator<TextLine[]> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let line = 0;
  for await (const batch of byteLines(path)) {
    const lines: TextLine[] = [];
    for (const bytes of batch) {
      line++;
      if (bytes === null) lines.push({ problem: `longer than ${LONGEST_LINE / 1024 / 1024} MiB`, line });
      else {
        try {
          const text = decoder.decode(bytes);
          if (text.trim() !== '') lines.push({ text, line });
        } catch {
          lines.push({ problem: 'invalid UTF-8', line });
        }
      }
    }
    yield lines;
  }
}

/** The lines as bytes; null stands for one that is longer than {@link LONGEST_LINE}. */
async function* byteLines(path: string): AsyncGenerator<(Buffer | null)[]> {
  const rest = new UnfinishedLine();
  for await (const chunk of textBytes(path)) {
    const batch: (Buffer | null)[] = [];
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      batch.push(rest.endWith(chunk.subarray(start, end)));
      start = end + 1;
    }
    rest.add(chunk.subarray(start));
    if (batch.length > 0) yield batch;
  }
  if (!rest.isEmpty) yield [rest.endWith(Buffer.alloc(0))];
}

/** A line whose end has not come. Its pieces are joined once, so that the cost is linear in its length. */
class UnfinishedLine {
  #pieces: Buffer[] = [];
  #nBytes = 0;

  get isEmpty(): boolean {
    return this.#nBytes === 0;
  }

  add(piece: Buffer): void {
    this.#nBytes += piece.length;
    if (this.#nBytes > LONGEST_LINE) this.#pieces = [];
    else if (piece.length > 0) this.#pieces.push(piece);
  }

  /** The whole line, or null when it is too long. The next line starts. */
  endWith(last: Buffer): Buffer | null {
    if (this.#nBytes === 0) return last.length > LONGEST_LINE ? null : last;
    this.add(last);
    const line = this.#nBytes > LONGEST_LINE ? null : Buffer.concat(this.#pieces);
    this.#pieces = [];
    this.#nBytes = 0;
    return line;
  }
}
