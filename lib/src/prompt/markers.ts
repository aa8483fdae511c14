// The markers in which judgments carry their verdict: [[A]], [[B]] and [[C]].
import type { Verdict } from '../schema/verdict.js';

/** The marker of each verdict. */
export const MARKERS = { A: '[[A]]', B: '[[B]]', tie: '[[C]]' } as const;

/** A marker in a text. */
export interface MarkerPlace {
  verdict: Verdict;
  /** Where the marker starts, in UTF-16 units. */
  start: number;
}

/** The marker that stands last, or null. */
export function lastMarker(text: string): MarkerPlace | null {
  let last: MarkerPlace | null = null;
  for (const kind of ['A', 'B', 'tie'] as const) {
    const start = text.lastIndexOf(MARKERS[kind]);
    if (start >= 0 && start > (last?.start ?? -1)) last = { verdict: { kind }, start };
  }
  return last;
}
