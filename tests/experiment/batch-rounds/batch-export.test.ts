import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { ExportResult } from '../../../lib/src/experiment/batch-rounds/batch-export.js';
import { indexEntrySchema } from '../../../lib/src/experiment/batch-rounds/batch-round.js';
import { stageRecordSchema } from '../../../lib/src/schema/manifest.js';
import { RunFolder } from '../../../lib/src/store/index.js';
import { answerRound, requestFiles, scriptedLine } from '../../fixtures/batch-answers.js';
import { EXPERIMENT, inBench, promptOf, requestsOf, type BatchBench } from '../../fixtures/batch-bench.js';
import { SCRIPT } from '../../fixtures/planned-experiment.js';
import type { Script } from '../../fixtures/scripted-endpoint.js';
import { runIn } from '../../fixtures/small-experiment.js';

const statesOf = ({ stages }: ExportResult): string[] =>
  stages.map(({ iteration, stage, state, nWritten }) => `${iteration} ${stage}: ${state} ${nWritten}`);

/** Judges rightly, so that both labels are left for training: winners are "yes". */
const JUDGING: Script = (prompt, request) =>
  prompt.startsWith('J ') && prompt.endsWith('|yes')
    ? Array<string>(request.nSamples).fill('[[B]]')
    : SCRIPT(prompt, request);

/** Exports, answers and imports until nothing is left to ask. @returns requests of each round */
async function playThrough(bench: BatchBench): Promise<number[]> {
  const nRequests: number[] = [];
  for (;;) {
    const { roundFolder, round } = await bench.export();
    if (roundFolder === null || round === null) return nRequests;
    nRequests.push(round.nRequests);
    answerRound(roundFolder, (request) => [scriptedLine(request, JUDGING)]);
    await bench.import();
  }
}

