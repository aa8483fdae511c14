// The bytes of a file as a stream, unpacked where the file is gzipped (RFC 1952).
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { DataError, hasErrorCode, messageOf } from '../core/errors.js';
import { readError } from '../core/files.js';

/** The first bytes of a file, fewer where it is shorter. @throws DataError when it cannot be read */
export async function leadingBytes(path: string, nBytes: number): Promise<Buffer> {
  try {
    const file = await open(path, 'r');
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(nBytes), 0, nBytes, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (thrown) {
    throw readError(path, thrown);
  }
}

/**
 * The content of a file, piece by piece. Whether it is gzipped is told by its first bytes, not by its name: servers and
 * browsers unpack files without renaming them.
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

async function* buffersOf(stream: AsyncIterable<unknown>): AsyncGenerator<Buffer> {
  for await (const chunk of stream) if (Buffer.isBuffer(chunk)) yield chunk;
}

function isGzipError(thrown: unknown): boolean {
  return ['Z_BUF_ERROR', 'Z_DATA_ERROR', 'Z_STREAM_ERROR'].some((code) => hasErrorCode(thrown, code));
}
