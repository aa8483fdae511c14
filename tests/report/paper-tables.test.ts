import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadExperimentConfig } from '../../lib/src/experiment/index.js';
import { loadMatrix } from '../../lib/src/experiment/matrix/load-matrix.js';
import {
  comparedAs,
  fillingCommand,
  LATER_FIGURES,
  PAPER_TABLES,
  PUBLISHED_FIGURES,
  REPRODUCTION_SYSTEMS,
} from '../../lib/src/report/index.js';
import { DATASETS } from '../../lib/src/datasets/index.js';
import { laterFigureSchema, METRIC_KEYS } from '../../lib/src/schema/index.js';

const EXPERIMENTS = [...new Set(PAPER_TABLES.flatMap(({ experiments, twin }) => [...experiments, twin]))];

describe("the paper's tables", () => {
  it('hold every published figure once', () => {
    for (const figure of PUBLISHED_FIGURES) {
      const holding = PAPER_TABLES.filter((table) => table.holds(figure)).map(({ name }) => name);
      assert.equal(holding.length, 1, `${figure.system} ${figure.metric}: ${holding.join(', ')}`);
    }
    for (const { name, holds } of PAPER_TABLES) assert.ok(PUBLISHED_FIGURES.some(holds), name);
  });

  it('name experiments of the repository by their file, their name and their arms', async () => {
    for (const { file, experiment, arms } of EXPERIMENTS) {
      const matrix = await loadMatrix({ configPath: file });
      assert.equal(matrix?.name ?? (await loadExperimentConfig(file)).name, experiment, file);
      assert.equal(matrix !== null, arms !== undefined, file);
      const labels = matrix?.arms.map(({ label }) => label) ?? [];
      for (const [label, system] of Object.entries(arms ?? {})) {
        assert.ok(labels.includes(label), `${file} has no arm ${label}`);
        assert.ok(REPRODUCTION_SYSTEMS.includes(system));
      }
    }
  });

  it('fill each other figure of their ablations by an arm, and each of their twin metrics by a metric', () => {
    for (const { name, experiments, twin, holds, twinMetrics } of PAPER_TABLES) {
      const figures = PUBLISHED_FIGURES.filter(holds);
      for (const { arms } of [...experiments, twin])
        if (arms)
          assert.deepEqual(new Set(Object.values(arms)), new Set(figures.map(({ system }) => system)), name);
      const metrics = new Set(figures.map(({ metric }) => metric));
      for (const [metric, measured] of Object.entries(twinMetrics)) {
        assert.ok(metrics.has(metric), `${name}: ${metric}`);
        assert.ok([...METRIC_KEYS, 'winner-first', 'loser-first'].includes(measured));
      }
    }
  });

  it('are measured by every experiment in experiments/paper, and its README names each of them', async () => {
    const folder = 'experiments/paper';
    const files = (await readdir(folder)).filter((name) => name.endsWith('.yaml'));
    assert.deepEqual(
      new Set(files.map((name) => join(folder, name))),
      new Set(EXPERIMENTS.map(({ file }) => file).filter((file) => file.startsWith(folder))),
    );
    const readme = await readFile(join(folder, 'README.md'), 'utf8');
    for (const { title, experiments, twin } of PAPER_TABLES) {
      const row = readme.split('\n').find((line) => line.startsWith(`| ${title} `));
      assert.ok(row, `README.md has no row for ${title}`);
      for (const { file } of [...experiments, twin])
        assert.ok(row.includes(file.split('/').at(-1)!), `${title}: ${file}`);
    }
  });

  it('give a command for each figure but the prior sets, which no judge of pairs is measured on alone', () => {
    const commands = PAPER_TABLES.flatMap((table) =>
      PUBLISHED_FIGURES.filter((figure) => table.holds(figure)).map((figure) => ({
        ...figure,
        command: fillingCommand(table, figure),
      })),
    );
    assert.deepEqual(
      commands.filter(({ command }) => command === null).map(({ metric }) => metric),
      ['prior sets'],
    );
    const of = (system: string, metric: string) =>
      commands.find((each) => each.system === system && each.metric === metric)?.command;
    assert.equal(of('iteration-3', 'overall'), 'npx autodidact run experiments/paper/rewardbench.yaml');
    assert.equal(of('one-iteration-gsm8k', 'overall'), 'npx autodidact run experiments/paper/sources.yaml');
    assert.equal(
      of('gemini-1.5-pro-0514', 'overall'),
      'npx autodidact paper --recorded gemini-1.5-pro-0514=score.json',
    );
  });

  it('assume the scale of an overall where it is not published, and of nothing else', () => {
    for (const figure of PUBLISHED_FIGURES) {
      const { key, isScaleAssumed } = comparedAs(figure);
      const isUnknown = figure.metric.startsWith('overall') && figure.scale === undefined;
      assert.equal(isScaleAssumed, isUnknown, `${figure.system} ${figure.metric}`);
      assert.deepEqual(
        [key.scale, key.counts],
        isUnknown ? ['four-sections', 'before-2024-09-10'] : [figure.scale, figure.counts],
      );
    }
  });
});

describe('the figures of later methods', () => {
  it('say their source and how well they are supported, or are empty', () => {
    const names: readonly (string | null)[] = DATASETS.map(({ name }) => name);
    for (const figure of LATER_FIGURES) {
      laterFigureSchema.parse(figure);
      assert.equal(figure.value === null, figure.support === null);
      assert.ok(figure.dataset === null || names.includes(figure.dataset), figure.benchmark);
    }
    const keys = LATER_FIGURES.map(({ method, benchmark }) => `${method} ${benchmark}`);
    assert.equal(new Set(keys).size, keys.length);
  });
});
