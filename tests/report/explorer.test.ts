import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cellSpec, svgOf } from '../../lib/src/chart/index.js';
import {
  documentToHtml,
  documentToMarkdown,
  explorerBlocks,
  explorerChartSpec,
  explorerData,
  matrixChartSpec,
  matrixDocument,
  pointsWithInterval,
  pValue,
} from '../../lib/src/report/index.js';
import type { Estimate } from '../../lib/src/schema/estimate.js';
import type { MatrixArmReport, MatrixReport } from '../../lib/src/schema/matrix.js';
import { writeReport } from '../../lib/src/experiment/index.js';
import { gridReportOf, matrixReportOf } from '../fixtures/matrix-report.js';
import { inTemporaryFolder } from '../fixtures/temporary-folder.js';
import { openChart, shownMarks, type Datum } from '../fixtures/shown-chart.js';

const N = { name: 'N', labels: ['1', '5'] };
const FILTER = { name: 'filter', labels: ['right only', 'any verdict', 'none'] };

/** What the report says of the curve of an arm: `iteration value low high n unscored`. */
function curveIn(arm: MatrixArmReport, seed: number | null): string[] {
  const verdicts = (iteration: number): Estimate[] =>
    arm.runs
      .filter((run) => seed === null || run.seed === seed)
      .flatMap(({ iterations }) => iterations.filter((one) => one.iteration === iteration))
      .map(({ accuracy }) => accuracy);
  return arm.byIteration.map(({ iteration, accuracy }) => {
    const of = verdicts(iteration);
    const { value, low, high } = seed === null && of.length > 1 ? accuracy : of[0]!;
    const total = (key: 'n' | 'unscored'): number => of.reduce((sum, each) => sum + each[key], 0);
    return figures([iteration, value, low, high, total('n'), total('unscored')]);
  });
}

function figures(values: unknown[]): string {
  return values.map((value) => (typeof value === 'number' ? value.toFixed(4) : String(value))).join(' ');
}

function shownCurves(symbols: Datum[]): string[] {
  return symbols
    .filter(({ iteration }) => iteration !== undefined)
    .map(({ iteration, value, low, high, n, unscored }) =>
      figures([iteration, value, low, high, n, unscored]),
    );
}

/** The arms with these places on the axes; -1 stands for all. */
function armsAt({ arms, axes }: MatrixReport, places: number[]): MatrixArmReport[] {
  return arms.filter(({ combination }) =>
    axes.every(({ name, labels }, i) => places[i] === -1 || combination?.[name] === labels[places[i]!]),
  );
}

