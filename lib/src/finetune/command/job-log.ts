// The log of a trainer: followed while it grows, shown where it ends, searched for what it says came out. Never read as a whole.
import { open } from 'node:fs/promises';
import { hasErrorCode } from '../../core/errors.js';
import { exists, readError } from '../../core/files.js';
import { linesOf } from '../../core/lines.js';

/** So much of a log is read at a time, in bytes. */
const CHUNK_BYTES = 256 * 1024;
/** Lines that the end of a log shows. */
const TAIL_LINES = 15;
/** Progress bars write carriage returns. */
const LINE_END = /[\r\n]+/;

/** Most lines that one look gives. */
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
    const bytes = await readPart(path, to, CHUNK_BYTES);
    const lastEnd = Math.max(bytes.lastIndexOf(0x0a), bytes.lastIndexOf(0x0d));
    const nTaken = lastEnd === -1 ? (bytes.length === CHUNK_BYTES ? bytes.length : 0) : lastEnd + 1;
    if (nTaken === 0) return { lines, to };
    const fresh = bytes.subarray(0, nTaken).toString('utf8').split(LINE_END);
    lines.push(...fresh.filter((line) => line.trim() !== ''));
    lines.splice(0, lines.length - MOST_LINES);
    to += nTaken;
  }
}

/** The last lines of a log, the newest last, also one that is not finished. */
export async function lastLines(path: string, nLines = TAIL_LINES): Promise<string[]> {
  const size = await sizeOf(path);
  const from = Math.max(0, size - 16 * 1024);
  const lines = (await readPart(path, from, size - from)).toString('utf8').split(LINE_END);
  // The first may have begun before.
  const whole = from === 0 ? lines : lines.slice(1);
  return whole.filter((line) => line.trim() !== '').slice(-nLines);
}

/** What a pattern's groups match in the lines of a log, in their order. */
export async function* matchesIn(
  path: string,
  pattern: RegExp,
): AsyncGenerator<Record<string, string | undefined>> {
  if (!(await exists(path))) return;
  for await (const line of linesOf(path)) {
    for (const part of line.split('\r')) {
      const groups = pattern.exec(part)?.groups;
      if (groups !== undefined) yield groups;
    }
  }
}

async function sizeOf(path: string): Promise<number> {
  const handle = await openIfPresent(path);
  if (handle === null) return 0;
  try {
    return (await handle.stat()).size;
  } finally {
    await handle.close();
  }
}

async function readPart(path: string, from: number, nBytes: number): Promise<Buffer> {
  const handle = await openIfPresent(path);
  if (handle === null) return Buffer.alloc(0);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(nBytes), 0, nBytes, from);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

async function openIfPresent(path: string): Promise<Awaited<ReturnType<typeof open>> | null> {
  try {
    return await open(path, 'r');
  } catch (thrown) {
    if (hasErrorCode(thrown, 'ENOENT')) return null;
    throw readError(path, thrown);
  }
}
