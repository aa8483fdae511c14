// The grid of a matrix: arms by loop seeds, each cell what its run is at.
import { printable } from '../core/text.js';
import { percent } from '../report/index.js';

/** What a run is at. */
export type GridCell =
  /** `waiting`: its turn has not come; `ended`: it waits for somebody. */
  | { kind: 'waiting' | 'ended' | 'failed' }
  | { kind: 'running'; iteration: number; stage: string }
  | { kind: 'finished'; accuracy: number | null };

/** A grid to draw. */
export interface Grid {
  arms: readonly string[];
  seeds: readonly number[];
  cellOf: (arm: string, seed: number) => GridCell;
  /** The arm at work, which is always shown; null where none is. */
  running: string | null;
  /** In characters and lines. */
  size: { width: number; mostLines: number };
}

/** Characters of a cell. */
const CELL_WIDTH = 11;
/** Characters of an arm's label at most. */
const LONGEST_LABEL = 40;

/** A header, a line for each arm, and, where they do not fit, how many are not shown; no line is wider than the terminal. */
export function gridLines({ arms, seeds, cellOf, running, size }: Grid): string[] {
  const { width, mostLines } = size;
  const labels = arms.map((arm) => printable(arm, LONGEST_LABEL - 1));
  const labelWidth = Math.max(3, ...labels.map((label) => label.length));
  const line = (first: string, cells: readonly string[]): string =>
    [first.padEnd(labelWidth), ...cells.map((cell) => cell.padStart(CELL_WIDTH))].join(' ').slice(0, width);
  const nShown = Math.min(arms.length, Math.max(1, mostLines - 3));
  const middle = Math.max(0, running === null ? 0 : arms.indexOf(running)) - Math.floor(nShown / 2);
  const from = Math.max(0, Math.min(arms.length - nShown, middle));
  const rows = arms.slice(from, from + nShown).map((arm, i) =>
    line(
      labels[from + i] ?? '',
      seeds.map((seed) => cellText(cellOf(arm, seed))),
    ),
  );
  const nHidden = arms.length - nShown;
  return [
    line(
      'arm',
      seeds.map((seed) => `seed ${seed}`),
    ),
    ...rows,
    ...(nHidden > 0 ? [`… and ${nHidden} more arms`.slice(0, width)] : []),
  ];
}

function cellText(cell: GridCell): string {
  switch (cell.kind) {
    case 'waiting':
      return '·';
    case 'ended':
      return 'waits';
    case 'failed':
      return 'failed';
    case 'finished':
      return `${percent(cell.accuracy)} %`;
    case 'running':
      return `${cell.iteration} ${cell.stage || 'starting'}`.slice(0, CELL_WIDTH);
  }
}
