// The log of a trainer: followed while it grows, its end shown, and searched for the model. It is never read as a whole.
import { open } from 'node:fs/promises';
import { hasErrorCode } from '../../core/errors.js';
import { exists, readBytes, readError, writeError } from '../../core/files.js';
import { linesOf } from '../../core/lines.js';

/** Bytes of a log that are read at a time. */
const CHUNK_BYTES = 256 * 1024;
/** Bytes at the end of a log among which its last lines are. */
const TAIL_BYTES = 16 * 1024;
/** Progress bars write carriage returns. */
const LINE_END = /[\r\n]+/;
/** Most lines of one call. */
const MOST_LINES = 1000;

/**
 * Whole lines from a place to the end of a log; of very many the last thousand.
 * @param from in bytes
 * @returns the lines and the place behind the last of them; a line longer than 256 KiB comes in pieces
 */
export async function newLines(path: string, from: number): Promise<{ lines: string[]; to: number }> {
  const lines: string[] = [];
  let to = from;
  for await (const bytes of wholeLines(path, { from, isWhole: false })) {
    lines.push(...linesIn(bytes));
    lines.splice(0, lines.length - MOST_LINES);
    to += bytes.length;
  }
  return { lines, to };
}

/** The last lines of a log, the newest last, including a line that is not finished. */
export async function lastLines(path: string, nLines: number): Promise<string[]> {
  const { bytes, start } = await readPart(path, TAIL_BYTES, 'last');
  // The first line may have begun before.
  const begin = start === 0 ? 0 : bytes.findIndex((byte) => byte === 0x0a || byte === 0x0d) + 1;
  return linesIn(bytes.subarray(begin)).slice(-nLines);
}

/**
 * Overwrites secrets in a log that others append to: a line with one becomes its redacted form, with blanks up to the length that it had.
 * @param from in bytes; what is before was looked at
 * @param isWhole whether nothing is appended any more, so that the last line counts without its end
 * @returns the place behind the last whole line
 */
export async function maskLog(
  path: string,
  { from, isWhole, redact }: { from: number; isWhole: boolean; redact: (text: string) => string },
): Promise<number> {
  let at = from;
  for await (const bytes of wholeLines(path, { from, isWhole })) {
    // As Latin-1 every byte is a character, so that the rest of the line stays as it is.
    const text = bytes.toString('latin1');
    const masked = text.replace(/[^\r\n]+/g, (line) => {
      const shown = redact(line);
      return shown === line ? line : shown.slice(0, line.length).padEnd(line.length);
    });
    if (masked !== text) await overwrite(path, { at, bytes: Buffer.from(masked, 'latin1') });
    at += bytes.length;
  }
  return at;
}

/** The whole lines of a log from a place on, some at a time; a line that is longer than a chunk comes in pieces. */
async function* wholeLines(
  path: string,
  { from, isWhole }: { from: number; isWhole: boolean },
): AsyncGenerator<Buffer> {
  for (let at = from; ;) {
    const { bytes } = await readPart(path, CHUNK_BYTES, at);
    const end = Math.max(bytes.lastIndexOf(0x0a), bytes.lastIndexOf(0x0d)) + 1;
    const isLast = bytes.length < CHUNK_BYTES;
    const nTaken = (isLast && isWhole) || (!isLast && end === 0) ? bytes.length : end;
    if (nTaken === 0) return;
    yield bytes.subarray(0, nTaken);
    at += nTaken;
  }
}

async function overwrite(path: string, { at, bytes }: { at: number; bytes: Buffer }): Promise<void> {
  try {
    const handle = await open(path, 'r+');
    try {
      await handle.write(bytes, 0, bytes.length, at);
    } finally {
      await handle.close();
    }
  } catch (cause) {
    throw writeError(path, cause);
  }
}

/** What a pattern's groups match in the lines of a log, in their order. @param source absent: no matches */
export async function* matchesIn(
  path: string,
  source: string | undefined,
): AsyncGenerator<Record<string, string | undefined>> {
  if (source === undefined || !(await exists(path))) return;
  const pattern = new RegExp(source, 'u');
  for await (const line of linesOf(path)) {
    for (const part of line.split('\r')) {
      const groups = pattern.exec(part)?.groups;
      if (groups !== undefined) yield groups;
    }
  }
}

function linesIn(bytes: Buffer): string[] {
  return bytes
    .toString('utf8')
    .split(LINE_END)
    .filter((line) => line.trim() !== '');
}

/** A part of a log, as {@link readBytes} reads it; nothing where there is no log yet. @throws DataError */
async function readPart(
  path: string,
  ...part: [nBytes: number, start: number | 'last']
): ReturnType<typeof readBytes> {
  try {
    return await readBytes(path, ...part);
  } catch (thrown) {
    if (hasErrorCode(thrown, 'ENOENT')) return { bytes: Buffer.alloc(0), start: 0 };
    throw readError(path, thrown);
  }
}
