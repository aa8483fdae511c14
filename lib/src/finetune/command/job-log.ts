// The log of a trainer: followed while it grows, its end shown, and searched for the model. It is never read as a whole.
import { open } from 'node:fs/promises';
import { hasErrorCode } from '../../core/errors.js';
import { exists, readError, writeError } from '../../core/files.js';
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
  for (;;) {
    const { bytes } = await readPart(path, () => [to, CHUNK_BYTES]);
    const lastEnd = Math.max(bytes.lastIndexOf(0x0a), bytes.lastIndexOf(0x0d));
    const nTaken = lastEnd === -1 ? (bytes.length === CHUNK_BYTES ? bytes.length : 0) : lastEnd + 1;
    if (nTaken === 0) return { lines, to };
    lines.push(...linesIn(bytes.subarray(0, nTaken)));
    lines.splice(0, lines.length - MOST_LINES);
    to += nTaken;
  }
}

/** The last lines of a log, the newest last, including a line that is not finished. */
export async function lastLines(path: string, nLines: number): Promise<string[]> {
  const { bytes, from } = await readPart(path, (size) => [Math.max(0, size - TAIL_BYTES), TAIL_BYTES]);
  // The first line may have begun before.
  const begin = from === 0 ? 0 : bytes.findIndex((byte) => byte === 0x0a || byte === 0x0d) + 1;
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
  for (let at = from; ;) {
    const { bytes } = await readPart(path, () => [at, CHUNK_BYTES]);
    const lastEnd = Math.max(bytes.lastIndexOf(0x0a), bytes.lastIndexOf(0x0d));
    const isLast = bytes.length < CHUNK_BYTES;
    const nTaken = (isLast && isWhole) || lastEnd === -1 ? bytes.length : lastEnd + 1;
    if (nTaken === 0 || (isLast && !isWhole && lastEnd === -1)) return at;
    // As Latin-1 every byte is a character, so that the rest of the line stays as it is.
    const text = bytes.subarray(0, nTaken).toString('latin1');
    const masked = text.replace(/[^\r\n]+/g, (line) => {
      const shown = redact(line);
      return shown === line ? line : shown.slice(0, line.length).padEnd(line.length);
    });
    if (masked !== text) await overwrite(path, { at, bytes: Buffer.from(masked, 'latin1') });
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

/** A part of a file, from its size; empty if there is no file. @param partOf where it begins, and how many bytes it has at most */
async function readPart(
  path: string,
  partOf: (size: number) => readonly [number, number],
): Promise<{ bytes: Buffer; from: number }> {
  try {
    const handle = await open(path, 'r');
    try {
      const [from, nBytes] = partOf((await handle.stat()).size);
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(nBytes), 0, nBytes, from);
      return { bytes: buffer.subarray(0, bytesRead), from };
    } finally {
      await handle.close();
    }
  } catch (thrown) {
    if (hasErrorCode(thrown, 'ENOENT')) return { bytes: Buffer.alloc(0), from: 0 };
    throw readError(path, thrown);
  }
}
