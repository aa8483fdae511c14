// An overlap audit as tables: how much of a benchmark and of training overlaps, and where.
import { withoutControls } from '../core/text.js';
import type { Overlap, OverlapCounts, OverlapReport } from '../schema/overlap.js';
import { count, NO_VALUE, percent } from './format.js';
import { toMarkdown, type Table } from './tables.js';

/** Benchmark items by subset, and all of them. */
export function overlappingItemsTable({ items }: OverlapReport): Table {
  const rows = Object.entries(items).map(([subset, counts]) => countRow(subset, counts));
  if (rows.length > 1) rows.push(countRow('in all', totalOf(Object.values(items))));
  return countTable('subset', rows);
}

/** Training texts by what they are; kinds of which there were none are left out. */
export function overlappingTrainingTable({ training }: OverlapReport): Table {
  const rows = Object.entries(training).flatMap(([field, counts]) =>
    counts.n === 0 ? [] : [countRow(`${field}s`, counts)],
  );
  return countTable('training texts', rows);
}

/** Items that overlap, with the strongest overlap of each. @param options.most rows at most; absent: all */
export function overlapPlacesTable(
  { overlappingItems }: OverlapReport,
  { most = Infinity }: { most?: number } = {},
): Table {
  return {
    header: [
      'item',
      'subset',
      'overlap',
      'item in text %',
      'text in item %',
      'runs in training %',
      'texts',
      'strongest with',
      'waived because',
    ],
    rows: overlappingItems
      .slice(0, most)
      .map((item) => [
        item.itemId,
        item.subset,
        item.strongest.kind,
        percent(item.strongest.benchmarkShare),
        percent(item.strongest.trainingShare),
        percent(item.runShare),
        count(item.nTrainingTexts),
        placeOf(item.strongest.training),
        item.waivedBecause ?? NO_VALUE,
      ]),
  };
}

/** The whole audit as Markdown. @param options.most items and pairs of texts that are shown */
export function overlapMarkdown(report: OverlapReport, { most = 20 }: { most?: number } = {}): string {
  const { settings, overlappingItems, nNotWaived } = report;
  const { runWords, shingleWords, share, minWords, boilerplateItems } = settings;
  const parts = [
    '# Overlap of training and benchmark',
    `An overlap is the same text, a near-duplicate (${percent(share)}% of one text's runs of ${shingleWords} words stand in the other; ` +
      `${minWords} words or more), or a shared run of ${runWords} words` +
      `${boilerplateItems === null ? '' : ` that stands in ${count(boilerplateItems)} items at most`}. ` +
      `Each item and text counts under its strongest overlap.`,
    toMarkdown(overlappingItemsTable(report)),
    toMarkdown(overlappingTrainingTable(report)),
    `${count(overlappingItems.length)} items overlap, ${count(nNotWaived)} of them without a waiver.`,
  ];
  if (overlappingItems.length > 0) {
    parts.push(toMarkdown(overlapPlacesTable(report, { most })));
    if (overlappingItems.length > most)
      parts.push(`Not shown: ${count(overlappingItems.length - most)} more.`);
    parts.push(...overlappingItems.slice(0, most).map(({ strongest }) => quoted(strongest)));
  }
  return `${parts.join('\n\n')}\n`;
}

function countTable(first: string, rows: string[][]): Table {
  return {
    header: [first, 'n', 'same text', 'near-duplicate', 'shared run', 'overlapping', '%'],
    rows,
  };
}

function countRow(name: string, { n, sameText, nearDuplicate, sharedRun }: OverlapCounts): string[] {
  const nOverlapping = sameText + nearDuplicate + sharedRun;
  return [
    name,
    ...[n, sameText, nearDuplicate, sharedRun, nOverlapping].map(count),
    n === 0 ? NO_VALUE : percent(nOverlapping / n),
  ];
}

function totalOf(all: readonly OverlapCounts[]): OverlapCounts {
  return all.reduce((total, { n, sameText, nearDuplicate, sharedRun }) => ({
    n: total.n + n,
    sameText: total.sameText + sameText,
    nearDuplicate: total.nearDuplicate + nearDuplicate,
    sharedRun: total.sharedRun + sharedRun,
  }));
}

function placeOf({ id, source }: Overlap['training']): string {
  return source ? `${source.file}:${source.line}` : id;
}

/** Both beginnings, as code, in which nothing is markup. */
function quoted({ benchmark, training }: Overlap): string {
  const code = (text: string): string => `    ${withoutControls(text)}`;
  return `${code(`benchmark ${benchmark.id}: ${benchmark.excerpt}`)}\n${code(`training ${placeOf(training)}: ${training.excerpt}`)}`;
}