describe('the explorer of a matrix', () => {
  it('shows for every choice of its controls what the report says of the chosen arms', async () => {
    const report = gridReportOf([N, FILTER], { nSeeds: 3 });
    const show = await openChart(cellSpec(explorerChartSpec(report)));
    let nChoices = 0;
    for (const n of [-1, 0, 1]) {
      for (const filter of [-1, 0, 1, 2]) {
        for (const seed of [-1, 0, 1, 2]) {
          const { symbols, rules, texts, warnings } = await show({ axis0: n, axis1: filter, seed });
          const chosen = armsAt(report, [n, filter]);
          const drawn = report.arms.filter((arm) => chosen.includes(arm) || arm.label === report.baseline);
          const expected = drawn.flatMap((arm) => curveIn(arm, seed < 0 ? null : report.seeds[seed]!));
          assert.deepEqual(shownCurves(symbols).sort(), expected.sort());
          // Seeds that are all alike have no interval.
          const withInterval = expected.filter((curve) => !curve.includes('null'));
          assert.equal(rules.filter(({ iteration }) => iteration !== undefined).length, withInterval.length);
          const differences = chosen.flatMap(({ againstBaseline }) => {
            if (!againstBaseline) return [];
            if (seed < 0)
              return `${pointsWithInterval(againstBaseline)}, p (Holm) ${pValue(againstBaseline.pHolm)}`;
            const ofSeed = againstBaseline.bySeed[seed]!;
            return `${pointsWithInterval(ofSeed)}, p ${pValue(ofSeed.pValue)}`;
          });
          assert.deepEqual(texts.filter((text) => text.includes(', p ')).sort(), differences.sort());
          assert.equal(symbols.filter(({ paired }) => paired !== undefined).length, differences.length);
          assert.deepEqual(warnings, []);
          nChoices++;
        }
      }
    }
    assert.equal(nChoices, 3 * 4 * 4);
  });

  it('has a control for each axis, for the loop seed and for the colours', () => {
    const [spec, ofOne] = [
      explorerChartSpec(gridReportOf([N, FILTER], { nSeeds: 2 })),
      explorerChartSpec(gridReportOf([N], { nSeeds: 1 })),
    ];
    assert.deepEqual(controlsOf(spec), {
      N: ['all', '1', '5'],
      filter: ['all', 'right only', 'any verdict', 'none'],
      'loop seed': ['all seeds', '0', '1'],
      'colours by': ['N', 'filter'],
    });
    assert.deepEqual(controlsOf(ofOne), { N: ['all', '1', '5'] });
  });

  it('opens a matrix of many arms with what differs from the baseline on the first axis', async () => {
    const report = gridReportOf([{ name: 'M', labels: ['a', 'b', 'c'] }, FILTER], { nSeeds: 2 });
    const { symbols, texts } = await shownMarks(explorerChartSpec(report));
    // Three arms by two iterations, and two of them against the baseline.
    assert.equal(symbols.length, 3 * 2 + 2);
    assert.deepEqual(texts.filter((text) => text.startsWith('M=')).slice(-2), ['M=b', 'M=c']);
  });

  it('says where a combination has no finished arm', async () => {
    const spec = explorerChartSpec(gridReportOf([N, FILTER], { nSeeds: 2, left: ['N=5, filter=none'] }));
    const missing = 'no finished arm has this combination';
    assert.ok((await shownMarks(spec, { axis0: 1, axis1: 2 })).texts.includes(missing));
    assert.ok(!(await shownMarks(spec, { axis0: 1, axis1: 1 })).texts.includes(missing));
  });

  it('lets arms beside the axes be chosen by their labels, also where there are no axes', async () => {
    const beside = gridReportOf([N], { nSeeds: 2 });
    const other = matrixReportOf({ base: [0.6, 0.7], other: [0.8, 0.7] }).arms[1]!;
    const report = { ...beside, arms: [...beside.arms, { ...other, label: 'one order' }] };
    assert.deepEqual(controlsOf(explorerChartSpec(report)).arm, ['all', 'those on the axes', 'one order']);
    const { symbols } = await shownMarks(explorerChartSpec(report), { axis1: 1 });
    const rows = symbols.filter(({ paired }) => paired !== undefined);
    assert.deepEqual(
      rows.map(({ label }) => label),
      ['one order'],
    );
    const single = explorerChartSpec(matrixReportOf({ base: [0.6], other: [0.8] }));
    assert.deepEqual(controlsOf(single), { arm: ['all', 'base', 'other'] });
    assert.equal((await shownMarks(single, { axis0: 1 })).symbols.length, 2 * 2 + 1);
  });

  it('shows the interval over items where there is one loop seed, and says what it is', async () => {
    const { symbols } = await shownMarks(explorerChartSpec(matrixReportOf({ base: [0.6], other: [0.8] })));
    const [point] = symbols.filter(({ arm, iteration }) => arm === 1 && iteration === 1);
    // The interval of the run, as the fixture gives it.
    assert.equal(figures([point!.value, point!.low, point!.high, point!.n]), '0.8000 0.7500 0.8500 20.0000');
    assert.equal(point!.interval, 'one seed: given');
    assert.equal(point!.over, '1 of 1 loop seeds');
  });

  it('names arms that are not finished, and draws without a baseline', async () => {
    const report = matrixReportOf({ base: [0.6, 0.7], other: [0.8, 0.7], third: [0.7, 0.7] });
    const unfinished = (i: number, state: 'failed' | 'waiting') => ({
      ...report.arms[i]!,
      runs: report.arms[i]!.runs.map((run) => ({ ...run, state, problem: 'why', iterations: [] })),
      byIteration: [],
    });
    const withoutBase: MatrixReport = {
      ...report,
      arms: [
        unfinished(0, 'failed'),
        { ...report.arms[1]!, againstBaseline: null },
        unfinished(2, 'waiting'),
      ],
    };
    const { notes, baseline, arms } = explorerData(withoutBase);
    assert.deepEqual([baseline, arms.map(({ label }) => label)], [-1, ['other']]);
    assert.match(notes.join('\n'), /^Not drawn, since none of their runs is finished: base; third\.$/m);
    assert.match(
      notes.join('\n'),
      /^The baseline, base, has no finished run, so nothing is compared with it\.$/m,
    );
    const { symbols, warnings } = await shownMarks(explorerChartSpec(withoutBase));
    assert.equal(symbols.length, 2);
    assert.deepEqual(warnings, []);
    const [first, ...others] = report.arms;
    const runs = first!.runs.map((run, i) => (i === 0 ? { ...run, state: 'failed' as const } : run));
    const partly = explorerData({ ...report, arms: [{ ...first!, runs }, ...others] });
    assert.match(partly.notes.join('\n'), /^Left out of the drawn arms: 1 run, not finished\.$/m);
    const none: MatrixReport = { ...report, arms: [0, 1, 2].map((i) => unfinished(i, 'waiting')) };
    assert.deepEqual(
      explorerBlocks(none).map(({ kind }) => kind),
      ['list'],
    );
  });

  it('leaves single loop seeds and panels out of a large matrix, says so, and stays small', async () => {
    const labels = (n: number): string[] => Array.from({ length: n }, (_, i) => String(i));
    const axes = (n: number): MatrixReport['axes'] => [
      { name: 'N', labels: labels(n) },
      { name: 'model', labels: labels(10) },
    ];
    const large = gridReportOf(axes(50), { nSeeds: 5 });
    const { seeds, arms, points, notes } = explorerData(large);
    assert.deepEqual([seeds, arms.length, points.length], [[], 500, 500 * 2]);
    assert.match(notes.join('\n'), /^Single loop seeds cannot be chosen: more than 3,000 points/m);
    assert.match(notes.join('\n'), /a panel for each of the first 48 arms/);
    const { texts } = await shownMarks(matrixChartSpec(large));
    assert.equal(texts.filter((text) => text.includes('verdicts')).length, 48);
    const usual = gridReportOf(axes(4), { nSeeds: 5 });
    const deep = { ...usual, arms: usual.arms.map((arm) => sixIterations(arm)) };
    const { length } = JSON.stringify(explorerChartSpec(deep));
    assert.ok(explorerData(deep).points.length === 40 * 6 * 6 && length < 260_000, String(length));
  });

  it('keeps what names say from being anything but text', async () => {
    const evil = `</script><img src=x onerror=alert(1)>"'\\\n\${alert(2)} + datum['n']`;
    const clean = evil.replace('\n', ' ');
    const report = {
      ...gridReportOf([{ name: evil, labels: [evil, '', 'datum.n'] }], { nSeeds: 2 }),
      experiment: evil,
    };
    const spec = explorerChartSpec(report);
    const { texts, warnings } = await shownMarks(spec, { axis0: -1 });
    assert.ok(texts.some((text) => text.startsWith(clean)));
    assert.ok(texts.some((text) => text.endsWith('=datum.n')));
    assert.deepEqual(warnings, []);
    assert.deepEqual(controlsOf(spec)[clean], ['all', clean, '(empty)', 'datum.n']);
    // In expressions, or as the name of a field, it would be in the data flow of vega.
    const flow = JSON.stringify({ ...spec, params: [], title: '' }, (key, value: unknown) =>
      key === 'values' ? [] : value,
    );
    assert.doesNotMatch(flow, /alert|onerror/);
    const markdown = documentToMarkdown(matrixDocument(report), { arms: 'matrix.svg' });
    assert.doesNotMatch(markdown, /[^\\]<(img|script)/);
    assert.match(markdown, /!\[Accuracy by iteration of 3 arms.*\]\(matrix\.svg\)/);
  });
});

