// The findings about an experiment as lines for a terminal of 80 columns.
import { printable } from '../core/text.js';
import type { Finding } from '../schema/finding.js';

const WIDTH = 80;
const VERDICT = 9;
const CHECK = 20;

/** The verdict, the check, and what was found, with the remedy below it. */
export function findingLines(findings: readonly Finding[]): string[] {
  return findings.flatMap(({ check, verdict, found, remedy }) => {
    const head = `${verdict.padEnd(VERDICT)}${printable(check, CHECK - 3).padEnd(CHECK)}`;
    const text = wrapped(found, WIDTH - VERDICT - CHECK);
    const advice = remedy === null ? [] : wrapped(`-> ${remedy}`, WIDTH - VERDICT - CHECK);
    return [...text, ...advice].map((line, i) => (i === 0 ? head : ' '.repeat(head.length)) + line);
  });
}

/** Lines of at most `width` characters, broken at spaces where there are some. */
function wrapped(text: string, width: number): string[] {
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
