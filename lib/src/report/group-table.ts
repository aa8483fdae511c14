// The table of a run's figures by slice and kind of error.
import { own } from '../core/own.js';
import type { Estimate } from '../schema/estimate.js';
import type { IterationMetrics } from '../schema/evaluation.js';
import type { JudgmentFilter } from '../schema/judgment-filter.js';
import { scoredOf, unscoredOf } from './counted-judgments.js';
import { count, percentWithInterval, unscored } from './format.js';
import { makeTable, type Table } from './tables.js';

/** Accuracy of the first and the last iteration by slice and by kind of error. */
export function groupTable(iterations: readonly IterationMetrics[]): Table {
  const [first, last] = [iterations[0], iterations.slice(1).at(-1)];
  const slices = Object.keys(first?.metrics.accuracyBySlice ?? {});
  const groups = (['accuracyBySlice', 'accuracyByErrorKind'] as const).flatMap((key) =>
    Object.entries(first?.metrics[key] ?? {}).map(([group, seed]) => ({
      group,
      seed,
      final: last && own(last.metrics[key], group),
      filter: key === 'accuracyBySlice' ? { slice: [group] } : errorKindIn(group, slices),
    })),
  );
  type Row = (typeof groups)[number];
  const scored = (of: IterationMetrics | undefined, figure: (row: Row) => Estimate | undefined) => ({
    counted: (row: Row) => of && row.filter && scoredOf(of, figure(row) ?? row.seed, row.filter),
  });
  const unread = (of: IterationMetrics | undefined, figure: (row: Row) => Estimate | undefined) => ({
    counted: (row: Row) => of && row.filter && unscoredOf(of, figure(row)?.unscored ?? 0, row.filter),
  });
  const seedOf = ({ seed }: Row) => seed;
  const finalOf = ({ final }: Row) => final;
  const optional = { optional: true };
  return makeTable(groups, [
    ['group', ({ group }) => group],
    ['seed % [95%]', ({ seed }) => percentWithInterval(seed), scored(first, seedOf)],
    [
      'last iteration % [95%]',
      ({ final }) => final && percentWithInterval(final),
      { ...optional, ...scored(last, finalOf) },
    ],
    ['n', ({ seed }) => count(seed.n), scored(first, seedOf)],
    ['unscored', ({ seed }) => unscored(seed), unread(first, seedOf)],
    ['unscored, last', ({ final }) => final && unscored(final), { ...optional, ...unread(last, finalOf) }],
  ]);
}

/** The kind of error of a group `<slice>/<kind>`; undefined where a slice's name has a slash, so that there are two ways to read it. */
function errorKindIn(group: string, slices: readonly string[]): JudgmentFilter | undefined {
  const [slice, ...others] = slices.filter((name) => group.startsWith(`${name}/`));
  if (slice === undefined || others.length > 0) return undefined;
  return { slice: [slice], errorKind: [group.slice(slice.length + 1)] };
}
