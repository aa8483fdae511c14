import assert from 'node:assert/strict';
import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { listMatrix, readMatrix, runExperiment } from '../../../lib/src/experiment/index.js';
import type { MatrixReport } from '../../../lib/src/schema/matrix.js';
import { runMatrixIn, smallMatrix } from '../../fixtures/small-matrix.js';
import { inTemporaryFolder } from '../../fixtures/temporary-folder.js';

/** Accuracy by iteration of every run, by arm. */
const figuresOf = ({ arms }: MatrixReport): { label: string; runs: unknown }[] =>
  arms.map(({ label, runs }) => ({
    label,
    runs: runs.map(({ seed, runId, iterations }) => ({
      seed,
      runId,
      figures: iterations.map(({ accuracy, againstSeed }) => ({ accuracy, againstSeed })),
    })),
  }));

const statesOf = ({ arms }: MatrixReport): string[] =>
  arms.flatMap(({ runs }) => runs.map(({ state }) => state));

describe('a matrix on the embedded model', function () {
  this.timeout(120_000);

  const ARMS = { axes: { N: { path: 'judge.samples', values: [1, 2] } }, baseline: { N: 2 } };

  it('stops when told to, inside a run or between two, shows what it has, and continues to the same figures', () =>
    inTemporaryFolder(async (folder) => {
      const config = smallMatrix(folder, ARMS);
      const inside = new AbortController();
      const stopped = runMatrixIn(folder, config, {
        signal: inside.signal,
        onEvent: (event) => {
          if (
            event.kind === 'run' &&
            event.event.kind === 'progress' &&
            event.event.progress.stage === 'judge'
          )
            inside.abort(new Error('enough'));
        },
      });
      await assert.rejects(stopped, /enough/);
      const between = new AbortController();
      const again = runMatrixIn(folder, config, {
        signal: between.signal,
        onEvent: (event) => {
          if (event.kind === 'run-finished') between.abort(new Error('once more'));
        },
      });
      await assert.rejects(again, /once more/);

      const options = { config, baseFolder: folder, resultsFolder: join(folder, 'results') };
      const completionsFolder = join(folder, 'completions');
      const { signal } = new AbortController();
      const listing = await listMatrix({ ...options, completionsFolder, signal });
      assert.deepEqual(
        listing.runs.map(({ arm, state }) => [arm, state]),
        [
          ['N=2', 'finished'],
          ['N=1', 'new'],
        ],
      );
      assert.equal(listing.runs[0]!.total.requests, 0);
      assert.deepEqual(statesOf(await readMatrix(listing.folder)), ['waiting', 'finished']);

      // The same settings as a plain experiment are the same run.
      const judge = { ...(config.judge as object), samples: 1 };
      const surroundings = { environment: {}, onEvent: () => undefined, signal };
      const alone = await runExperiment({
        ...options,
        ...surroundings,
        config: { ...config, matrix: undefined, judge },
        completionsFolder,
      });

      const { report, events } = await runMatrixIn(folder, config);
      const started = events.flatMap((event) =>
        event.kind === 'run' && event.event.kind === 'started'
          ? [[event.arm, event.event.state, event.event.folder]]
          : [],
      );
      assert.deepEqual(started, [
        ['N=2', 'finished-before', listing.runs[0]!.folder],
        ['N=1', 'finished-before', alone.folder],
      ]);
      assert.deepEqual(await readMatrix(listing.folder), JSON.parse(JSON.stringify(report)));
      for (const name of ['matrix.md', 'matrix.svg']) await access(join(listing.folder, name));
      const [one] = report.arms;
      assert.equal(one!.againstBaseline?.n, 1);
      assert.equal(one!.againstBaseline.bySeed[0]!.n, 12);

      await inTemporaryFolder(async (other) => {
        const undisturbed = await runMatrixIn(other, smallMatrix(other, { arms: { two: {} } }));
        assert.deepEqual(figuresOf(undisturbed.report)[0]!.runs, figuresOf(report)[1]!.runs);
      });
    }));

  it('goes on after a run that fails, and tells which', () =>
    inTemporaryFolder(async (folder) => {
      const config = smallMatrix(folder, {
        arms: { capped: { 'judge.samples': 1, 'budget.calls': 3 }, whole: {} },
      });
      const { report, events, folder: at } = await runMatrixIn(folder, config);
      assert.deepEqual(statesOf(report), ['failed', 'finished']);
      assert.match(report.arms[0]!.runs[0]!.problem ?? '', /budget\.calls/);
      assert.deepEqual(
        events.flatMap((event) => (event.kind === 'run' || event.kind === 'planned' ? [] : [event.kind])),
        ['run-failed', 'run-finished'],
      );
      assert.equal(report.arms[1]!.againstBaseline?.finding, 'not-compared');
      assert.match(await readFile(join(at, 'matrix.md'), 'utf8'), /capped, seed 3 failed: /);
    }));

  it('checks what every arm names before anything runs', () =>
    inTemporaryFolder(async (folder) => {
      const arms = {
        whole: {},
        far: { pack: 'no-such-pack.yaml' },
        poor: { 'instructions.perIteration': 900_000 },
      };
      const failing = runMatrixIn(folder, smallMatrix(folder, { arms }));
      await assert.rejects(failing, /expected arms that can start[^]*far: [^]*no-such-pack[^]*poor: /);
      await assert.rejects(access(join(folder, 'results')));
    }));
});
