// Tables of an overlap audit: how much of a benchmark overlaps with training texts, and where.
import type { OverlapCounts, OverlapReport } from '../schema/overlap.js';
import { count, NO_VALUE, percent } from './format.js';
import { makeTable, type Table } from './tables.js';

/** Benchmark items by subset, and all of them. */
export function overlappingItemsTable({ items }: OverlapReport): Table {
  const subsets = Object.entries(items).map(([subset, counts]) => ({ subset, ...counts }));
  const sum = (key: keyof OverlapCounts) => subsets.reduce((total, counts) => total + counts[key], 0);
  const total = {
    subset: 'in all',
    n: sum('n'),
    sameText: sum('sameText'),
    nearDuplicate: sum('nearDuplicate'),
    sharedRun: sum('sharedRun'),
  };
  const nOverlapping = ({ sameText, nearDuplicate, sharedRun }: OverlapCounts) =>
    sameText + nearDuplicate + sharedRun;
  return makeTable(subsets.length > 1 ? [...subsets, total] : subsets, [
    ['subset', ({ subset }) => subset],
    ['n', ({ n }) => count(n)],
    ['same text', ({ sameText }) => count(sameText)],
    ['near-duplicate', ({ nearDuplicate }) => count(nearDuplicate)],
    ['shared run', ({ sharedRun }) => count(sharedRun)],
    ['overlapping', (counts) => count(nOverlapping(counts))],
    ['%', (counts) => (counts.n === 0 ? NO_VALUE : percent(nOverlapping(counts) / counts.n))],
  ]);
}

/** Items that overlap, with the strongest overlap of each; no rows without overlaps. @param options.most rows at most */
export function overlapPlacesTable({ overlappingItems }: OverlapReport, { most }: { most: number }): Table {
  return makeTable(overlappingItems.slice(0, most), [
    ['item', ({ itemId }) => itemId],
    ['subset', ({ subset }) => subset],
    ['overlap', ({ strongest }) => strongest.kind],
    ['item in text %', ({ strongest }) => percent(strongest.benchmarkShare)],
    ['text in item %', ({ strongest }) => percent(strongest.trainingShare)],
    ['runs in training %', ({ runShare }) => percent(runShare)],
    ['texts', ({ nTrainingTexts }) => count(nTrainingTexts)],
    [
      'strongest with',
      ({ strongest: { training } }) =>
        training.source ? `${training.source.file}:${training.source.line}` : training.id,
    ],
    ['waived because', ({ waivedBecause }) => waivedBecause ?? undefined, { blank: NO_VALUE }],
  ]);
}

/** What was done about items that overlap. */
export function whatBecame({ nNotWaived, settings: { action } }: OverlapReport): string {
  if (nNotWaived === 0) return 'each with a waiver';
  if (action === 'drop') return `${count(nNotWaived)} without a waiver: the instructions were dropped`;
  return `${count(nNotWaived)} without a waiver (overlap.action: report), which the figures may profit from`;
}
