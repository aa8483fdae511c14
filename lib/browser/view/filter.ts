// The place of a page: what is shown stands in the address, so that every view has a link.
import type { CompareFilter } from '../../src/view/compare-records.js';
import type { Order } from '../../src/schema/verdict.js';
import type { JudgmentFilter } from '../../src/schema/judgment-filter.js';
import { judgmentsHash, listHash } from '../../src/view/judgments-address.js';
import { ALL_RUNS, runsHash, runsQueryIn, type RunsQuery } from './runs-query.js';

export type { JudgmentFilter };

/** Which queue, and whose. */
export interface QueueQuery {
  run: string;
  stage: string;
  nItems: number;
  reviewer: string;
}

/** Which judge of a comparison. */
export interface JudgeAt {
  run: string;
  /** null: the last. */
  iteration: number | null;
  /** Of several benchmarks; null: the headline. */
  benchmark: string | null;
}

/** Two judges on the same items. */
export interface ComparePlace {
  page: 'compare';
  a: JudgeAt | null;
  b: JudgeAt | null;
  filter: CompareFilter;
  offset: number;
  /** The number of the item that is shown whole. */
  row: number | null;
  /** In which its judgments are shown. */
  order: Order;
}

/** A whole number from 0, as an address has it. */
export const WHOLE = /^\d{1,15}$/;

/** A page of the app. */
export type Place =
  | { page: 'runs'; query?: RunsQuery }
  | ComparePlace
  | ({ page: 'review'; run: string } & Partial<QueueQuery>)
  | { page: 'judgments'; run: string; filter: JudgmentFilter; offset: number; row: number | null };

/** @param hash of the address: `#/judgments?run=…&filter=…` */
export function placeOf(hash: string): Place {
  const [path = '', search = ''] = hash.replace(/^#\/?/, '').split('?');
  const query = new URLSearchParams(search);
  const run = query.get('run');
  if (path === 'compare') return comparePlaceOf(query);
  if (path === 'review' && run !== null) return { page: 'review', run, ...queueIn(query) };
  if (path !== 'judgments' || run === null) return { page: 'runs', query: runsQueryIn(query) };
  return { page: 'judgments', run, ...shownIn(query) };
}

function comparePlaceOf(query: URLSearchParams): ComparePlace {
  const judge = (name: 'a' | 'b'): JudgeAt | null => {
    const [, run, iteration] = /^(.+?)(?:@(\d+))?$/.exec(query.get(name) ?? '') ?? [];
    const benchmark = query.get(`${name}-benchmark`);
    return run === undefined
      ? null
      : { run, iteration: iteration === undefined ? null : Number(iteration), benchmark };
  };
  const order = query.get('order') === 'loser-first' ? 'loser-first' : 'winner-first';
  return { page: 'compare', a: judge('a'), b: judge('b'), order, ...shownIn(query) };
}

/** What a page with a list shows of it. */
function shownIn(query: URLSearchParams): { filter: object; offset: number; row: number | null } {
  const [offset, row] = [query.get('offset') ?? '', query.get('row') ?? ''];
  return {
    filter: filterIn(query.get('filter') ?? '{}') ?? {},
    offset: WHOLE.test(offset) ? Number(offset) : 0,
    row: WHOLE.test(row) ? Number(row) : null,
  };
}

function queueIn(query: URLSearchParams): Partial<QueueQuery> {
  const [stage, reviewer] = [query.get('stage'), query.get('reviewer')];
  if (stage === null) return {};
  return { stage, nItems: Number(query.get('items')) || 50, ...(reviewer === null ? {} : { reviewer }) };
}

/** The filter of an address; null where the text is none. */
export function filterIn(text: string): object | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && !Array.isArray(value) ? value : null;
  } catch {
    return null;
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
  if (place.page === 'judgments') return judgmentsHash(place);
  return listHash('compare', judgesIn(place), place);
}

function judgesIn({ a, b, order }: ComparePlace): Record<string, string> {
  const judges = Object.entries({ a, b }).flatMap(([name, judge]) =>
    judge === null
      ? []
      : [
          [name, judge.iteration === null ? judge.run : `${judge.run}@${judge.iteration}`],
          ...(judge.benchmark === null ? [] : [[`${name}-benchmark`, judge.benchmark]]),
        ],
  );
  return Object.fromEntries([...judges, ...(order === 'winner-first' ? [] : [['order', order]])]) as Record<
    string,
    string
  >;
}

/** The place where the seed of a run is compared with a later iteration. */
export function againstSeed(run: string, iteration: number): ComparePlace {
  const judge = (at: number): JudgeAt => ({ run, iteration: at, benchmark: null });
  const nothing = { filter: {}, offset: 0, row: null, order: 'winner-first' as const };
  return { page: 'compare', a: judge(0), b: judge(iteration), ...nothing };
}
