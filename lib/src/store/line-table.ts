// Where the lines of a partition are: segment, byte offset and length, in 16 bytes a line.
import { ChunkedArray } from '../core/chunked-array.js';

/** A table of lines. A line that is damaged or whose file is gone keeps its number and has length 0. */
export class LineTable {
  readonly #segments = new ChunkedArray(Uint32Array);
  readonly #offsets = new ChunkedArray(Float64Array);
  readonly #lengths = new ChunkedArray(Uint32Array);
  #nLines = 0;

  /** How many numbers were given out. */
  get nLines(): number {
    return this.#nLines;
  }

  /** Adds a line and gives its number. @param length bytes without the line end */
  add(segment: number, offset: number, length: number): number {
    const line = this.#nLines++;
    this.#segments.set(line, segment);
    this.#offsets.set(line, offset);
    this.#lengths.set(line, length);
    return line;
  }

  segmentOf(line: number): number {
    return this.#segments.get(line);
  }

  /** Bytes from the start of the segment. */
  offsetOf(line: number): number {
    return this.#offsets.get(line);
  }

  /** Bytes without the line end; 0 for a line that is not to be read. */
  lengthOf(line: number): number {
    return this.#lengths.get(line);
  }

  /** From now on this line is not to be read. */
  forget(line: number): void {
    this.#lengths.set(line, 0);
  }

  /** From now on no line of this segment is to be read. */
  forgetSegment(segment: number): void {
    for (let line = 0; line < this.#nLines; line++) {
      if (this.#segments.get(line) === segment) this.forget(line);
    }
  }
}
