// Text files, line by line. Lines end at "\n" alone: U+2028 and U+2029, which a model may well write, are part of a line here,
// while `node:readline` takes them for line ends from Node 24 on.
import { createReadStream } from 'node:fs';

/** The lines of a UTF-8 file, without their ends; a carriage return before an end is dropped. */
export async function* linesOf(path: string): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of createReadStream(path, 'utf8')) {
    const lines = (rest + String(chunk)).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) yield line.endsWith('\r') ? line.slice(0, -1) : line;
  }
  if (rest !== '') yield rest;
}
