// The bytes of a file as a stream, unpacked where the file is gzipped (RFC 1952).
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream';
import { TextDecoder } from 'node:util';
import { createGunzip } from 'node:zlib';
import { DataError, hasErrorCode, messageOf } from '../core/errors.js';
import { readBytes, readError } from '../core/files.js';

/** The first bytes of a file, fewer where it is shorter. @throws DataError when it cannot be read */
export async function leadingBytes(path: string, nBytes: number): Promise<Buffer> {
  try {
    return (await readBytes(path, nBytes)).bytes;
  } catch (thrown) {
    throw readError(path, thrown);
  }
}

/**
 * The content of a file, piece by piece. Gzip is detected from the first bytes, not from the name: servers and browsers unpack files
 * without renaming them.
 * @throws DataError when it cannot be read, or is a gzip file that is cut off or damaged
 */
export async function* unpackedBytes(path: string): AsyncGenerator<Buffer> {
  const [first, second] = await leadingBytes(path, 2);
  try {
    const source = createReadStream(path);
    const isGzipped = first === 0x1f && second === 0x8b;
    // The callback is for pipeline alone: an error of either stream also ends the reading below.
    yield* buffersOf(isGzipped ? pipeline(source, createGunzip(), () => undefined) : source);
  } catch (thrown) {
    if (!isGzipError(thrown)) throw readError(path, thrown);
    throw new DataError({
      subject: path,
      expected: 'a whole gzip file',
      received: messageOf(thrown),
      remedy: 'Get that file again.',
      cause: thrown,
    });
  }
}

/**
 * The content of a text file as UTF-8. UTF-16 is detected from its byte order mark, and read only with one.
 * @throws DataError as {@link unpackedBytes}, and where UTF-16 is damaged
 */
export async function* textBytes(path: string): AsyncGenerator<Buffer> {
  let decoder: TextDecoder | null = null;
  let isFirst = true;
  for await (const chunk of unpackedBytes(path)) {
    if (isFirst) decoder = utf16DecoderOf(chunk);
    isFirst = false;
    yield decoder === null ? chunk : decoded(chunk, decoder, path);
  }
  if (decoder !== null) yield decoded(null, decoder, path);
}

function utf16DecoderOf([first, second]: Buffer): TextDecoder | null {
  if (first === 0xff && second === 0xfe) return new TextDecoder('utf-16le', { fatal: true });
  if (first === 0xfe && second === 0xff) return new TextDecoder('utf-16be', { fatal: true });
  return null;
}

/** A chunk in UTF-8; null ends the text. */
function decoded(chunk: Buffer | null, decoder: TextDecoder, path: string): Buffer {
  try {
    return Buffer.from(chunk === null ? decoder.decode() : decoder.decode(chunk, { stream: true }));
  } catch (cause) {
    throw new DataError({
      subject: path,
      expected: 'whole UTF-16, as its byte order mark says',
      received: messageOf(cause),
      remedy: 'Get that file again, or convert it to UTF-8.',
      cause,
    });
  }
}

async function* buffersOf(stream: AsyncIterable<unknown>): AsyncGenerator<Buffer> {
  for await (const chunk of stream) if (Buffer.isBuffer(chunk)) yield chunk;
}

function isGzipError(thrown: unknown): boolean {
  return ['Z_BUF_ERROR', 'Z_DATA_ERROR', 'Z_STREAM_ERROR'].some((code) => hasErrorCode(thrown, code));
}
