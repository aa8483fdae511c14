// Which judgments of a catalogue are shown: by what is known without their texts, then by words in them.
import { z } from 'zod';
import type { JudgmentCatalogue } from './judgment-catalogue.js';
import type { JudgmentFilter } from '../schema/judgment-filter.js';
import { CHANGES, OUTCOMES, PAIR_OUTCOMES, type Facets } from './view-records.js';

/** A test of a row by its number. */
type RowTest = (row: number) => boolean;

/** The rows that pass, in the order of the catalogue, whatever their texts. */
export function rowsOf(catalogue: JudgmentCatalogue, filter: Omit<JudgmentFilter, 'text'>): number[] {
  const tests = testsOf(catalogue, filter);
  const rows: number[] = [];
  for (let row = 0; row < catalogue.size; row++) if (tests.every((test) => test(row))) rows.push(row);
  return rows;
}

function testsOf(catalogue: JudgmentCatalogue, filter: Omit<JudgmentFilter, 'text'>): RowTest[] {
  const { columns, sources, subjects, verdicts } = catalogue;
  const { iteration, slice, errorKind, benchmark, mostWinnerVotes } = filter;
  const tests: RowTest[] = [];
  /** A row passes where its entry is one of the values for which `isWanted`; a table decides that once for each value. */
  const among = <Value>(
    column: readonly number[],
    values: readonly Value[],
    isWanted: ((value: Value) => boolean) | undefined,
  ): void => {
    if (!isWanted) return;
    const table = values.map(isWanted);
    tests.push((row) => table[column[row] ?? -1] === true);
  };
  const oneOf = <Value>(wanted: readonly Value[] | undefined): ((value: Value) => boolean) | undefined =>
    wanted && ((value) => wanted.includes(value));
  const source = (isWanted: ((value: (typeof sources)[number]) => boolean) | false): void => {
    among(columns.source, sources, isWanted || undefined);
  };
  source(filter.kind !== undefined && ((each) => each.kind === filter.kind));
  source(iteration !== undefined && ((each) => iteration.includes(each.iteration)));
  source(
    benchmark !== undefined && ((each) => each.benchmark !== undefined && benchmark.includes(each.benchmark)),
  );
  const subject = (isWanted: ((value: (typeof subjects)[number]) => boolean) | false): void => {
    among(columns.subject, subjects, isWanted || undefined);
  };
  subject(slice !== undefined && ((each) => slice.includes(each.slice)));
  subject(errorKind !== undefined && ((each) => errorKind.includes(each.errorKind)));
  subject(filter.subject !== undefined && (({ id }) => id === filter.subject));
  among(columns.isLoserFirst, ['winner-first', 'loser-first'], oneOf(filter.order && [filter.order]));
  among(columns.verdict, verdicts, oneOf(filter.verdict));
  among(columns.outcome, OUTCOMES, oneOf(filter.outcome));
  among(columns.bothOrders, PAIR_OUTCOMES, oneOf(filter.bothOrders));
  among(columns.sinceSeed, CHANGES, oneOf(filter.sinceSeed));
  among(columns.sinceBefore, CHANGES, oneOf(filter.sinceBefore));
  if (mostWinnerVotes !== undefined)
    tests.push((row) => {
      const share = columns.winnerVotes[row] ?? -1;
      return share >= 0 && share <= mostWinnerVotes;
    });
  return tests;
}

/** How much of what passes is shown. */
export interface PageBounds {
  /** What passes before the first that is shown, from 0. */
  offset: number;
  /** At most, 1 or more. */
  limit: number;
}

/** Shown on one page, at most. */
const MOST_ON_PAGE = 500;

/** {@link PageBounds} as parts of a query. */
export const pageBoundsShape = {
  offset: z.int().min(0).default(0),
  limit: z.int().min(1).max(MOST_ON_PAGE).default(100),
};

/** Counts the rows by what they can be filtered by. */
export function facetsOf(
  { columns, sources, subjects, verdicts }: JudgmentCatalogue,
  rows: readonly number[],
): Facets {
  const bySource = countIn(columns.source, rows, sources.length);
  const bySubject = countIn(columns.subject, rows, subjects.length);
  return {
    iteration: summed(sources, bySource, ({ iteration }) => String(iteration)),
    kind: summed(sources, bySource, ({ kind }) => kind),
    slice: summed(subjects, bySubject, (subject) => subject.slice),
    errorKind: summed(subjects, bySubject, (subject) => subject.errorKind),
    verdict: summed(verdicts, countIn(columns.verdict, rows, verdicts.length), (verdict) => verdict),
    outcome: summed(OUTCOMES, countIn(columns.outcome, rows, OUTCOMES.length), (outcome) => outcome),
  };
}

function countIn(column: readonly number[], rows: readonly number[], nValues: number): Uint32Array {
  const counts = new Uint32Array(nValues);
  for (const row of rows) {
    const value = column[row] ?? 0;
    counts[value] = (counts[value] ?? 0) + 1;
  }
  return counts;
}

function summed<Value>(
  values: readonly Value[],
  counts: Uint32Array,
  nameOf: (value: Value) => string,
): Record<string, number> {
  const sums = new Map<string, number>();
  values.forEach((value, i) => {
    const n = counts[i] ?? 0;
    if (n > 0) sums.set(nameOf(value), (sums.get(nameOf(value)) ?? 0) + n);
  });
  return Object.fromEntries(sums);
}
