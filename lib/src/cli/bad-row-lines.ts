// Rows that a command could not use, as it prints them.
import { groupBy } from '../core/group-by.js';
import { printable } from '../core/text.js';
import { byReason, count } from '../report/index.js';
import type { Score } from '../schema/index.js';

/** So many are shown, and as many of each reason; `--json` has more. */
const MOST_SHOWN = 10;

/** Their number by reason, then the first ones of each; no lines where there are none. */
export function badRowLines(
  badRows: readonly Score['badRows'][number][],
  dropped: Score['dropped'] = {},
): string[] {
  if (badRows.length === 0) return [];
  const byReasons = [...groupBy(badRows, ({ reason }) => reason).values()];
  const most = Math.max(1, Math.floor(MOST_SHOWN / byReasons.length));
  const chosen = badRows.length <= MOST_SHOWN ? badRows : byReasons.flatMap((of) => of.slice(0, most));
  const shown = chosen.map(
    ({ file, line, reason, detail }) => `  ${printable(`${file}:${line} ${reason}: ${detail}`)}`,
  );
  return [`rows that could not be used: ${byReason(dropped) || count(badRows.length)}`, ...shown];
}
