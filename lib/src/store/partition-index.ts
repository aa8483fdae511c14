// Where the completions of a partition are: which keys are on which line of which segment, in about 45 bytes a key.
import { ChunkedArray } from '../core/chunked-array.js';
import { FINGERPRINT_WORDS, KeyIndex } from '../core/key-index.js';
import type { LineDamage } from './entry-line.js';
import type { SegmentIndex } from './segment-index-file.js';
import { scanSegment } from './segment-scan.js';

/** What is known of a segment. */
export interface Segment {
  path: string;
  /** Byte up to which its lines are in the index. */
  scannedTo: number;
  /** Its size when it was last scanned; more than {@link scannedTo} where its last line is not whole. */
  seenBytes: number;
  nEntries: number;
  nDamaged: number;
}

/** Where a line is. */
export interface LinePlace {
  /** Number of the segment. */
  segment: number;
  /** Bytes from its start. */
  offset: number;
  /** Bytes without the line end. */
  length: number;
}

/** Sums over the segments of a partition. */
export interface PartitionCounts {
  nSegments: number;
  /** Entries on lines that were read whole once, those whose key comes again included. */
  nEntries: number;
  nKeys: number;
  /** Lines that are known to be damaged; a line is looked at when it is read, and when its segment is indexed. */
  nDamaged: number;
}

/** An index over segments, each under a number. Of two lines with one key, the one that was added later counts. */
export class PartitionIndex {
  readonly #keys = new KeyIndex();
  readonly #segments = new Map<number, Segment>();
  readonly #numbers = new Map<string, number>();
  /** By line number. */
  readonly #segmentOf = new ChunkedArray(Uint32Array);
  readonly #offsets = new ChunkedArray(Float64Array);
  /** 0 for a damaged line. */
  readonly #lengths = new ChunkedArray(Uint32Array);
  #nLines = 0;

  /** Lines that were added. */
  get nLines(): number {
    return this.#nLines;
  }

  /** The number of a segment, or null. */
  numberOf(path: string): number | null {
    return this.#numbers.get(path) ?? null;
  }

  /** A segment by its number; null for one that was removed. */
  segment(number: number): Segment | null {
    return this.#segments.get(number) ?? null;
  }

  /** Makes a segment known, without lines. */
  addSegment(number: number, path: string): Segment {
    const segment = { path, scannedTo: 0, seenBytes: 0, nEntries: 0, nDamaged: 0 };
    this.#numbers.set(path, number);
    this.#segments.set(number, segment);
    return segment;
  }

  /** Forgets a segment; its lines are not found any more. */
  forgetSegment(number: number): void {
    this.#numbers.delete(this.#segments.get(number)?.path ?? '');
    this.#segments.delete(number);
  }

  /**
   * Adds what a segment has beyond what is known of it.
   * @param options.onDamage is called with the cause and the byte offset of each damaged line
   * @throws system errors; the signal's reason when it aborts
   */
  async scan(
    number: number,
    options: { signal?: AbortSignal; onDamage?: (cause: LineDamage, offset: number) => void } = {},
  ): Promise<void> {
    const segment = this.segment(number);
    if (segment === null) return;
    segment.seenBytes = segment.scannedTo;
    for await (const { lines, scannedTo, tornBytes } of scanSegment(segment.path, segment.scannedTo)) {
      options.signal?.throwIfAborted();
      for (const { offset, bytes, content } of lines) {
        if (typeof content === 'string') {
          segment.nDamaged++;
          options.onDamage?.(content, offset);
        } else {
          const keys = content.map(([key]) => key);
          this.addLine({ segment: number, offset, length: bytes.length }, keys);
        }
      }
      segment.scannedTo = scannedTo;
      segment.seenBytes = scannedTo + tornBytes;
    }
  }

  /** Adds a line with its keys, unless its segment was forgotten meanwhile. */
  addLine(place: LinePlace, keys: readonly string[]): void {
    const known = this.#segments.get(place.segment);
    if (known === undefined) return;
    known.nEntries += keys.length;
    known.scannedTo = Math.max(known.scannedTo, place.offset + place.length + 1);
    known.seenBytes = Math.max(known.seenBytes, known.scannedTo);
    const line = this.#addPlace(place);
    for (const key of keys) this.#keys.set(key, line);
  }

