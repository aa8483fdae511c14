// Rows that a command could not use, as it prints them.
import { printable } from '../core/text.js';
import { byReason, count } from '../report/index.js';
import type { Score } from '../schema/index.js';

/** So many are shown; `--json` has more. */
const MOST_SHOWN = 10;

/** Their number by reason, then the first ones; no lines where there are none. */
export function badRowLines(badRows: Score['badRows'], dropped: Score['dropped'] = {}): string[] {
  if (badRows.length === 0) return [];
  const shown = badRows
    .slice(0, MOST_SHOWN)
    .map(({ file, line, reason, detail }) => `  ${printable(`${file}:${line} ${reason}: ${detail}`)}`);
  return [`rows that could not be used: ${byReason(dropped) || count(badRows.length)}`, ...shown];
}
