import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { ConfigError } from '../../lib/src/core/errors.js';
import { addCount, own, wordRecord } from '../../lib/src/core/own.js';
import { experimentConfigSchema } from '../../lib/src/experiment/config/config.js';
import { loadExperimentConfig } from '../../lib/src/experiment/config/load-config.js';
import { embeddedBenchmark, embeddedInstructions } from '../../lib/src/experiment/open/embedded.js';
import { makeReport, writeReport } from '../../lib/src/experiment/report/index.js';
import { sliceBlocks, type SliceRow } from '../../lib/src/report/slice-grid.js';
import { embeddedIn, runIn, writeExperiment } from '../fixtures/small-experiment.js';
import { inTemporaryFolder } from '../fixtures/temporary-folder.js';

/** Names that every object inherits, or that change it when they are assigned. */
const HOSTILE = ['constructor', '__proto__', 'toString'];
const WORLD = { seed: 7, slices: ['reasoning', 'code', 'math'] as const };

const linesOf = (rows: readonly object[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('');

describe('words of users as keys', function () {
  this.timeout(60_000);

  it('are counted, found and read whatever they are', () => {
    const counts: Record<string, number> = {};
    for (const word of [...HOSTILE, ...HOSTILE]) addCount(counts, word);
    assert.deepEqual(
      Object.entries(counts),
      HOSTILE.map((word) => [word, 2]),
    );
    assert.equal(own({}, 'constructor'), undefined);
    const read = wordRecord(z.number()).parse(JSON.parse(JSON.stringify(counts)));
    assert.deepEqual(Object.entries(read).sort(), Object.entries(counts).sort());
  });

  it('name slices, kinds of errors and subsets of a run and of its reports', () =>
    inTemporaryFolder(async (folder) => {
      const items = [...embeddedBenchmark({ ...WORLD, split: 'dev', count: 12 })].map((item, i) => ({
        ...item,
        slice: HOSTILE[i % 3],
        errorKind: HOSTILE[(i + 1) % 3],
      }));
      const pool = [...embeddedInstructions({ ...WORLD, count: 24 })].map(({ text }, i) => ({
        text,
        slice: HOSTILE[i % 3],
      }));
      await writeFile(join(folder, 'items.jsonl'), linesOf(items));
      await writeFile(join(folder, 'pool.jsonl'), linesOf(pool));
      const base = embeddedIn(folder);
      const path = await writeExperiment(folder, {
        ...base,
        iterations: 1,
        instructions: {
          source: 'jsonl',
          path: 'pool.jsonl',
          textField: 'text',
          sliceField: 'slice',
          slices: HOSTILE,
          perIteration: 24,
        },
        overlap: { waive: [{ reason: 'the few words of the embedded world' }] },
        evaluate: { ...base.evaluate, benchmark: { source: 'jsonl', path: 'items.jsonl' } },
      });
      const { result } = await runIn(folder, path);
      const { metrics } = result.iterations.at(-1) ?? assert.fail('no iteration');
      assert.deepEqual(Object.keys(metrics.accuracyBySlice).sort(), [...HOSTILE].sort());
      const { result: again } = await runIn(folder, path);
      assert.deepEqual(again.iterations, result.iterations, 'read from its files');
      for (const folders of [[result.folder], [result.folder, result.folder]]) {
        const document = await makeReport(folders);
        for (const name of ['page.html', 'text.md']) {
          const [written = ''] = await writeReport(join(folder, name), document);
          const text = await readFile(written, 'utf8');
          for (const word of HOSTILE) assert.ok(text.replaceAll('\\', '').includes(word), word);
          // The page holds the scripts that draw it.
          if (name === 'text.md') assert.ok(!/native code|\[object|\bNaN/.test(text), 'a value of its own');
        }
      }
    }));

  it('are not found where a run lacks them', () => {
    const share = { value: 0.5, low: 0, high: 1, n: 2, unscored: 0, method: 'wilson' as const, level: 0.95 };
    const rows: SliceRow[] = [
      { name: 'one', bySlice: { constructor: share, code: share } },
      { name: 'other', bySlice: {} },
    ];
    assert.doesNotMatch(
      JSON.stringify(sliceBlocks(rows, { rows: 'run', alt: 'Accuracy.' })),
      /native code|NaN/,
    );
  });

  it('are no prices, and no keys of an experiment where they cannot be', () =>
    inTemporaryFolder(async (folder) => {
      const base = { ...embeddedIn(folder), model: 'constructor', budget: { costUsd: 1 } };
      const { error } = experimentConfigSchema.safeParse(base);
      assert.match(error?.message ?? '', /needs the price of constructor/);
      const path = await writeExperiment(folder, {});
      await writeFile(path, 'name: x\nmatrix:\n  arms:\n    __proto__: { judge.samples: 1 }\n');
      await assert.rejects(
        loadExperimentConfig(path),
        (thrown: unknown) =>
          thrown instanceof ConfigError && /line 4, matrix\.arms\.__proto__: .*name/.test(thrown.message),
      );
    }));
});
