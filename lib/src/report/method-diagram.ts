// A diagram of the method: the steps from unlabeled instructions to the better judge, which starts the next iteration (paper, figure 1).
import type { StageRecord } from '../schema/manifest.js';
import { count } from './format.js';

/** One step of the loop. */
interface Step {
  /** The stage in a manifest whose counts the box shows. */
  stage: string;
  title: string;
  lines: readonly [string, string];
  x: number;
  y: number;
}

const BOX = { width: 180, height: 92 };
const COLUMNS = [12, 240, 468] as const;
const ROWS = [12, 192] as const;
const SIZE = { width: 660, height: 296 };

/** Colours for dark pages, in place of those that the parts are drawn with. */
const DARK = Object.entries({
  'fill="white"': 'fill: none',
  'fill="#F2F5F8"': 'fill: #1f242a; stroke: #56b4e9',
  'fill="#222"': 'fill: #e4e8ec',
  'fill="#444"': 'fill: #b6bfc9',
  'stroke="#444"': 'stroke: #b6bfc9',
  'fill="#0072B2"': 'fill: #56b4e9',
}).map(([attribute, style]) => `[${attribute}] { ${style} }`);

const STEPS: readonly Step[] = [
  {
    stage: 'select',
    title: 'Select',
    lines: ['unlabeled', 'instructions'],
    x: COLUMNS[0],
    y: ROWS[0],
  },
  {
    stage: 'generate',
    title: 'Generate a pair',
    lines: ['winner: an answer; loser: to', 'a modified instruction'],
    x: COLUMNS[1],
    y: ROWS[0],
  },
  {
    stage: 'judge',
    title: 'Judge',
    lines: ['N judgments of each pair,', 'in both orders'],
    x: COLUMNS[2],
    y: ROWS[0],
  },
  {
    stage: 'filter',
    title: 'Filter',
    lines: ['keep one that reaches', 'the known winner'],
    x: COLUMNS[2],
    y: ROWS[1],
  },
  {
    stage: 'finetune',
    title: 'Fine-tune',
    lines: ['from the seed weights,', 'on kept judgments'],
    x: COLUMNS[1],
    y: ROWS[1],
  },
  {
    stage: 'evaluate',
    title: 'Evaluate',
    lines: ['on held-out pairs', 'with gold labels'],
    x: COLUMNS[0],
    y: ROWS[1],
  },
];

/**
 * The loop as a self-contained SVG, light or dark by the reader's choice. @param stages of one iteration, whose counts the boxes show; absent: no counts
 * @example await showSvg(methodDiagram(), { title: 'The loop of the Self-Taught Evaluator' });
 */
export function methodDiagram(stages: readonly StageRecord[] = []): string {
  const { width, height } = SIZE;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" font-family="sans-serif">`,
    `<title>The loop: ${STEPS.map(({ title }) => title.toLowerCase()).join(', ')}; the better judge starts the next iteration</title>`,
    '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0L8 4L0 8z" fill="#444"/></marker></defs>',
    `<style>@media screen and (prefers-color-scheme: dark) { ${DARK.join(' ')} }</style>`,
    `<rect width="${width}" height="${height}" fill="white"/>`,
    ...STEPS.map((step) => boxOf(step, stages)),
    ...arrows(),
    '</svg>',
  ].join('\n');
}

function boxOf({ stage, title, lines, x, y }: Step, stages: readonly StageRecord[]): string {
  const middle = x + BOX.width / 2;
  const line = (text: string, { dy, style }: { dy: number; style: string }): string =>
    `<text x="${middle}" y="${y + dy}" text-anchor="middle" ${style}>${text}</text>`;
  const record = stages.find((each) => each.stage === stage);
  const counted = record ? `${count(record.nInput)} in, ${count(record.nKept)} kept` : '';
  return [
    `<rect x="${x}" y="${y}" width="${BOX.width}" height="${BOX.height}" rx="6" fill="#F2F5F8" stroke="#0072B2"/>`,
    line(title, { dy: 22, style: 'font-size="14" font-weight="bold" fill="#222"' }),
    line(lines[0], { dy: 42, style: 'font-size="12" fill="#444"' }),
    line(lines[1], { dy: 58, style: 'font-size="12" fill="#444"' }),
    ...(counted === '' ? [] : [line(counted, { dy: 80, style: 'font-size="12" fill="#0072B2"' })]),
  ].join('\n');
}

function arrows(): string[] {
  const [left, middle, right] = COLUMNS;
  const [upper, lower] = ROWS.map((y) => y + BOX.height / 2) as [number, number];
  const below = ROWS[0] + BOX.height;
  const arrow = (from: readonly [number, number], to: readonly [number, number]): string =>
    `<path d="M${from.join(' ')}L${to.join(' ')}" stroke="#444" stroke-width="1.5" fill="none" marker-end="url(#tip)"/>`;
  return [
    arrow([left + BOX.width, upper], [middle, upper]),
    arrow([middle + BOX.width, upper], [right, upper]),
    arrow([right + BOX.width / 2, below], [right + BOX.width / 2, ROWS[1]]),
    arrow([right, lower], [middle + BOX.width, lower]),
    arrow([middle, lower], [left + BOX.width, lower]),
    arrow([middle + BOX.width - 20, ROWS[1]], [right + 20, below]),
    `<text x="${middle + BOX.width - 6}" y="${below + 40}" text-anchor="end" font-size="12" font-style="italic" fill="#444">the better judge starts the next iteration</text>`,
  ];
}
