import assert from 'node:assert/strict';
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  answerLine,
  answerRound,
  failedLine,
  scriptedLine,
  type RequestLine,
} from '../../fixtures/batch-answers.js';
import { inBench, promptOf, requestsOf } from '../../fixtures/batch-bench.js';

describe('an import of batches', () => {
  it('joins answers by their ids, and counts lines that belong to nothing', () =>
    inBench(async (bench) => {
      const round = await bench.exportRound();
      const [first] = requestsOf(round);
      answerRound(round, (request) => {
        const line = scriptedLine(request);
        if (request.custom_id !== first?.custom_id) return [line];
        return [
          line,
          answerLine(request.custom_id, ['another']),
          answerLine('stranger', ['?']),
          '{"torn',
          '',
        ];
      });
      const { counts } = await bench.import();
      assert.deepEqual(counts, {
        nRequests: 16,
        nImported: 16,
        nThereBefore: 0,
        nShort: 0,
        failures: {},
        nMissing: 0,
        nUnknown: 1,
        nDuplicates: 1,
        nUnreadable: 1,
      });
      // The questions after it follow from the first answers: a wrong pairing would ask for other losers.
      assert.deepEqual(
        requestsOf(await bench.exportRound())
          .map(promptOf)
          .sort(),
        ['i00000x', 'i00001x', 'i00002x', 'i00003x'],
      );
    }));

  it('asks again for what is missing or failed in passing, and takes answers that come later', () =>
    inBench(async (bench) => {
      const round = await bench.exportRound();
      const [missing, failed] = requestsOf(round);
      const late = join(bench.out, 'late.jsonl');
      answerRound(round, (request) => {
        if (request.custom_id === missing?.custom_id) return [];
        if (request.custom_id === failed?.custom_id) return [failedLine(request.custom_id, 500, 'oops')];
        return [scriptedLine(request)];
      });
      const { counts, examples } = await bench.import();
      assert.deepEqual([counts.nImported, counts.nMissing, counts.failures], [14, 1, { 'http-500': 1 }]);
      assert.deepEqual(examples, { 'http-500': 'oops' });
      const again = requestsOf(await bench.exportRound()).map(({ custom_id }) => custom_id);
      assert.deepEqual(again.slice(0, 2).sort(), [missing?.custom_id, failed?.custom_id].sort());
      rmSync(join(bench.out, 'round-2'), { recursive: true });
      writeFileSync(late, `${scriptedLine(missing!)}\n${scriptedLine(failed!)}\n`);
      assert.deepEqual((await bench.import([late])).counts.nImported, 2);
    }));

  it('takes an answer over a failure of the same request, whichever comes first', () =>
    inBench(async (bench) => {
      const round = await bench.exportRound();
      answerRound(round, (request) => [
        failedLine(request.custom_id, 429, 'slow down'),
        scriptedLine(request),
        failedLine(request.custom_id, 429, 'slow down'),
      ]);
      const { counts } = await bench.import();
      assert.deepEqual([counts.nImported, counts.failures, counts.nMissing], [16, {}, 0]);
    }));

  it('lets what a server refused go, so that the stages after it go on', () =>
    inBench(async (bench) => {
      const round = await bench.exportRound();
      const isRefused = (request: RequestLine): boolean => promptOf(request) === 'i00002';
      answerRound(round, (request) =>
        isRefused(request) ? [failedLine(request.custom_id, 400, 'too long')] : [scriptedLine(request)],
      );
      assert.deepEqual((await bench.import()).counts.failures, { 'http-400': 1 });
      const losers = await bench.export();
      const generate = losers.stages.find(({ stage }) => stage === 'generate');
      assert.deepEqual([generate?.nWritten, generate?.nGivenUp], [3, 1]);
      answerRound(join(bench.out, 'round-2'));
      await bench.import();
      // 3 pairs in 2 orders.
      assert.equal((await bench.export()).round?.nRequests, 6);
    }));

  it('lets a request go that a filter flagged, and never one for which there was no credit', () =>
    inBench(async (bench) => {
      const flagged = { error: { code: 403, metadata: { reasons: ['hate'], flagged_input: 'x' } } };
      const failures = [
        [403, flagged],
        [402, { error: { message: 'Insufficient credits' } }],
      ] as const;
      for (let round = 1; round <= 4; round++) {
        let nAnswered = 0;
        answerRound(await bench.exportRound(), ({ custom_id }) => {
          const [status_code, body] = failures[round === 1 && nAnswered++ < 4 ? 0 : 1];
          return [JSON.stringify({ custom_id, response: { status_code, body } })];
        });
        const expected = { ...(round === 1 && { 'content-filter': 4 }), 'out-of-credit': 12 };
        assert.deepEqual((await bench.import()).counts.failures, expected);
      }
      assert.equal((await bench.export()).round?.nRequests, 12);
    }));

  it('gives a request up that failed in three rounds, unless the server was not set up for it', () =>
    inBench(async (bench) => {
      for (const status of [404, 404, 404, 500, 500, 500]) {
        answerRound(await bench.exportRound(), ({ custom_id }) => [failedLine(custom_id, status, 'no')]);
        await bench.import();
      }
      const { roundFolder, stages } = await bench.export();
      assert.equal(roundFolder, null);
      assert.deepEqual(
        stages.slice(0, 2).map(({ nGivenUp }) => nGivenUp),
        [8, 8],
      );
    }));

  it('counts an answer that is no completion as a failure', () =>
    inBench(async (bench) => {
      const round = await bench.exportRound();
      answerRound(round, (request) =>
        promptOf(request) === 'i00001' ? [answerLine(request.custom_id, [])] : [scriptedLine(request)],
      );
      const { counts } = await bench.import();
      assert.deepEqual([counts.nImported, counts.failures], [15, { 'bad-answer': 1 }]);
    }));

  it('asks one by one for the completions that a server left out', () =>
    inBench(async (bench) => {
      const round = await bench.exportRound();
      answerRound(round, ({ custom_id, body }) => [
        scriptedLine({ custom_id, body: { ...body, n: 1 } } as RequestLine),
      ]);
      const { counts } = await bench.import();
      // 4 votes and 4 modified instructions of 2 samples each.
      assert.deepEqual([counts.nImported, counts.nShort], [16, 8]);
      const rest = requestsOf(await bench.exportRound());
      assert.equal(rest.length, 8);
      assert.deepEqual([...new Set(rest.map(({ body }) => body.n))], [undefined]);
      answerRound(join(bench.out, 'round-2'));
      assert.equal((await bench.import()).counts.nShort, 0);
      assert.equal((await bench.export()).round?.nRequests, 4);
    }));

  it('leaves completions alone that are in the store', () =>
    inBench(async (bench) => {
      const round = await bench.exportRound();
      answerRound(round);
      await bench.import();
      answerRound(round, ({ custom_id, body }) => [
        answerLine(custom_id, Array<string>(body.n ?? 1).fill('something else')),
      ]);
      const { counts } = await bench.import();
      assert.deepEqual([counts.nImported, counts.nThereBefore], [0, 16]);
      assert.deepEqual(
        requestsOf(await bench.exportRound())
          .map(promptOf)
          .sort(),
        ['i00000x', 'i00001x', 'i00002x', 'i00003x'],
      );
    }));

  it('reads any files beside the requests that are named after them', () =>
    inBench(async (bench) => {
      const round = await bench.exportRound();
      const isFailed = (request: RequestLine): boolean => promptOf(request) === 'i00000';
      answerRound(round, (request) => (isFailed(request) ? [failedLine(request.custom_id, 500, 'x')] : []));
      renameSync(join(round, 'requests-0001.out.jsonl'), join(round, 'requests-0001.errors.jsonl'));
      answerRound(round, (request) => (isFailed(request) ? [] : [scriptedLine(request)]));
      const { counts, outputFiles } = await bench.import();
      assert.equal(outputFiles.length, 2);
      assert.deepEqual([counts.nImported, counts.failures, counts.nMissing], [15, { 'http-500': 1 }, 0]);
    }));

  it('keeps nothing of what a server said of a failure', () =>
    inBench(async (bench) => {
      const round = await bench.exportRound();
      answerRound(round, ({ custom_id }) => [failedLine(custom_id, 500, 'sk-repeated')]);
      await bench.import();
      for (const name of ['failures.jsonl', 'import.json'])
        assert.equal(readFileSync(join(round, name), 'utf8').includes('sk-repeated'), false, name);
    }));

  it('refuses a round whose index is not the one that it tells of', () =>
    inBench(async (bench) => {
      const round = await bench.exportRound();
      answerRound(round, () => [answerLine('stranger', ['?'])]);
      const index = join(round, 'index.jsonl');
      const lines = readFileSync(index, 'utf8').trimEnd().split('\n');
      writeFileSync(index, `${lines.slice(1).join('\n')}\n`);
      await assert.rejects(bench.import(), /expected the 16 requests that round\.json lists, received 15/);
    }));

  it('refuses a folder without exports, a round without answers, and answers to something else', () =>
    inBench(async (bench) => {
      await assert.rejects(bench.import(), /expected a folder of exports/);
      assert.equal(existsSync(bench.out), false);
      const round = await bench.exportRound();
      await assert.rejects(bench.import(), /received no file of answers/);
      answerRound(round, () => [answerLine('stranger', ['?'])]);
      await assert.rejects(bench.import(), /received 16 answers to other requests/);
      await assert.rejects(bench.import([join(bench.out, 'nowhere.jsonl')]), /nowhere\.jsonl/);
      assert.equal(existsSync(join(round, 'import.json')), false);
    }));
});
