import assert from 'node:assert/strict';
import { join } from 'node:path';
import { MatrixDisplay } from '../../lib/src/cli/matrix-display.js';
import { gridLines } from '../../lib/src/cli/matrix-grid.js';
import type { MatrixEvent } from '../../lib/src/experiment/index.js';
import { runCommandLine } from '../fixtures/command-line.js';
import { PLANNED_EXPERIMENT, writePlanned } from '../fixtures/planned-experiment.js';
import { inTemporaryFolder } from '../fixtures/temporary-folder.js';

describe('autodidact matrix', () => {
  const config = { ...PLANNED_EXPERIMENT, matrix: { seeds: [1, 2], axes: { 'judge.samples': [3, 1] } } };

  it('lists arms by seeds with their settings and cost, and so does plan', () =>
    inTemporaryFolder(async (folder) => {
      const path = await writePlanned(folder, config);
      const places = ['--results', join(folder, 'results'), '--completions', join(folder, 'completions')];
      const { code, out, err } = await runCommandLine('matrix', path, ...places);
      assert.equal(code, 0, err);
      assert.match(out, /2 arms by loop seeds 1, 2, 0 of 4 runs finished/);
      assert.match(out, /judge\.samples=3 \(baseline\) +judge\.samples=3/);
      assert.match(out, /judge\.samples=1 +2 +new/);
      assert.equal((await runCommandLine('plan', path, ...places)).out, out);
      const json = await runCommandLine('matrix', path, ...places, '--json');
      assert.equal((JSON.parse(json.out) as { runs: unknown[] }).runs.length, 4);
    }));

  it('refuses an experiment without a matrix, and to set what it varies', () =>
    inTemporaryFolder(async (folder) => {
      const path = await writePlanned(folder, config);
      const without = await runCommandLine('matrix', path, '--set', 'matrix=');
      assert.equal(without.code, 2);
      assert.match(without.err, /expected an experiment with a matrix/);
      const varied = await runCommandLine('run', path, '--set', 'judge.samples=2');
      assert.equal(varied.code, 2);
      assert.match(varied.err, /while the matrix varies judge\.samples/);
    }));
});

describe('the progress of a matrix', () => {
  const place = { arm: 'N=5', seed: 2 };
  const progress = {
    iteration: 1,
    stage: 'judge' as const,
    done: 10,
    total: 40,
    elapsedMs: 1000,
    usage: {
      requests: 1,
      completions: 1,
      cachedCompletions: 0,
      promptTokens: 10,
      completionTokens: 10,
      retries: 0,
      errors: {},
      costUsd: null,
    },
  };
  const events: MatrixEvent[] = [
    {
      kind: 'planned',
      folder: 'results/x/matrix-1',
      arms: ['N=1', 'N=5'],
      seeds: [1, 2],
      runs: [place, { arm: 'N=1', seed: 1 }],
    },
    { kind: 'run', ...place, event: { kind: 'started', folder: 'results/x/seed-2', state: 'new' } },
    { kind: 'run', ...place, event: { kind: 'progress', progress } },
    { kind: 'run', ...place, event: { kind: 'warning', message: 'slow\u001b[2J' } },
    { kind: 'run-failed', ...place, problem: 'no answer\nat all' },
  ];
  const shown = (isTTY: boolean): string => {
    let text = '';
    let nowMs = 0;
    const stream = { isTTY, columns: 60, rows: 20, write: (chunk: string) => (text += chunk) };
    const display = new MatrixDisplay(stream, () => (nowMs += 200));
    for (const event of events) display.onEvent(event);
    display.close();
    return text;
  };

  it('is a line for what happens where there is no terminal', () => {
    assert.deepEqual(shown(false).split('\n'), [
      '2 runs, arms by loop seeds 2 by 2; results/x/matrix-1',
      '1 of 2, N=5, seed 2: starting results/x/seed-2',
      'warning: slow [2J',
      '1 of 2, N=5, seed 2 failed: no answer at all',
      '',
    ]);
  });

  it('is a grid on a terminal, redrawn in place', () => {
    const text = shown(true);
    assert.match(text, /arm +seed 1 +seed 2\n/);
    assert.match(text, /N=5 +· +1 judge\n/);
    assert.match(text, /N=5 +· +failed\n$/);
    assert.ok(text.includes('\u001b[4A\r\u001b[J'));
    assert.match(text, /1 of 2, N=5, seed 2: iteration 1 {2}judge/);
  });

  it('shows the arms around the one at work where they do not fit, and no line wider than the terminal', () => {
    const arms = Array.from({ length: 30 }, (_, i) => `arm ${i}`);
    const lines = gridLines({
      arms,
      seeds: [1, 2, 3, 4, 5, 6],
      cellOf: (arm) => (arm === 'arm 20' ? { kind: 'finished', accuracy: 0.5 } : { kind: 'waiting' }),
      running: 'arm 20',
      size: { width: 40, mostLines: 10 },
    });
    assert.equal(lines.length, 9);
    assert.ok(lines.some((line) => /^arm 20 +50\.0 %/.test(line)));
    assert.equal(lines.at(-1), '… and 23 more arms');
    assert.ok(lines.every((line) => line.length <= 40));
  });
});
