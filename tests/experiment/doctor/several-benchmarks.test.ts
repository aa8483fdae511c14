import assert from 'node:assert/strict';
import { join } from 'node:path';
import { examineExperiment } from '../../../lib/src/experiment/doctor/examine.js';
import { PLANNED_EXPERIMENT, writePlanned } from '../../fixtures/planned-experiment.js';
import { inTemporaryFolder } from '../../fixtures/temporary-folder.js';

/** What is found of an experiment with these benchmarks, where nothing is sent. */
async function found(benchmarks: object[]): Promise<string[]> {
  return inTemporaryFolder(async (folder) => {
    const { findings } = await examineExperiment({
      configPath: await writePlanned(folder, { ...PLANNED_EXPERIMENT, evaluate: { benchmarks } }),
      resultsFolder: join(folder, 'results'),
      completionsFolder: join(folder, 'completions'),
      environment: {},
      signal: new AbortController().signal,
      sendsRequests: false,
    });
    return findings.map(({ verdict, check, found: text }) => `${verdict} ${check}: ${text}`);
  });
}

describe('an examination of several benchmarks', () => {
  it('names each with its items, and prompts by the benchmark that they are of', async () => {
    const { benchmark } = PLANNED_EXPERIMENT.evaluate;
    const findings = await found([
      { name: 'one', benchmark },
      { name: 'two', headline: true, benchmark, orders: 'one' },
    ]);
    assert.deepEqual(
      findings.filter((line) => line.startsWith('ok benchmark')),
      ['ok benchmark: one: 2 items', 'ok benchmark: two, the headline: 2 items'],
    );
    assert.match(findings.join('\n'), /evaluate two/);
  });

  it('names all that cannot be read at once', async () => {
    const missing = (name: string) => ({ name, benchmark: { source: 'jsonl', path: `${name}.jsonl` } });
    const stops = (await found([missing('a'), missing('b')])).filter((line) =>
      line.startsWith('stop inputs'),
    );
    assert.match(stops.join('\n'), /benchmarks\.0\.benchmark\.path[^]*benchmarks\.1\.benchmark\.path/);
  });
});
