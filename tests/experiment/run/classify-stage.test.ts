import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError, DataError } from '../../../lib/src/core/errors.js';
import type { RunEvent } from '../../../lib/src/experiment/index.js';
import {
  instructionSchema,
  iterationManifestSchema,
  overlapReportSchema,
  selectionSummarySchema,
} from '../../../lib/src/schema/index.js';
import { RunFolder } from '../../../lib/src/store/index.js';
import { startLabellingServer, type LabellingServer } from '../../fixtures/labelling-server.js';
import { collect } from '../../fixtures/scripted-endpoint.js';
import { runIn, writeExperiment } from '../../fixtures/small-experiment.js';
import { inTemporaryFolder } from '../../fixtures/temporary-folder.js';

const INSTRUCTIONS = {
  source: 'pool',
  files: [{ path: 'pool.txt' }],
  filters: { personalDetails: { mode: 'mask' } },
  classify: {},
  choose: { slices: ['code', 'math'] },
  perIteration: 6,
};

const EXPERIMENT = {
  name: 'labelled',
  iterations: 2,
  model: 'seed',
  pack: 'general',
  judge: { samples: 2 },
  evaluate: { benchmark: { source: 'jsonl', path: 'benchmark.jsonl' } },
};

/** 12 programs, 12 sums, 5 poems, one that gets no labels, a duplicate, and an address to be masked. */
const ROWS = [
  ...Array.from({ length: 12 }, (_, i) => [`program ${i}`, `sum ${i}`]).flat(),
  ...Array.from({ length: 4 }, (_, i) => `poem ${i}`),
  'poem for a@example.org',
  'nothing to be read',
  'program 3',
];

const withServer = (
  test: (bench: {
    folder: string;
    server: LabellingServer;
    write: (config?: object) => Promise<string>;
  }) => Promise<void>,
): Promise<void> =>
  inTemporaryFolder(async (folder) => {
    const server = await startLabellingServer();
    await writeFile(join(folder, 'pool.txt'), ROWS.join('\n'));
    const item = {
      itemId: 'i',
      instruction: 'poem of a benchmark',
      slice: 's',
      errorKind: 'e',
      winner: 'good',
      loser: 'bad',
    };
    await writeFile(join(folder, 'benchmark.jsonl'), JSON.stringify(item));
    const endpoint = { provider: 'openai', baseUrl: server.baseUrl, concurrency: 4, identity: 'labelling' };
    const write = (config: object = {}): Promise<string> =>
      writeExperiment(folder, { ...EXPERIMENT, endpoint, instructions: INSTRUCTIONS, ...config });
    try {
      await test({ folder, server, write });
    } finally {
      await server.close();
    }
  });

/** Labels in the completion store. */
async function nLabelsKept(folder: string): Promise<number> {
  const names = await readdir(join(folder, 'completions'), { recursive: true }).catch(() => []);
  const texts = await Promise.all(
    names.map((name) => readFile(join(folder, 'completions', name), 'utf8').catch(() => '')),
  );
  return texts.join('').split('category: ').length - 1;
}

