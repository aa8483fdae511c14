// Text files, line by line. Lines end at "\n" alone: U+2028 and U+2029, which a model may well write, are part of a line here,
// while `node:readline` takes them for line ends from Node 24 on.
import { createReadStream } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';

/** The lines of a UTF-8 file, without their ends; a carriage return before an end is dropped. */
export function linesOf(path: string): AsyncGenerator<string> {
  return linesOfChunks(createReadStream(path));
}

/** The same of a UTF-8 text that comes in chunks of bytes. */
export async function* linesOfChunks(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  for await (const chunk of chunks) {
    const lines = (rest + decoder.write(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength))).split(
      '\n',
    );
    rest = lines.pop() ?? '';
    for (const line of lines) yield line.endsWith('\r') ? line.slice(0, -1) : line;
  }
  rest += decoder.end();
  if (rest !== '') yield rest;
}
