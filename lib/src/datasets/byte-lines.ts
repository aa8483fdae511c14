// The lines of a text file as bytes, none of them longer than can be held.
import { textBytes } from './file-bytes.js';

const NEWLINE = 0x0a;

/** The longest line that is read, in bytes; a longer one is passed over without being held in memory. */
export const LONGEST_LINE = 32 * 1024 * 1024;

/** What is wrong with a line that is longer than {@link LONGEST_LINE}. */
export const LINE_TOO_LONG = `longer than ${LONGEST_LINE / 1024 / 1024} MiB`;

/**
 * The lines of a file, gzipped or not, without their ends; null stands for one that is longer than {@link LONGEST_LINE}. They come in
 * batches, those that end in one piece of the file together: a step of the stream for each line would cost more than the line.
 * @throws DataError when the file cannot be read
 */
export async function* byteLines(path: string): AsyncGenerator<(Buffer | null)[]> {
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

/** A line whose end has not come. Its pieces are joined once, so that its cost does not grow with its square. */
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

  /** The whole line, or null when it is too long; the next one starts. */
  endWith(last: Buffer): Buffer | null {
    if (this.#nBytes === 0) return last.length > LONGEST_LINE ? null : last;
    this.add(last);
    const line = this.#nBytes > LONGEST_LINE ? null : Buffer.concat(this.#pieces);
    this.#pieces = [];
    this.#nBytes = 0;
    return line;
  }
}
