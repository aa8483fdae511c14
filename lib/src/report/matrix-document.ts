// The report of a matrix as a document: the arms, how they compare, what each is good at, every run, and how to make it again.
import type { TopLevelSpec } from 'vega-lite';
import { printable } from '../core/text.js';
import type { MatrixReport, SeedEstimate } from '../schema/matrix.js';
import { CHART_BASE } from './chart-style.js';
import { section, tableBlock, text, type Block, type ReportDocument } from './document.js';
import { counted, NO_VALUE, percent, percentWithInterval } from './format.js';
import { matrixChartSpec } from './matrix-chart.js';
import {
  armComparisonTable,
  matrixNotes,
  matrixRunTable,
  matrixTable,
  settingsText,
} from './matrix-table.js';
import { withoutEmptyColumns, type Table } from './tables.js';

/** The report of a matrix. */
export function matrixDocument(report: MatrixReport): ReportDocument {
  const { experiment, description, arms, seeds, command } = report;
  const spec = matrixChartSpec(report);
  const alt = `Accuracy by iteration of ${counted(arms.length, 'arm')}, means over ${counted(seeds.length, 'loop seed')}`;
  return {
    title: `${experiment}: ${counted(arms.length, 'arm')}, loop ${seeds.length === 1 ? 'seed' : 'seeds'} ${seeds.join(', ')}`,
    lead: [
      ...(description.trim() === '' ? [] : [text`${description.trim()}`]),
      { kind: 'chart', chart: { id: 'arms', spec, alt } },
    ],
    sections: [
      {
        title: 'Arms',
        blocks: [{ kind: 'table', table: withoutEmptyColumns(matrixTable(report)) }, notes(report)],
      },
      ...section('Against the baseline', tableBlock(armComparisonTable(report))),
      ...section('By slice', sliceBlocks(report)),
      { title: 'Settings', blocks: [{ kind: 'table', table: settingsTable(report) }] },
      { title: 'Runs', blocks: [{ kind: 'table', table: matrixRunTable(report) }] },
      { title: 'Reproduce', blocks: [{ kind: 'code', language: 'sh', text: command }] },
    ],
  };
}

function notes(report: MatrixReport): Block {
  return { kind: 'list', ordered: false, items: matrixNotes(report).map((note) => [note]) };
}

function settingsTable({ arms }: MatrixReport): Table {
  return {
    header: ['arm', 'sets'],
    rows: arms.map((arm) => [arm.label, settingsText(arm) || 'nothing: as the file says']),
  };
}

/** What each arm's last judge is good at; empty where there is one slice. */
function sliceBlocks({ arms }: MatrixReport): Block[] {
  const last = arms.map(({ label, byIteration }) => ({
    label,
    bySlice: byIteration.at(-1)?.accuracyBySlice ?? {},
  }));
  const slices = [...new Set(last.flatMap(({ bySlice }) => Object.keys(bySlice)))].sort();
  if (slices.length < 2) return [];
  const points = last.flatMap(({ label, bySlice }) =>
    slices.flatMap((slice) => {
      const estimate = bySlice[slice];
      return estimate?.value == null
        ? []
        : [{ arm: printable(label), slice, value: estimate.value, shown: percent(estimate.value) }];
    }),
  );
  return [
    {
      kind: 'chart',
      chart: {
        id: 'slices',
        spec: gridSpec(points),
        alt: 'Accuracy of each arm’s last judge by slice of the benchmark',
      },
    },
    {
      kind: 'table',
      table: {
        header: ['arm', ...slices.map((slice) => `${slice} %`), 'seeds'],
        rows: last.map(({ label, bySlice }) => [
          label,
          ...slices.map((slice) => cellOf(bySlice[slice])),
          String(Math.max(0, ...Object.values(bySlice).map(({ n }) => n))),
        ]),
      },
    },
  ];
}

/** A grid of arms by slices, each cell with its figure. */
function gridSpec(
  points: readonly { arm: string; slice: string; value: number; shown: string }[],
): TopLevelSpec {
  const y = { field: 'arm', type: 'nominal' as const, sort: null, title: null };
  const x = {
    field: 'slice',
    type: 'nominal' as const,
    title: 'measured on',
    axis: { orient: 'top' as const, labelAngle: 0 },
  };
  const values = points.map(({ value }) => value);
  const middle = (Math.min(...values) + Math.max(...values)) / 2;
  return {
    ...CHART_BASE,
    width: 420,
    height: { step: 28 },
    data: { values: [...points] },
    encoding: { x, y },
    layer: [
      {
        mark: 'rect',
        encoding: {
          color: {
            field: 'value',
            type: 'quantitative',
            scale: { scheme: 'blues', zero: false },
            legend: { title: 'accuracy', format: '.0%' },
          },
          tooltip: [
            { field: 'arm', type: 'nominal' },
            { field: 'slice', type: 'nominal' },
            { field: 'value', type: 'quantitative', format: '.1%' },
          ],
        },
      },
      {
        mark: { type: 'text', fontSize: 12 },
        encoding: {
          text: { field: 'shown' },
          color: { condition: { test: `datum.value > ${middle}`, value: 'white' }, value: 'black' },
        },
      },
    ],
  };
}

function cellOf(estimate: SeedEstimate | undefined): string {
  if (estimate?.value == null) return NO_VALUE;
  return estimate.low === null ? percent(estimate.value) : percentWithInterval(estimate);
}