describe('the picture of a matrix', () => {
  it('stands for the explorer on pages without scripts and in files', () =>
    inTemporaryFolder(async (folder) => {
      const report = gridReportOf([N, FILTER], { nSeeds: 2 });
      const withoutIds = (svg: string): string => svg.replace(/clip\d+/g, 'clip');
      const svg = withoutIds(await svgOf(matrixChartSpec(report)));
      await writeReport(join(folder, 'report.svg'), matrixDocument(report));
      assert.equal(withoutIds(await readFile(join(folder, 'report.svg'), 'utf8')), svg);
      const [panel] = /<svg[^>]*>[\s\S]*?<\/svg>/.exec(await documentToHtml(matrixDocument(report))) ?? [];
      assert.ok(
        panel !== undefined && panel.includes('filter=any verdict') && panel.includes('the baseline'),
      );
    }));

  it('has a panel for each arm with its accuracy, n, unscored and paired difference', async () => {
    const { texts, symbols } = await shownMarks(matrixChartSpec(gridReportOf([N, FILTER], { nSeeds: 2 })));
    assert.equal(symbols.length, 6 * 2);
    // Accuracies of the last arm: 0.75 and 0.75 + 0.01 * (7 % 5); of the first 0.6 and 0.62, hence differences of 0.15 and 0.15.
    const last = texts.find((text) => text.startsWith('N=5\nfilter=none'));
    assert.equal(
      last?.split('\n').slice(2, 4).join(),
      '76.0 [63.3, 88.7] %, 2 of 2 seeds,40 verdicts, 0 unscored',
    );
    assert.match(last, /\n\+15\.0, p \(Holm\) –$/);
    assert.ok(texts.some((text) => text.endsWith('the baseline')));
  });
});

function controlsOf({ params }: ReturnType<typeof explorerChartSpec>): Record<string, string[]> {
  const controls = (params ?? []).flatMap((param) => {
    const { bind } = param as { bind?: { name: string; labels: string[] } };
    return bind ? [[bind.name, bind.labels] as const] : [];
  });
  return Object.fromEntries(controls);
}

function sixIterations(arm: MatrixArmReport): MatrixArmReport {
  const longer = <Row extends { iteration: number }>(rows: Row[]): Row[] =>
    Array.from({ length: 6 }, (_, iteration) => ({ ...rows[Math.min(iteration, 1)]!, iteration }));
  const runs = arm.runs.map((run) => ({ ...run, iterations: longer(run.iterations) }));
  return { ...arm, runs, byIteration: longer(arm.byIteration) };
}
