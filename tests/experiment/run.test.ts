import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError, DataError, ModelError } from '../../lib/src/core/errors.js';
import { observeRuns } from '../../lib/src/experiment/index.js';
import { startServer } from '../../lib/src/micro/server/start.js';
import type { RunResult } from '../../lib/src/experiment/index.js';
import { runIn, SMALL_EXPERIMENT, writeExperiment } from '../fixtures/small-experiment.js';
import { inTemporaryFolder } from '../fixtures/temporary-folder.js';

/** The figures of a run, without the names of its models. */
const figuresOf = ({ iterations }: RunResult): unknown =>
  iterations.map(({ metrics, againstSeed }) => ({ metrics, againstSeed }));

function embeddedIn(folder: string): typeof SMALL_EXPERIMENT {
  return {
    ...SMALL_EXPERIMENT,
    endpoint: { provider: 'embedded', stateFolder: join(folder, 'embedded'), workers: 1 },
  };
}

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
        ['accuracy.svg', 'config.json', 'manifest.json', 'metrics.json', 'report.md', 'status.json'],
      );
      for (const name of [
        'instructions',
        'pairs',
        'judgments',
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
      assert.match(report, /!\[Accuracy by iteration\]\(accuracy\.svg\)/);
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
      for (const stage of ['generate', 'judge', 'finetune', 'evaluate']) {
        const stop = new AbortController();
        const stopped = runIn(folder, join(folder, 'experiment.yaml'), {
          signal: stop.signal,
          onEvent: (event) => {
            if (event.kind === 'progress' && event.progress.stage === stage && event.progress.iteration > 0) {
              stop.abort(new Error('enough'));
            }
          },
        });
        // A stage may be over before it reports progress; then the run simply goes on to its end.
        await stopped.catch((thrown: unknown) => assert.match(String(thrown), /enough/));
      }
      const { result } = await runIn(folder, join(folder, 'experiment.yaml'));
      assert.deepEqual(figuresOf(result), figuresOf(undisturbed.result));
    }));
});

describe('a run on any OpenAI-compatible server', function () {
  this.timeout(120_000);

  it('is the same run with a base URL and a key', () =>
    inTemporaryFolder(async (folder) => {
      const server = await startServer({
        stateFolder: join(folder, 'embedded'),
        apiKey: 'open sesame',
        nWorkers: 1,
      });
      try {
        const endpoint = {
          provider: 'openai',
          baseUrl: server.baseUrl,
          apiKeyEnv: 'MY_KEY',
          concurrency: 16,
        };
        const configPath = await writeExperiment(folder, { ...SMALL_EXPERIMENT, iterations: 1, endpoint });
        await assert.rejects(runIn(folder, configPath), /environment variable MY_KEY/);
        await assert.rejects(
          runIn(folder, configPath, { environment: { MY_KEY: 'wrong' } }),
          (thrown: unknown) => {
            assert.ok(thrown instanceof ModelError);
            assert.equal(thrown.code, 'http-401');
            assert.doesNotMatch(thrown.message, /wrong/);
            return true;
          },
        );
        const { result } = await runIn(folder, configPath, { environment: { MY_KEY: 'open sesame' } });
        assert.equal(result.iterations.length, 2);
        const names = await readdir(folder, { recursive: true, withFileTypes: true });
        for (const entry of names.filter((name) => name.isFile())) {
          const text = await readFile(join(entry.parentPath, entry.name), 'latin1');
          assert.ok(!text.includes('open sesame'), `the key stands in ${entry.name}`);
        }
      } finally {
        await server.close();
      }
    }));
});

describe('bad input to a run', () => {
  const refuse = async (
    folder: string,
    config: object,
    expected: RegExp,
    kind: new (...args: never[]) => Error,
  ): Promise<void> => {
    const configPath = await writeExperiment(folder, config);
    await assert.rejects(runIn(folder, configPath), (thrown: unknown) => {
      assert.ok(thrown instanceof kind, String(thrown));
      assert.match(thrown.message, expected);
      return true;
    });
    const left = await readdir(join(folder, 'results'), { recursive: true }).catch(() => []);
    assert.ok(
      !left.some((name) => name.endsWith('.json') || name.endsWith('.partial') || name.endsWith('.lock')),
      left.join(),
    );
  };

  it('is one error for an endpoint where nobody listens', () =>
    inTemporaryFolder((folder) => {
      const endpoint = { provider: 'openai', baseUrl: 'http://127.0.0.1:9/v1' };
      return refuse(
        folder,
        { ...SMALL_EXPERIMENT, endpoint },
        /127\.0\.0\.1:9.*expected a server that answers.*baseUrl/,
        ModelError,
      );
    }));

  it('is one error for files that are not there', () =>
    inTemporaryFolder(async (folder) => {
      const instructions = { source: 'jsonl', path: 'none.jsonl', perIteration: 10 };
      await refuse(
        folder,
        { ...SMALL_EXPERIMENT, instructions },
        /instructions\.path.*none\.jsonl/,
        ConfigError,
      );
      const evaluate = { benchmark: { source: 'jsonl', path: 'none.jsonl' } };
      await refuse(folder, { ...SMALL_EXPERIMENT, evaluate }, /evaluate\.benchmark\.path/, ConfigError);
      await refuse(
        folder,
        { ...SMALL_EXPERIMENT, pack: 'none.yaml' },
        /pack: expected general, micro/,
        ConfigError,
      );
    }));

  it('is one error for an empty or broken benchmark and pool', () =>
    inTemporaryFolder(async (folder) => {
      await writeFile(join(folder, 'x.jsonl'), '');
      const evaluate = { benchmark: { source: 'jsonl', path: 'x.jsonl' } };
      await refuse(folder, { ...SMALL_EXPERIMENT, evaluate }, /at least one benchmark item/, DataError);
      await writeFile(join(folder, 'x.jsonl'), '{"instruction": 5}\n');
      const instructions = { source: 'jsonl', path: 'x.jsonl', perIteration: 10 };
      await refuse(folder, { ...SMALL_EXPERIMENT, instructions }, /x\.jsonl:1: .*instruction: /, DataError);
    }));

  it('is one error for a results folder that is a file', () =>
    inTemporaryFolder(async (folder) => {
      await writeFile(join(folder, 'results'), '');
      const configPath = await writeExperiment(folder);
      await assert.rejects(runIn(folder, configPath), /results.*expected a writable path.*--results/);
    }));

  it('is one error for a run that another process is working on', () =>
    inTemporaryFolder(async (folder) => {
      const configPath = await writeExperiment(folder, embeddedIn(folder));
      const stop = new AbortController();
      let rival: Promise<unknown> = Promise.resolve();
      const { result } = await runIn(folder, configPath, {
        signal: stop.signal,
        onEvent: (event) => {
          if (event.kind !== 'started') return;
          // The parent process is certainly alive and is not this one.
          rival = writeFile(join(event.folder, 'run.lock'), String(process.ppid)).then(() =>
            assert.rejects(runIn(folder, configPath), /process \d+ is working on it/),
          );
        },
      });
      await rival;
      assert.ok(result.folder);
    })).timeout(60_000);
});
