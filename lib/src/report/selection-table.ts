// Tables of a selection: what a pool offered, what was taken, and what was dropped and why.
import type { FileCounts, SelectionGroup, SelectionSummary } from '../schema/selection-summary.js';
import { tableBlock, text, type Block } from './document.js';
import { count, percent } from './format.js';
import { makeTable, type Table } from './tables.js';

/**
 * Instructions of one dimension: how many were offered and how many were taken, and what share of each total that is.
 * @example showTable(selectionTable('slice', selection.bySlice));
 */
export function selectionTable(title: string, groups: readonly SelectionGroup[]): Table {
  const sum = (key: 'offered' | 'taken') => groups.reduce((total, group) => total + group[key], 0);
  const total = { name: 'in all', offered: sum('offered'), taken: sum('taken') };
  const shareIn = (key: 'offered' | 'taken') => (group: SelectionGroup) =>
    group === total ? '' : percent(shareOf(group[key], total[key]));
  return makeTable<SelectionGroup>(
    [...groups, total],
    [
      [title, ({ name }) => name],
      ['offered', ({ offered }) => count(offered)],
      ['%', shareIn('offered')],
      ['taken', ({ taken }) => count(taken)],
      ['%', shareIn('taken')],
    ],
  );
}

/**
 * Rows taken, and rows dropped by reason. The counts add up to the number of rows.
 * @example showTable(selectionDropTable(selection));
 */
export function selectionDropTable({ rows, taken, drops }: SelectionSummary): Table {
  const dropped = Object.entries(drops).map(([reason, n]) => ({ name: `dropped: ${reason}`, n }));
  return makeTable(
    [...dropped, { name: 'taken', n: taken }, { name: 'in all', n: rows }],
    [
      ['rows', ({ name }) => name],
      ['n', ({ n }) => count(n)],
      ['%', ({ name, n }) => (name === 'in all' ? '' : percent(shareOf(n, rows)))],
    ],
  );
}

/** All tables of a selection. */
export function selectionBlocks(summary: SelectionSummary): Block[] {
  const { byCategory, byComplexity, bySlice, byFile, masked } = summary;
  const kinds = Object.entries(masked).map(([kind, n]) => `${kind} in ${count(n)}`);
  return [
    { kind: 'table', table: selectionDropTable(summary) },
    ...tableBlock(fileTable(byFile)),
    { kind: 'table', table: selectionTable('category', byCategory) },
    { kind: 'table', table: selectionTable('complexity', byComplexity) },
    { kind: 'table', table: selectionTable('slice', bySlice) },
    ...(kinds.length > 0 ? [text`Personal details masked: ${kinds.join(', ')} instructions.`] : []),
  ];
}

/** What the files of a pool held: languages, and what of conversations is not used. */
function fileTable(files: SelectionSummary['byFile']): Table {
  const languagesOf = ({ languages }: FileCounts): string =>
    Object.entries(languages)
      .sort(([, a], [, b]) => b - a)
      .map(([name, n]) => `${name} ${count(n)}`)
      .join(', ');
  const optional = (n: number): string | undefined => (n === 0 ? undefined : count(n));
  return makeTable(files, [
    ['file', ({ file }) => file],
    ['rows with an instruction', ({ rows }) => count(rows)],
    ['languages', languagesOf],
    ['further turns, left out', ({ furtherTurns }) => optional(furtherTurns), { optional: true }],
    ['system prompts, kept apart', ({ systemPrompts }) => optional(systemPrompts), { optional: true }],
  ]);
}

function shareOf(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}
