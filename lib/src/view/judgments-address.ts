// The address of a list of judgments in the view, for its pages and for links to them. Pages import this file.
import type { JudgmentFilter } from '../schema/judgment-filter.js';

/** Which judgments are listed, and which of them is shown. */
export interface JudgmentsPlace {
  /** As it is listed, `<experiment>/<run>`. */
  run: string;
  filter: JudgmentFilter;
  /** Judgments before the first one of the page, from 0; absent: 0. */
  offset?: number;
  /** The one that is shown, by its number in the catalogue; absent or null: none. */
  row?: number | null;
}

/** The hash of the address. */
export function judgmentsHash({ run, filter, offset = 0, row = null }: JudgmentsPlace): string {
  const query = new URLSearchParams({ run });
  if (Object.keys(filter).length > 0) query.set('filter', JSON.stringify(filter));
  if (offset > 0) query.set('offset', String(offset));
  if (row !== null) query.set('row', String(row));
  return `#/judgments?${query.toString()}`;
}
