// The place of a page: what is shown stands in the address, so that every view has a link.
import type { JudgmentFilter } from '../../src/schema/judgment-filter.js';
import { judgmentsHash } from '../../src/view/judgments-address.js';
import { ALL_RUNS, runsHash, runsQueryIn, type RunsQuery } from './runs-query.js';

export type { JudgmentFilter };

/** Which queue, and whose. */
export interface QueueQuery {
  run: string;
  stage: string;
  nItems: number;
  reviewer: string;
}

/** A page of the app. */
export type Place =
  | { page: 'runs'; query?: RunsQuery }
  | ({ page: 'review'; run: string } & Partial<QueueQuery>)
  | { page: 'judgments'; run: string; filter: JudgmentFilter; offset: number; row: number | null };

/** @param hash of the address: `#/judgments?run=…&filter=…` */
export function placeOf(hash: string): Place {
  const [path = '', search = ''] = hash.replace(/^#\/?/, '').split('?');
  const query = new URLSearchParams(search);
  const run = query.get('run');
  if (path === 'review' && run !== null) return { page: 'review', run, ...queueIn(query) };
  if (path !== 'judgments' || run === null) return { page: 'runs', query: runsQueryIn(query) };
  const row = query.get('row');
  return {
    page: 'judgments',
    run,
    filter: filterIn(query.get('filter')),
    offset: Math.max(0, Number(query.get('offset') ?? 0) || 0),
    row: row === null || !/^\d+$/.test(row) ? null : Number(row),
  };
}

function queueIn(query: URLSearchParams): Partial<QueueQuery> {
  const [stage, reviewer] = [query.get('stage'), query.get('reviewer')];
  if (stage === null) return {};
  return { stage, nItems: Number(query.get('items')) || 50, ...(reviewer === null ? {} : { reviewer }) };
}

function filterIn(text: string | null): JudgmentFilter {
  try {
    const value: unknown = JSON.parse(text ?? '{}');
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
  } catch {
    return {};
  }
}

/** The address of a place. */
export function hashOf(place: Place): string {
  if (place.page === 'runs') return runsHash(place.query ?? ALL_RUNS);
  if (place.page === 'review') {
    const { run, stage, nItems, reviewer } = place;
    const asked = { run, stage, items: nItems?.toString(), reviewer };
    const known = Object.entries(asked).flatMap(([key, value]) =>
      value === undefined ? [] : [[key, value]],
    );
    return `#/review?${new URLSearchParams(known).toString()}`;
  }
  return judgmentsHash(place);
}
