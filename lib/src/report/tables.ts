// The tables of a report, as rows of text that a terminal and Markdown both can set.
import { printable, withoutControls } from '../core/text.js';
import type { IterationMetrics } from '../schema/evaluation.js';
import type { IterationManifest } from '../schema/manifest.js';
import { count, duration, percent, percentWithInterval, pointsWithInterval, pValue } from './format.js';

/** A header and rows of cells; all columns but the first are figures. */
export interface Table {
  header: string[];
  rows: string[][];
}

/** Iteration by metric, with the change against the seed. */
export function iterationTable(iterations: readonly IterationMetrics[]): Table {
  return {
    header: [
      'iteration',
      'accuracy % [95%]',
      'change against seed [95%]',
      'p',
      'vote %',
      'both orders right %',
      'consistent %',
      'says A %',
      'n',
      'unparsed',
    ],
    rows: iterations.map(({ iteration, metrics, againstSeed }) => [
      nameOf(iteration),
      percentWithInterval(metrics.accuracy),
      againstSeed ? pointsWithInterval(againstSeed) : '',
      againstSeed ? pValue(againstSeed.pValue) : '',
      metrics.voteAccuracy ? percent(metrics.voteAccuracy.value) : '',
      percent(metrics.bothOrdersCorrect.value),
      percent(metrics.positionConsistency.value),
      percent(metrics.shareOfA.value),
      count(metrics.accuracy.n),
      count(metrics.nUnparsed),
    ]),
  };
}

/** Accuracy of the first and the last iteration by slice and by kind of error. */
export function groupTable(iterations: readonly IterationMetrics[]): Table {
  const first = iterations[0]?.metrics;
  const last = iterations.at(-1)?.metrics;
  const rows = (['accuracyBySlice', 'accuracyByErrorKind'] as const).flatMap((key) =>
    Object.entries(first?.[key] ?? {}).map(([group, seed]) => {
      const final = last?.[key][group];
      return [
        group,
        percentWithInterval(seed),
        final ? percentWithInterval(final) : '',
        count(seed.n),
        count(seed.unscored + (final?.unscored ?? 0)),
      ];
    }),
  );
  return { header: ['group', 'seed % [95%]', 'last iteration % [95%]', 'n', 'unscored, both'], rows };
}

/** What accuracy hides: a taste for a position, for length, for the judge's own family, and whether it knows how sure it is. */
export function biasTable(iterations: readonly IterationMetrics[]): Table {
  const calibrations = iterations.map(({ metrics }) => metrics.probabilityCalibration ?? metrics.calibration);
  return {
    header: [
      'iteration',
      'first shown wins % [95%]',
      'n',
      'longer chosen % [95%]',
      'n',
      'own family chosen % [95%]',
      'n',
      'Brier',
      'calibration error',
      'n',
    ],
    rows: iterations.map(({ iteration, metrics: { primacy, longerChosen, ownFamilyChosen } }, i) => [
      nameOf(iteration),
      ...[primacy, longerChosen, ownFamilyChosen].flatMap((estimate) =>
        estimate ? [percentWithInterval(estimate), count(estimate.n)] : ['', ''],
      ),
      score(calibrations[i]?.brier),
      score(calibrations[i]?.expectedCalibrationError),
      calibrations[i] ? count(calibrations[i].n) : '',
    ]),
  };
}

/** Accuracy of a majority vote by its number of samples; no rows where no votes were taken. */
export function voteTable(iterations: readonly IterationMetrics[]): Table {
  const ks = [
    ...new Set(iterations.flatMap(({ metrics }) => Object.keys(metrics.voteAccuracyByK ?? {}))),
  ].sort((a, b) => Number(a) - Number(b));
  return {
    header: ['iteration', ...ks.map((k) => `${k} ${k === '1' ? 'sample' : 'samples'} %`), 'n'],
    rows: iterations.flatMap(({ iteration, metrics: { voteAccuracyByK } }) =>
      voteAccuracyByK
        ? [
            [
              nameOf(iteration),
              ...ks.map((k) => percent(voteAccuracyByK[k]?.value ?? null)),
              count(Math.max(0, ...Object.values(voteAccuracyByK).map(({ n }) => n))),
            ],
          ]
        : [],
    ),
  };
}

function nameOf(iteration: number): string {
  return iteration === 0 ? '0 (seed)' : String(iteration);
}

function score(value: number | null | undefined): string {
  return value === null || value === undefined ? '' : value.toFixed(3);
}

/** What every stage took in, kept and dropped, and why. */
export function stageTable(manifests: readonly IterationManifest[]): Table {
  return {
    header: [
      'stage',
      'input',
      'kept',
      'dropped',
      'completions',
      'from store',
      'tokens in',
      'tokens out',
      'time',
    ],
    rows: manifests.flatMap(({ iteration, stages }) =>
      stages.map(({ stage, nInput, nKept, drops, usage, wallMs }) => [
        `${iteration} ${stage}`,
        count(nInput),
        count(nKept),
        Object.entries(drops)
          .map(([reason, n]) => `${reason} ${count(n)}`)
          .join(', '),
        count(usage.completions),
        count(usage.cachedCompletions),
        count(usage.promptTokens),
        count(usage.completionTokens),
        duration(wallMs),
      ]),
    ),
  };
}

/** The table without the columns in which no row has anything. */
export function withoutEmptyColumns({ header, rows }: Table): Table {
  const isFilled = header.map((_, i) => rows.some((row) => (row[i] ?? '') !== ''));
  // A count alone says nothing where what it counts is not there.
  const isShown = header.map(
    (title, i) => i === 0 || (isFilled[i] === true && (title !== 'n' || isFilled[i - 1] === true)),
  );
  const shown = (cells: readonly string[]): string[] => cells.filter((_, i) => isShown[i]);
  return { header: shown(header), rows: rows.map(shown) };
}

/** A table as GitHub-flavoured Markdown. */
export function toMarkdown({ header, rows }: Table): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(escapeCell).join(' | ')} |`;
  const rule = `|${header.map((_, i) => (i === 0 ? ' --- ' : ' ---: ')).join('|')}|`;
  return [line(header), rule, ...rows.map(line)].join('\n');
}

/** A table in aligned columns, for a terminal. */
export function toText({ header, rows: given }: Table): string {
  // Names come from files and servers: nothing in them may move the cursor, or push the figures out of sight.
  const rows = given.map((row) => row.map((cell) => printable(cell, LONGEST_CELL)));
  const widths = header.map((title, i) =>
    rows.reduce((width, row) => Math.max(width, row[i]?.length ?? 0), title.length),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
      .join('  ')
      .trimEnd();
  const rule = widths.map((width) => '─'.repeat(width)).join('  ');
  return [line(header), rule, ...rows.map(line)].join('\n');
}

/** In characters. */
const LONGEST_CELL = 100;

function escapeCell(cell: string): string {
  // An interval's brackets stay; what would make them a link does not.
  return withoutControls(cell)
    .replace(/\s+/g, ' ')
    .replace(/[|\\<>`*_]/g, (character) => `\\${character}`)
    .replace(/\]\(/g, ']\\(');
}
