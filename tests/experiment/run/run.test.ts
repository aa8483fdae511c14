import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ModelError } from '../../../lib/src/core/errors.js';
import { compareInputs, observeRuns } from '../../../lib/src/experiment/index.js';
import { pairAuditSchema } from '../../../lib/src/schema/index.js';
import {
  embeddedIn,
  figuresOf,
  runIn,
  SMALL_EXPERIMENT,
  writeExperiment,
} from '../../fixtures/small-experiment.js';
import { commandArguments } from '../../fixtures/command-process.js';
import { inTemporaryFolder } from '../../fixtures/temporary-folder.js';

describe('a run on the embedded model', function () {
  this.timeout(120_000);

  it('leaves every record that the loop makes, and nothing half-written', () =>
    inTemporaryFolder(async (folder) => {
      const { result } = await runIn(folder, await writeExperiment(folder, embeddedIn(folder)));
      assert.equal(result.iterations.length, 3);
      assert.equal(new Set(result.manifest.models).size, 3);
      const files = (await readdir(result.folder, { recursive: true })).sort();
      assert.deepEqual(
        files.filter((name) => !name.startsWith('iteration-')),
        [
          'accuracy.svg',
          'config.json',
          'log.jsonl',
          'manifest.json',
          'metrics.json',
          'models.json',
          'report.md',
          'spending.jsonl',
          'status.json',
        ],
      );
      for (const name of [
        'instructions',
        'pairs',
        'judgments',
        'judgments.index',
        'training-examples',
        'training-file',
        'evaluation',
      ]) {
        assert.ok(files.includes(join('iteration-1', `${name}.jsonl`)), name);
      }
      assert.ok(!files.some((name) => name.endsWith('.partial')));

      const manifest = JSON.parse(
        await readFile(join(result.folder, 'iteration-1/manifest.json'), 'utf8'),
      ) as {
        stages: { stage: string; nInput: number; nKept: number; drops: Record<string, number> }[];
      };
      assert.deepEqual(
        manifest.stages.map(({ stage }) => stage),
        ['select', 'generate', 'judge', 'filter', 'finetune', 'evaluate'],
      );
      for (const { stage, nInput, nKept, drops } of manifest.stages) {
        const nDropped = Object.values(drops).reduce((a, b) => a + b, 0);
        assert.equal(nInput, nKept + nDropped, `${stage}: kept + dropped = input`);
      }
      const report = await readFile(result.reportPath, 'utf8');
      assert.match(
        report,
        /!\[Accuracy in percent, from the seed model to iteration 2: [\d., ]+\]\(accuracy\.svg\)/,
      );
      // Every judge stands beside trivial ones, and the pairs of every iteration are audited.
      for (const { trivial } of result.iterations) assert.equal(trivial?.comparisons[0]?.baseline, 'first');
      for (const iteration of ['iteration-1', 'iteration-2']) {
        const audit: unknown = JSON.parse(
          await readFile(join(result.folder, iteration, 'pair-audit.json'), 'utf8'),
        );
        assert.ok(pairAuditSchema.parse(audit).nPairs > 0);
      }
      assert.match(report, /^## Beside trivial judges$/m);
      assert.match(report, /^## Surface of the pairs$/m);
      const { trivial } = await compareInputs([`${result.folder}@0`, `${result.folder}@2`], { seed: 1 });
      assert.deepEqual(trivial?.[0]?.comparisons.length, result.iterations[0]!.trivial!.comparisons.length);
      const [observed] = await observeRuns(join(folder, 'results'));
      assert.equal(observed?.state, 'finished');
    }));

  it('has the same figures with other workers and another pace, and asks for nothing twice', () =>
    inTemporaryFolder(async (folder) => {
      const one = await runIn(folder, await writeExperiment(folder, embeddedIn(folder)));
      const other = join(folder, 'other');
      await mkdir(other);
      const endpoint = {
        provider: 'embedded',
        stateFolder: join(other, 'embedded'),
        workers: 2,
        concurrency: 7,
      };
      const two = await runIn(other, await writeExperiment(other, { ...SMALL_EXPERIMENT, endpoint }));
      assert.deepEqual(figuresOf(two.result), figuresOf(one.result));

      await rm(join(folder, 'results'), { recursive: true });
      const again = await runIn(folder, join(folder, 'experiment.yaml'));
      assert.deepEqual(figuresOf(again.result), figuresOf(one.result));
      assert.equal(again.result.manifest.usage.requests, 0);
      assert.ok(again.result.manifest.usage.cachedCompletions > 0);
    }));

  it('stops at once when told to, and continues to the figures of an undisturbed run', () =>
    inTemporaryFolder(async (folder) => {
      const undisturbed = await runIn(folder, await writeExperiment(folder, embeddedIn(folder)));
      await rm(join(folder, 'results'), { recursive: true });
      await rm(join(folder, 'completions'), { recursive: true });
      await rm(join(folder, 'embedded'), { recursive: true });
      for (const [iteration, stage] of [
        [0, 'evaluate'],
        [1, 'generate'],
        [1, 'finetune'],
        [2, 'judge'],
      ] as const) {
        const stop = new AbortController();
        const stopped = runIn(folder, join(folder, 'experiment.yaml'), {
          signal: stop.signal,
          onEvent: (event) => {
            const isThere =
              (event.kind === 'progress' &&
                event.progress.iteration === iteration &&
                event.progress.stage === stage) ||
              (event.kind === 'stage-finished' &&
                event.iteration === iteration &&
                event.record.stage === stage);
            if (isThere) stop.abort(new Error('enough'));
          },
        });
        await assert.rejects(stopped, /enough/, `${iteration} ${stage}`);
      }
      const { result } = await runIn(folder, join(folder, 'experiment.yaml'));
      assert.deepEqual(figuresOf(result), figuresOf(undisturbed.result));
    }));
});

describe('a run on any OpenAI-compatible server', function () {
  this.timeout(120_000);

  /** A server process of its own. */
  async function serve(
    stateFolder: string,
    key: string | null,
  ): Promise<{ baseUrl: string; stop: () => Promise<void> }> {
    const args = ['serve', '--json', '--port', '0', '--workers', '1', '--state', stateFolder];
    const child = spawn(
      process.execPath,
      [...commandArguments(), ...args, ...(key === null ? [] : ['--api-key-env', 'SERVER_KEY'])],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
        env: { ...process.env, ...(key === null ? {} : { SERVER_KEY: key }) },
      },
    );
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    return {
      baseUrl: (JSON.parse(String(line)) as { baseUrl: string }).baseUrl,
      stop: async () => {
        const closed = once(child, 'close');
        child.kill('SIGTERM');
        await closed;
      },
    };
  }

  it('has the figures of the embedded one, at two server processes, one of which wants a key', () =>
    inTemporaryFolder(async (folder) => {
      const config = { ...SMALL_EXPERIMENT, iterations: 1 };
      const embedded = { provider: 'embedded', stateFolder: join(folder, 'embedded') };
      const inside = await runIn(folder, await writeExperiment(folder, { ...config, endpoint: embedded }));

      const open = await serve(join(folder, 'open'), null);
      const guarded = await serve(join(folder, 'guarded'), 'open sesame');
      try {
        const atOpen = { provider: 'openai', baseUrl: open.baseUrl, concurrency: 16 };
        const one = await runIn(folder, await writeExperiment(folder, { ...config, endpoint: atOpen }));
        assert.deepEqual(figuresOf(one.result), figuresOf(inside.result));

        const atGuarded = { ...atOpen, baseUrl: guarded.baseUrl, apiKeyEnv: 'MY_KEY' };
        const configPath = await writeExperiment(folder, { ...config, endpoint: atGuarded });
        await assert.rejects(runIn(folder, configPath), /environment variable MY_KEY/);
        await assert.rejects(
          runIn(folder, configPath, { environment: { MY_KEY: 'wrong key' } }),
          (thrown: unknown) => {
            assert.ok(thrown instanceof ModelError);
            assert.equal(thrown.code, 'http-401');
            assert.doesNotMatch(thrown.message, /wrong key/);
            return true;
          },
        );
        const two = await runIn(folder, configPath, { environment: { MY_KEY: 'open sesame' } });
        assert.deepEqual(figuresOf(two.result), figuresOf(inside.result));
      } finally {
        await open.stop();
        await guarded.stop();
      }
      const entries = await readdir(folder, { recursive: true, withFileTypes: true });
      for (const entry of entries.filter((name) => name.isFile())) {
        const text = await readFile(join(entry.parentPath, entry.name), 'latin1');
        assert.ok(!text.includes('open sesame'), `the key stands in ${entry.name}`);
      }
    }));
});