describe('a pool that is classified', function () {
  this.timeout(60_000);

  it('is labelled once, before all iterations, which take from what is chosen; every row is accounted for', () =>
    withServer(async ({ folder, server, write }) => {
      const { result, events } = await runIn(folder, await write());
      assert.equal(server.labelled.length, 30);
      const run = new RunFolder(result.folder);
      const [record] =
        (await run.inside('iteration-0').readJson('manifest.json', iterationManifestSchema))?.stages ?? [];
      assert.deepEqual(
        [record?.stage, record?.nInput, record?.nKept, record?.drops, record?.usage.requests],
        ['classify', 31, 29, { 'label-missing': 1, duplicate: 1 }, 30],
      );
      const rounds = await Promise.all(
        [1, 2].map((i) =>
          collect(run.inside(`iteration-${i}`).records('instructions.jsonl', instructionSchema)),
        ),
      );
      for (const round of rounds)
        assert.deepEqual(round.map(({ slice }) => slice).sort(), [
          ...Array<string>(3).fill('code'),
          ...Array<string>(3).fill('math'),
        ]);
      assert.equal(new Set(rounds.flat().map(({ text }) => text)).size, 12);
      assert.ok(
        rounds
          .flat()
          .every(
            ({ slice, labels }) =>
              labels?.category === (slice === 'code' ? 'Coding' : 'Mathematical reasoning'),
          ),
      );

      const selection = await run.readJson('selection.json', selectionSummarySchema);
      assert.deepEqual(
        [selection?.rows, selection?.offered, selection?.taken, selection?.masked],
        [31, 29, 12, { email: 1 }],
      );
      assert.deepEqual(selection?.drops, {
        'not-drawn': 12,
        'slice-not-selected': 5,
        'label-missing': 1,
        duplicate: 1,
      });
      const paid = result.manifest.spentByStage.find(({ stage }) => stage === 'classify');
      assert.deepEqual([paid?.iteration, paid?.requests, paid?.completionTokens], [0, 30, 90]);
      assert.ok(events.some((event) => event.kind === 'progress' && event.progress.stage === 'classify'));
      const report = await readFile(result.reportPath, 'utf8');
      assert.match(
        report,
        /## Selection of instructions[^]*\| Coding \| 12 \|[^]*\| 0 classify \| 31 \| 29 \|/,
      );
      // What is chosen is held against the benchmark, not the whole pool.
      assert.equal((await run.readJson('overlap.json', overlapReportSchema))?.training.instruction.n, 12);
    }));

  it('goes on where it was stopped, and asks nothing twice that was answered', () =>
    withServer(async ({ folder, server, write }) => {
      const path = await write();
      server.stallsAfter = 11;
      const stop = new AbortController();
      const stopped = runIn(folder, path, { signal: stop.signal });
      const timer = setInterval(() => {
        void nLabelsKept(folder).then((n) => {
          if (n === 11) stop.abort(new Error('enough'));
        });
      }, 20);
      await assert.rejects(stopped, /enough/);
      clearInterval(timer);
      const before = [...server.labelled];
      server.stallsAfter = null;
      const { result } = await runIn(folder, path);
      assert.equal(server.labelled.length, 30);
      assert.deepEqual(server.labelled.slice(0, before.length), before);
      assert.equal(new Set(server.labelled).size, 30);
      assert.equal(result.manifest.spentByStage.find(({ stage }) => stage === 'classify')?.requests, 30);
    }));

  it('is not gone through again once it is finished', () =>
    withServer(async ({ folder, server, write }) => {
      const path = await write();
      const stop = new AbortController();
      const onEvent = (event: RunEvent): void => {
        if (event.kind === 'stage-finished' && event.record.stage === 'evaluate')
          stop.abort(new Error('enough'));
      };
      await assert.rejects(runIn(folder, path, { signal: stop.signal, onEvent }), /enough/);
      const { result, events } = await runIn(folder, path);
      assert.equal(server.labelled.length, 30);
      assert.ok(
        events.some(
          (event) => event.kind === 'stage-finished' && event.wasDone && event.record.stage === 'classify',
        ),
      );
      const selection = await new RunFolder(result.folder).readJson('selection.json', selectionSummarySchema);
      assert.deepEqual([selection?.rows, selection?.taken, selection?.masked], [31, 12, { email: 1 }]);
    }));

  it('is labelled in part where `most` says so, the rest told as not drawn', () =>
    withServer(async ({ folder, server, write }) => {
      const instructions = { ...INSTRUCTIONS, classify: { most: 20 }, fresh: false, perIteration: 8 };
      const { result } = await runIn(folder, await write({ instructions }));
      assert.equal(server.labelled.length, 20);
      const selection = await new RunFolder(result.folder).readJson('selection.json', selectionSummarySchema);
      assert.deepEqual(
        [selection?.rows, selection?.taken, selection?.drops['not-drawn-to-classify']],
        [31, 8, 10],
      );
    }));

  it('ends the run where too few are left, with what was dropped and why, before anything else is asked', () =>
    withServer(async ({ folder, server, write }) => {
      const instructions = { ...INSTRUCTIONS, perIteration: 14 };
      await assert.rejects(runIn(folder, await write({ instructions })), (thrown: unknown) => {
        assert.ok(thrown instanceof ConfigError);
        assert.match(thrown.message, /would find only 10; dropped were: slice-not-selected 5/);
        return true;
      });
      assert.equal(server.labelled.length, 30);
      // Not even labelled, where the pool is too small whatever its labels are.
      const tooMany = { ...INSTRUCTIONS, perIteration: 16 };
      await assert.rejects(runIn(folder, await write({ instructions: tooMany, seed: 2 })), ConfigError);
      assert.equal(server.labelled.length, 30);
    }));

  it('ends the run where one that is chosen stands in the benchmark', () =>
    withServer(async ({ folder, write }) => {
      const item = {
        itemId: 'i',
        instruction: 'program 3',
        slice: 's',
        errorKind: 'e',
        winner: 'good',
        loser: 'bad',
      };
      await writeFile(join(folder, 'benchmark.jsonl'), JSON.stringify(item));
      const instructions = { ...INSTRUCTIONS, perIteration: 12 };
      await assert.rejects(runIn(folder, await write({ instructions })), DataError);
    }));

  it('is compared with the benchmark before a label is paid for; what overlaps is written down, dropped or reported', () =>
    withServer(async ({ folder, server, write }) => {
      const item = {
        itemId: 'b',
        instruction: 'Program 5',
        slice: 's',
        errorKind: 'e',
        winner: 'x',
        loser: 'y',
      };
      await writeFile(join(folder, 'benchmark.jsonl'), JSON.stringify(item));
      const listed = join(folder, 'results', EXPERIMENT.name, 'overlap.json');
      await assert.rejects(
        runIn(folder, await write()),
        (thrown: unknown) => thrown instanceof DataError && thrown.message.includes(`all are in ${listed}`),
      );
      assert.deepEqual(server.labelled, [], 'no label was asked for');
      const report = overlapReportSchema.parse(JSON.parse(await readFile(listed, 'utf8')));
      assert.equal(report.overlappingItems[0]?.strongest.training.source?.line, 11);

      const { result } = await runIn(folder, await write({ overlap: { action: 'drop' } }));
      assert.ok(!server.labelled.some((text) => text === 'program 5'));
      const run = new RunFolder(result.folder);
      const selection = await run.readJson('selection.json', selectionSummarySchema);
      assert.equal(selection?.drops['benchmark-overlap'], 1);
      assert.deepEqual(
        selection.byFile.map(({ file, rows }) => [file, rows]),
        [['pool.txt', 31]],
      );
      assert.match(
        await readFile(result.reportPath, 'utf8'),
        /1 without a waiver: the instructions were dropped/,
      );

      const reported = await runIn(folder, await write({ overlap: { action: 'report' } }));
      assert.notEqual(reported.result.folder, result.folder);
    }));
});
