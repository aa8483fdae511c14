// Writes PNG files (https://www.w3.org/TR/png-3/). The drawing library compresses for speed: its files are twice as large, and notebooks
// keep every picture.
import { promisify } from 'node:util';
import { crc32, deflate } from 'node:zlib';

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const [N_RGBA, N_RGB] = [4, 3];

/**
 * A PNG of opaque colours.
 * @param pixels 4 bytes each, red, green, blue and alpha, row by row; alpha is not looked at
 */
export async function encodePng(
  pixels: Uint8Array,
  { width, height }: { width: number; height: number },
): Promise<Buffer> {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  // 8 bits for each of red, green and blue; deflate, the five standard filters, not interlaced.
  header.set([8, 2, 0, 0, 0], 8);
  // Each row begins with the number of its filter: none. Flat areas of charts compress best unfiltered.
  const rowLength = 1 + N_RGB * width;
  const rows = Buffer.alloc(rowLength * height);
  for (let i = 0; i < width * height; i++) {
    const to = Math.floor(i / width) * rowLength + 1 + (i % width) * N_RGB;
    for (let j = 0; j < N_RGB; j++) rows[to + j] = pixels[i * N_RGBA + j] ?? 0;
  }
  const data = await promisify<Buffer, { level: number }, Buffer>(deflate)(rows, { level: 9 });
  const chunks = [chunk('IHDR', header), chunk('IDAT', data), chunk('IEND', Buffer.alloc(0))];
  return Buffer.concat([SIGNATURE, ...chunks]);
}

/** A chunk: length, type, content, and the checksum of type and content. */
function chunk(type: string, content: Buffer): Buffer {
  const framed = Buffer.alloc(12 + content.length);
  framed.writeUInt32BE(content.length, 0);
  framed.write(type, 4, 'latin1');
  framed.set(content, 8);
  framed.writeUInt32BE(crc32(framed.subarray(4, 8 + content.length)), 8 + content.length);
  return framed;
}
