// The findings about an experiment as lines for a terminal of 80 columns.
import { wrapped } from '../core/prose.js';
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