/** Lists nothing, counts chats, and refuses to train. */
async function withRefusingServer(test: (baseUrl: string, nChats: () => number) => Promise<void>) {
  let nChats = 0;
  const server = createServer((request, response) => {
    if (request.url?.endsWith('/chat/completions') === true) nChats++;
    request.resume().on('end', () => {
      response.writeHead(request.method === 'GET' ? 200 : 400, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ object: 'list', data: [], error: { message: 'no training here' } }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    await test(`http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`, () => nChats);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

describe('an export of batches', () => {
  it('writes what can be asked now, level by level, and ends where only a run goes on', () =>
    inBench(async (bench) => {
      const first = await bench.export();
      // 2 items in 2 orders, greedy and by votes; 4 winners and 4 modified instructions.
      assert.deepEqual(statesOf(first), [
        '0 evaluate: asks 8',
        '1 generate: asks 8',
        '1 judge: waits 0',
        '1 finetune: waits 0',
        '1 evaluate: waits 0',
      ]);
      assert.equal(first.roundFolder, join(bench.out, 'round-1'));
      answerRound(join(bench.out, 'round-1'));
      assert.equal((await bench.import()).counts.nImported, 16);

      // 4 losers.
      const second = await bench.export();
      assert.deepEqual(statesOf(second).slice(0, 3), [
        '0 evaluate: in-store 0',
        '1 generate: asks 4',
        '1 judge: waits 0',
      ]);
      assert.deepEqual(requestsOf(join(bench.out, 'round-2')).map(promptOf).sort(), [
        'i00000x',
        'i00001x',
        'i00002x',
        'i00003x',
      ]);
      answerRound(join(bench.out, 'round-2'));
      await bench.import();

      // 4 pairs in 2 orders, 3 judgments each in one request.
      const third = await bench.export();
      assert.deepEqual(statesOf(third).slice(1, 4), [
        '1 generate: in-store 0',
        '1 judge: asks 8',
        '1 finetune: waits 0',
      ]);
      const judgments = requestsOf(join(bench.out, 'round-3'));
      assert.deepEqual([...new Set(judgments.map(({ body }) => body.n))], [3]);
      answerRound(join(bench.out, 'round-3'));
      await bench.import();

      const last = await bench.export();
      assert.deepEqual([last.roundFolder, last.round], [null, null]);
      assert.deepEqual(statesOf(last), [
        '0 evaluate: in-store 0',
        '1 generate: in-store 0',
        '1 judge: in-store 0',
        '1 finetune: next 0',
        '1 evaluate: waits 0',
      ]);
      assert.equal(existsSync(join(bench.out, 'round-4')), false);
    }));

  it('leaves a run nothing to ask for in the stages that it went through', () =>
    inBench(async (bench) => {
      assert.deepEqual(await playThrough(bench), [16, 4, 8]);
      await withRefusingServer(async (baseUrl, nChats) => {
        await bench.write({ ...EXPERIMENT, endpoint: { ...EXPERIMENT.endpoint, baseUrl } });
        const folder = join(bench.completions, '..');
        let runFolder = '';
        const run = runIn(folder, bench.configPath, {
          onEvent: (event) => {
            if (event.kind === 'started') runFolder = event.folder;
          },
        });
        await assert.rejects(run, /no training here/);
        assert.equal(nChats(), 0);
        for (const [place, stage, nKept] of [
          ['iteration-0', 'evaluate', 2],
          ['iteration-1', 'generate', 4],
          ['iteration-1', 'judge', 4],
        ] as const) {
          const record = await new RunFolder(runFolder)
            .inside(place)
            .readJson(`${stage}.stage.json`, stageRecordSchema);
          assert.deepEqual([record?.nKept, record?.usage.requests], [nKept, 0], `${place} ${stage}`);
        }
        // What the run finished is not walked again, and what it waits for is told.
        assert.deepEqual(statesOf(await bench.export()), [
          '0 evaluate: done 0',
          '1 generate: done 0',
          '1 judge: done 0',
          '1 finetune: next 0',
          '1 evaluate: waits 0',
        ]);
      });
    }));

  it('asks for the evaluation by a judge that a run has trained, and for the judgments of the next iteration', () =>
    inBench(
      async (bench) => {
        await playThrough(bench);
        const { experiment, runId } = await bench.export();
        const run = new RunFolder(join(bench.completions, '..', 'results', experiment, runId));
        const model = { model: 'trained', parent: 'seed', jobId: 'j', trainingFileHash: 'h', nExamples: 1 };
        await run.inside('iteration-1').writeJson('model.json', model);
        const usage = { requests: 0, retries: 0, completions: 0, cachedCompletions: 0, promptTokens: 0 };
        const record = { stage: 'finetune', nInput: 1, nKept: 1, drops: {}, wallMs: 1 };
        await run.inside('iteration-1').writeJson('finetune.stage.json', {
          ...record,
          usage: { ...usage, completionTokens: 0 },
        });
        const exported = await bench.export();
        assert.deepEqual(statesOf(exported).slice(3), [
          '1 finetune: done 0',
          '1 evaluate: asks 8',
          '2 generate: in-store 0',
          '2 judge: asks 8',
          '2 finetune: waits 0',
          '2 evaluate: waits 0',
        ]);
        assert.deepEqual(
          exported.round?.files.map(({ model: asked, nRequests }) => [asked, nRequests]),
          [['trained', 16]],
        );
      },
      { ...EXPERIMENT, iterations: 2 },
    ));

  it('writes requests as the API takes them, with an index of where their completions belong', () =>
    inBench(async (bench) => {
      const folder = new RunFolder(await bench.exportRound());
      const requests = requestsOf(folder.path);
      const ids = new Set(requests.map(({ custom_id }) => custom_id));
      assert.equal(ids.size, 16);
      for (const { method, url, body } of requests) {
        assert.deepEqual([method, url, body.model], ['POST', '/v1/chat/completions', 'seed']);
      }
      let nEntries = 0;
      for await (const entry of folder.records('index.jsonl', indexEntrySchema)) {
        nEntries++;
        assert.ok(ids.has(entry.customId));
        assert.equal(entry.partition, 'cluster:seed');
        const request = requests.find(({ custom_id }) => custom_id === entry.customId);
        assert.equal(entry.keys.length, request?.body.n ?? 1);
      }
      assert.equal(nEntries, 16);
    }));

  it('splits files by the limits and by the model', () =>
    inBench(
      async (bench) => {
        const { round } = await bench.export({ limits: { maxRequests: 6 } });
        // 8 judgments of the seed, then 8 requests to the writer.
        assert.deepEqual(
          round?.files.map(({ name, model, nRequests }) => [name, model, nRequests]),
          [
            ['requests-0001.jsonl', 'seed', 6],
            ['requests-0002.jsonl', 'seed', 2],
            ['requests-0003.jsonl', 'writer', 6],
            ['requests-0004.jsonl', 'writer', 2],
          ],
        );
        for (const { name, nBytes } of round.files)
          assert.equal(readFileSync(join(bench.out, 'round-1', name)).length, nBytes);
      },
      { ...EXPERIMENT, generate: { ...EXPERIMENT.generate, model: 'writer' } },
    ));

  it('keeps files within the bytes, and counts a request that fits into none', () =>
    inBench(async (bench) => {
      const { stages, round } = await bench.export({ limits: { maxBytes: 340 } });
      for (const { nBytes } of round?.files ?? []) assert.ok(nBytes <= 340, `${nBytes}`);
      const nTooLarge = stages.reduce((sum, stage) => sum + stage.nTooLarge, 0);
      assert.equal(nTooLarge, 0);
      assert.equal(round?.files.length, 16);
      rmSync(bench.out, { recursive: true });
      const tiny = await bench.export({ limits: { maxBytes: 100 } });
      assert.equal(tiny.roundFolder, null);
      // None of 16 requests is as short as that.
      assert.deepEqual(
        tiny.stages.map((stage) => stage.nTooLarge),
        [8, 8, 0, 0, 0],
      );
    }));

  it('writes no further round before the last one was imported', () =>
    inBench(async (bench) => {
      const round = await bench.exportRound();
      await assert.rejects(bench.export(), /round-1: expected a round whose answers were imported/);
      rmSync(round, { recursive: true });
      assert.equal(requestsOf(await bench.exportRound()).length, 16);
    }));

  it('takes the place of what an interrupted export left', () =>
    inBench(async (bench) => {
      const draft = join(bench.out, 'round-1.partial');
      await mkdir(draft, { recursive: true });
      writeFileSync(join(draft, 'requests-0009.jsonl'), 'left\n');
      const round = await bench.exportRound();
      assert.equal(existsSync(draft), false);
      assert.equal(requestFiles(round).length, 1);
    }));

  it('leaves nothing behind when it is stopped', () =>
    inBench(async (bench) => {
      const stop = new AbortController();
      stop.abort(new Error('stopped by a test'));
      await assert.rejects(bench.export({ signal: stop.signal }), /stopped by a test/);
      assert.deepEqual(
        ['round-1', 'round-1.partial'].map((name) => existsSync(join(bench.out, name))),
        [false, false],
      );
    }));
});
