// Prose for a terminal: lines broken at spaces.
import { printable } from './text.js';

/** The widest line of prose, in characters; tables may be wider. */
export const PROSE_WIDTH = 100;

/** A text as lines of at most `width` characters, from 1, broken at spaces where there are some. Control characters become spaces. */
export function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  let rest = printable(text, Infinity);
  while (rest.length > width) {
    const space = rest.lastIndexOf(' ', width);
    const at = space > 0 ? space : width;
    lines.push(rest.slice(0, at));
    rest = rest.slice(at).trimStart();
  }
  return [...lines, rest];
}

/** Sentences, each on lines of its own: what follows its first line is indented two more than that is. Those that fit stay as they are. */
export function prose(sentences: readonly string[], width = PROSE_WIDTH): string {
  const lines = sentences.flatMap((sentence) => {
    const indent = /^ */.exec(sentence)?.[0] ?? '';
    const [first = '', ...others] = wrapped(sentence, width - indent.length - 2);
    return sentence.length <= width
      ? [sentence]
      : [indent + first, ...others.map((line) => `${indent}  ${line}`)];
  });
  return lines.join('\n');
}
