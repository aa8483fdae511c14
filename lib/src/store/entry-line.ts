// A line of a segment: a checksum, and the entries of one put, which are there together or not at all.
import { hash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { Completion, TokenLogprobs } from '../schema/chat.js';

/** A completion and its content address. */
export interface Entry {
  key: string;
  completion: Completion;
}

/** Key, text, reason and, where there are any, the tokens with their log-probabilities. */
export type StoredEntry = readonly [
  key: string,
  text: string,
  finishReason: string,
  tokens?: TokenLogprobs[],
];

/** What is wrong with a line; `torn tail`: the last one of a file, not written to its end. */
export type LineDamage = 'checksum' | 'not JSON' | 'not entries' | 'torn tail';

const CHECKSUM_DIGITS = 8;
const JSON_STARTS_AT = CHECKSUM_DIGITS + 1;
const BLANK = 0x20;

/** Entries as a line with its end: `<CRC-32 of the JSON as 8 hex digits> <JSON>\n`. JSON itself holds no line end. */
export function encodeLine(entries: readonly Entry[]): string {
  return lineOf(
    entries.map(({ key, completion: { text, finishReason, tokens } }): StoredEntry =>
      tokens === undefined ? [key, text, finishReason] : [key, text, finishReason, tokens],
    ),
  );
}

/** Entries that were read, as a line with its end. */
export function lineOf(entries: readonly StoredEntry[]): string {
  const json = JSON.stringify(entries);
  return `${crc32(json).toString(16).padStart(CHECKSUM_DIGITS, '0')} ${json}\n`;
}

/**
 * The entries of a line, or what is wrong with it.
 * @param line its bytes without the line end; a carriage return at its end is passed over
 */
export function decodeLine(line: Buffer): readonly StoredEntry[] | LineDamage {
  const end = line.at(-1) === 0x0d ? line.length - 1 : line.length;
  const json = line.subarray(JSON_STARTS_AT, end);
  if (line[CHECKSUM_DIGITS] !== BLANK) return 'checksum';
  const checksum = checksumOf(line);
  if (crc32(json) !== checksum && earlierChecksumOf(json) !== checksum) return 'checksum';
  let value: unknown;
  try {
    value = JSON.parse(json.toString('utf8'));
  } catch {
    return 'not JSON';
  }
  return isStored(value) ? value : 'not entries';
}

/** The checksum that a line starts with; NaN where that is none. */
function checksumOf(line: Buffer): number {
  let checksum = 0;
  for (let i = 0; i < CHECKSUM_DIGITS; i++) checksum = checksum * 16 + hexDigit(line[i] ?? 0);
  return checksum;
}

/** What stood there at first: the start of the SHA-256, which takes several times as long. */
function earlierChecksumOf(json: Buffer): number {
  return Number.parseInt(hash('sha256', json, 'hex').slice(0, CHECKSUM_DIGITS), 16);
}

/** Of `0` to `9` and `a` to `f`, as bytes; NaN for others. */
function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  return byte >= 0x61 && byte <= 0x66 ? byte - 0x57 : NaN;
}

/** What the checksum vouches for is not looked at again beyond its shape. */
function isStored(value: unknown): value is StoredEntry[] {
  return (
    Array.isArray(value) &&
    value.every(
      (entry: unknown) =>
        Array.isArray(entry) &&
        typeof entry[0] === 'string' &&
        typeof entry[1] === 'string' &&
        typeof entry[2] === 'string' &&
        (entry[3] === undefined || Array.isArray(entry[3])),
    )
  );
}

/** The completion of a key among the entries of a line, or null; of two with one key, the later. */
export function completionIn(entries: readonly StoredEntry[], key: string): Completion | null {
  for (let i = entries.length - 1; i >= 0; i--) {
    const entry = entries[i];
    if (entry?.[0] !== key) continue;
    const [, text, finishReason, tokens] = entry;
    return tokens === undefined ? { text, finishReason } : { text, finishReason, tokens };
  }
  return null;
}
