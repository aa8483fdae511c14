// Rows that could not be used, counted by reason.
import { addCount } from '../core/own.js';
import type { BadRow } from '../schema/scoring.js';

/** At most this many of each reason are listed; all are counted. */
const MOST_LISTED = 1000;

/** Counts all bad rows, and lists the first ones of each reason. */
export class BadRowList {
  readonly dropped: Record<string, number> = {};
  readonly badRows: BadRow[] = [];

  add(bad: BadRow): void {
    addCount(this.dropped, bad.reason);
    if ((this.dropped[bad.reason] ?? 0) <= MOST_LISTED) this.badRows.push(bad);
  }
}