  #addPlace({ segment, offset, length }: LinePlace): number {
    const line = this.#nLines++;
    this.#segmentOf.set(line, segment);
    this.#offsets.set(line, offset);
    this.#lengths.set(line, length);
    return line;
  }

  #isReadable(line: number): boolean {
    return line >= 0 && this.#lengths.get(line) > 0 && this.#segments.has(this.#segmentOf.get(line));
  }

  /** The number of the line that has a key, or -1. */
  find(key: string): number {
    const line = this.#keys.find(key);
    return this.#isReadable(line) ? line : -1;
  }

  /** Where a line is. */
  placeOf(line: number): LinePlace {
    const [segment, offset] = [this.#segmentOf.get(line), this.#offsets.get(line)];
    return { segment, offset, length: this.#lengths.get(line) };
  }

  /** Counts a line as damaged; it is not found any more. */
  forgetDamaged(line: number): void {
    const segment = this.segment(this.#segmentOf.get(line));
    if (segment !== null) segment.nDamaged++;
    this.#lengths.set(line, 0);
  }

  /** Adds the keys of a segment from its index file; it was just made known. */
  takeIndex(number: number, { coveredBytes, nEntries, nDamaged, ...keys }: SegmentIndex): void {
    const segment = this.segment(number);
    if (segment === null) return;
    const { offsets, lengths, fingerprints } = keys;
    this.#keys.reserve(offsets.length);
    let [line, lastOffset] = [-1, -1];
    offsets.forEach((offset, i) => {
      // The keys of one line come together.
      if (offset !== lastOffset) line = this.#addPlace({ segment: number, offset, length: lengths[i] ?? 0 });
      lastOffset = offset;
      this.#keys.setFingerprint(fingerprints, i * FINGERPRINT_WORDS, line);
    });
    Object.assign(segment, { scannedTo: coveredBytes, seenBytes: coveredBytes, nEntries, nDamaged });
  }

  /** What is known of a segment, for its index file. */
  indexOf(number: number): SegmentIndex {
    const { nEntries = 0, nDamaged = 0, scannedTo = 0 } = this.segment(number) ?? {};
    const entries: number[] = [];
    for (let entry = 0; entry < this.#keys.nEntries; entry++) {
      const line = this.#keys.lineOfEntry(entry);
      if (this.#segmentOf.get(line) === number && this.#isReadable(line)) entries.push(entry);
    }
    const lines = entries.map((entry) => this.#keys.lineOfEntry(entry));
    const fingerprints = new Uint32Array(entries.length * FINGERPRINT_WORDS);
    entries.forEach((entry, i) => this.#keys.copyFingerprint(entry, fingerprints, i * FINGERPRINT_WORDS));
    return {
      coveredBytes: scannedTo,
      nEntries,
      nDamaged,
      offsets: Float64Array.from(lines, (line) => this.#offsets.get(line)),
      lengths: Uint32Array.from(lines, (line) => this.#lengths.get(line)),
      fingerprints,
    };
  }

  /**
   * Whether every key of an index file is on the line where it is here.
   * @param damaged offsets of lines that were damaged since
   */
  agreesWith({ offsets, lengths, fingerprints }: SegmentIndex, damaged: ReadonlySet<number>): boolean {
    return offsets.every((offset, i) => {
      const line = this.#keys.findFingerprint(fingerprints, i * FINGERPRINT_WORDS);
      const isHere =
        line >= 0 && this.#offsets.get(line) === offset && this.#lengths.get(line) === lengths[i];
      return isHere || damaged.has(offset);
    });
  }

  /** What is known so far. A last line that is not whole counts as damaged. */
  counts(): PartitionCounts {
    let [nEntries, nDamaged, nKeys] = [0, 0, 0];
    for (const segment of this.#segments.values()) {
      nEntries += segment.nEntries;
      nDamaged += segment.nDamaged + (segment.seenBytes > segment.scannedTo ? 1 : 0);
    }
    for (let entry = 0; entry < this.#keys.nEntries; entry++)
      if (this.#isReadable(this.#keys.lineOfEntry(entry))) nKeys++;
    return { nSegments: this.#segments.size, nEntries, nKeys, nDamaged };
  }
}
