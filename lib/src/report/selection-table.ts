// A selection as tables: what a pool held and what was taken of it, and what was dropped why.
import type { SelectionGroup, SelectionSummary } from '../schema/selection-summary.js';
import { text, type Block } from './document.js';
import { count, percent } from './format.js';
import type { Table } from './tables.js';

/** Instructions of one dimension: how many the choice was between and how many it took, and what share of each whole that is. */
export function selectionTable(title: string, groups: readonly SelectionGroup[]): Table {
  const [offered, taken] = totalsOf(groups);
  return {
    header: [title, 'there', '%', 'taken', '%'],
    rows: [
      ...groups.map((group) => [
        group.name,
        count(group.offered),
        percent(shareOf(group.offered, offered)),
        count(group.taken),
        percent(shareOf(group.taken, taken)),
      ]),
      ['in all', count(offered), '', count(taken), ''],
    ],
  };
}

/** What became of every row: taken, or dropped by reason. The numbers add up to the rows. */
export function selectionDropTable({ rows, taken, drops }: SelectionSummary): Table {
  const line = (name: string, n: number): string[] => [name, count(n), percent(shareOf(n, rows))];
  return {
    header: ['rows', 'n', '%'],
    rows: [
      ...Object.entries(drops).map(([reason, n]) => line(`dropped: ${reason}`, n)),
      line('taken', taken),
      ['in all', count(rows), ''],
    ],
  };
}

/** All tables of a selection. */
export function selectionBlocks(summary: SelectionSummary): Block[] {
  const { byCategory, byComplexity, bySlice, masked } = summary;
  const kinds = Object.entries(masked).map(([kind, n]) => `${kind} in ${count(n)}`);
  return [
    { kind: 'table', table: selectionDropTable(summary) },
    { kind: 'table', table: selectionTable('category', byCategory) },
    { kind: 'table', table: selectionTable('complexity', byComplexity) },
    { kind: 'table', table: selectionTable('slice', bySlice) },
    ...(kinds.length > 0 ? [text`Personal details masked: ${kinds.join(', ')} instructions.`] : []),
  ];
}

function totalsOf(groups: readonly SelectionGroup[]): [offered: number, taken: number] {
  return groups.reduce<[number, number]>(
    ([offered, taken], group) => [offered + group.offered, taken + group.taken],
    [0, 0],
  );
}

function shareOf(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}
