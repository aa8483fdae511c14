// What is known of the segments of a partition: which keys are on which line of which of them.
import { FINGERPRINT_WORDS, KeyIndex } from '../core/key-index.js';
import { LineTable } from './line-table.js';
import type { SegmentIndex } from './segment-index-file.js';

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
  readonly #lines = new LineTable();
  readonly #segments = new Map<number, Segment>();
  readonly #numbers = new Map<string, number>();

  /** The number of a segment, or null. */
  numberOf(path: string): number | null {
    return this.#numbers.get(path) ?? null;
  }

  /** A segment by its number; null for one that was let go of. */
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

  /** Lets go of a segment and of its lines. */
  forgetSegment(number: number): void {
    const segment = this.#segments.get(number);
    if (segment === undefined) return;
    this.#lines.forgetSegment(number);
    this.#numbers.delete(segment.path);
    this.#segments.delete(number);
  }

  /** Adds a line with its keys, unless its segment was let go of meanwhile. */
  addLine({ segment, offset, length }: LinePlace, keys: readonly string[]): void {
    const known = this.#segments.get(segment);
    if (known === undefined) return;
    known.nEntries += keys.length;
    known.scannedTo = Math.max(known.scannedTo, offset + length + 1);
    known.seenBytes = Math.max(known.seenBytes, known.scannedTo);
    const line = this.#lines.add(segment, offset, length);
    for (const key of keys) this.#keys.set(key, line);
  }

  /** The number of the line that has a key, or -1. */
  find(key: string): number {
    const line = this.#keys.find(key);
    return line < 0 || this.#lines.lengthOf(line) === 0 ? -1 : line;
  }

  /** Where a line is. */
  placeOf(line: number): LinePlace {
    return {
      segment: this.#lines.segmentOf(line),
      offset: this.#lines.offsetOf(line),
      length: this.#lines.lengthOf(line),
    };
  }

  /** Counts a line as damaged; it is not found any more. */
  forgetDamaged(line: number): void {
    const segment = this.segment(this.#lines.segmentOf(line));
    if (segment !== null) segment.nDamaged++;
    this.#lines.forget(line);
  }

  /** Adds the lines of a segment from its index file; it was just made known. */
  takeIndex(number: number, index: SegmentIndex): void {
    const segment = this.segment(number);
    if (segment === null) return;
    const { offsets, lengths, lines, fingerprints } = index;
    const firstLine = this.#lines.nLines;
    for (let i = 0; i < offsets.length; i++) this.#lines.add(number, offsets[i] ?? 0, lengths[i] ?? 0);
    this.#keys.reserve(lines.length);
    for (let i = 0; i < lines.length; i++)
      this.#keys.setFingerprint(fingerprints, i * FINGERPRINT_WORDS, firstLine + (lines[i] ?? 0));
    segment.scannedTo = index.coveredBytes;
    segment.seenBytes = index.coveredBytes;
    segment.nEntries = index.nEntries;
    segment.nDamaged = index.nDamaged;
  }

  /** What is known of a segment, for its index file. */
  indexOf(number: number): SegmentIndex {
    const { nEntries = 0, nDamaged = 0, scannedTo = 0 } = this.segment(number) ?? {};
    /** Position of a line among those of this segment, from 1 on; 0 for the lines of others. */
    const positions = new Uint32Array(this.#lines.nLines);
    let nLines = 0;
    for (let line = 0; line < positions.length; line++) {
      const isOf = this.#lines.segmentOf(line) === number && this.#lines.lengthOf(line) > 0;
      if (isOf) positions[line] = ++nLines;
    }
    const offsets = new Float64Array(nLines);
    const lengths = new Uint32Array(nLines);
    positions.forEach((position, line) => {
      if (position === 0) return;
      offsets[position - 1] = this.#lines.offsetOf(line);
      lengths[position - 1] = this.#lines.lengthOf(line);
    });
    const positionOf = (entry: number): number => positions[this.#keys.lineOfEntry(entry)] ?? 0;
    let nKeys = 0;
    for (let entry = 0; entry < this.#keys.nEntries; entry++) if (positionOf(entry) > 0) nKeys++;
    const lines = new Uint32Array(nKeys);
    const fingerprints = new Uint32Array(nKeys * FINGERPRINT_WORDS);
    for (let entry = 0, key = 0; key < nKeys; entry++) {
      if (positionOf(entry) === 0) continue;
      lines[key] = positionOf(entry) - 1;
      this.#keys.copyFingerprint(entry, fingerprints, key * FINGERPRINT_WORDS);
      key++;
    }
    return { coveredBytes: scannedTo, nEntries, nDamaged, offsets, lengths, lines, fingerprints };
  }

  /** What is known so far. A last line that is not whole counts as damaged. */
  counts(): PartitionCounts {
    let [nEntries, nDamaged, nKeys] = [0, 0, 0];
    for (const segment of this.#segments.values()) {
      nEntries += segment.nEntries;
      nDamaged += segment.nDamaged + (segment.seenBytes > segment.scannedTo ? 1 : 0);
    }
    for (let entry = 0; entry < this.#keys.nEntries; entry++) {
      if (this.#lines.lengthOf(this.#keys.lineOfEntry(entry)) > 0) nKeys++;
    }
    return { nSegments: this.#segments.size, nEntries, nKeys, nDamaged };
  }
}
