import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readLedger, spendingByStage, SpendingLedger } from '../../lib/src/store/spending-ledger.js';
import { inTemporaryFolder } from '../fixtures/temporary-folder.js';

const request = (promptTokens: number, costUsd: number | null = 0.25) => ({
  model: 'judge',
  promptTokens,
  completionTokens: 10,
  costUsd,
});

/** Runs a test with the path of a ledger that is not there yet. */
function withPath(test: (path: string) => Promise<void>): Promise<void> {
  return inTemporaryFolder((folder) => test(join(folder, 'run', 'spending.jsonl')));
}

describe('the spending ledger', () => {
  it('is there for the next attempt, by stage and in all', () =>
    withPath(async (path) => {
      const first = await SpendingLedger.open(path);
      first.startStage(0, 'evaluate');
      await Promise.all([first.record(request(1)), first.record(request(2))]);
      first.startStage(1, 'generate');
      await first.record(request(4));
      await first.close();

      const second = await SpendingLedger.open(path);
      assert.deepEqual(second.total(), {
        requests: 3,
        promptTokens: 7,
        completionTokens: 30,
        costUsd: 0.75,
      });
      second.startStage(1, 'generate');
      await second.record(request(8));
      const expected = [
        {
          iteration: 0,
          stage: 'evaluate',
          requests: 2,
          promptTokens: 3,
          completionTokens: 20,
          costUsd: 0.5,
        },
        {
          iteration: 1,
          stage: 'generate',
          requests: 2,
          promptTokens: 12,
          completionTokens: 20,
          costUsd: 0.5,
        },
      ];
      assert.deepEqual(second.byStage(), expected);
      await second.close();
      assert.deepEqual(spendingByStage((await readLedger(path)).entries), expected);
    }));

  it('writes what comes at once in one line for each model', () =>
    withPath(async (path) => {
      const ledger = await SpendingLedger.open(path);
      ledger.startStage(2, 'judge');
      const other = { ...request(5), model: 'other' };
      await Promise.all([
        ...Array.from({ length: 100 }, () => ledger.record(request(1))),
        ledger.record(other),
      ]);
      await ledger.close();
      const lines = (await readFile(path, 'utf8')).trimEnd().split('\n');
      assert.deepEqual(
        lines.map((line) => JSON.parse(line) as unknown),
        [
          {
            iteration: 2,
            stage: 'judge',
            model: 'judge',
            requests: 100,
            promptTokens: 100,
            completionTokens: 1000,
            costUsd: 25,
          },
          {
            iteration: 2,
            stage: 'judge',
            model: 'other',
            requests: 1,
            promptTokens: 5,
            completionTokens: 10,
            costUsd: 0.25,
          },
        ],
      );
    }));

  it('keeps what had a price apart from what had none, and says that the sum is not known', () =>
    withPath(async (path) => {
      const ledger = await SpendingLedger.open(path);
      await Promise.all([ledger.record(request(1)), ledger.record(request(2, null))]);
      assert.deepEqual(
        ledger.entries.map(({ promptTokens, costUsd }) => [promptTokens, costUsd]),
        [
          [1, 0.25],
          [2, null],
        ],
      );
      assert.equal(ledger.total().costUsd, null);
      assert.equal(ledger.byStage()[0]?.costUsd, null);
      await ledger.close();
    }));

  it('passes a torn line over, counts it, and does not write on into it', () =>
    withPath(async (path) => {
      const first = await SpendingLedger.open(path);
      await first.record(request(1));
      await first.close();
      await appendFile(path, '{"iteration":0,"stage":"ev');
      const second = await SpendingLedger.open(path);
      assert.equal(second.nDamaged, 1);
      assert.equal(second.total().requests, 1);
      await second.record(request(2));
      await second.close();
      const read = await readLedger(path);
      assert.deepEqual([read.nDamaged, read.isTorn], [1, false]);
      assert.equal(read.entries[0]?.promptTokens, 3);
    }));

  it('holds nothing where there is none, and reading makes none', () =>
    withPath(async (path) => {
      assert.deepEqual(await readLedger(path), { entries: [], nDamaged: 0, isTorn: false });
      await assert.rejects(readFile(path), { code: 'ENOENT' });
    }));

  it('has every payment that was settled before its process was killed', () =>
    withPath(async (path) => {
      const script = `import(${JSON.stringify(new URL('../../lib/src/store/spending-ledger.ts', import.meta.url).href)}).then(
        async ({ SpendingLedger }) => {
          const ledger = await SpendingLedger.open(${JSON.stringify(path)});
          for (let i = 0; ; i++) {
            await ledger.record({ model: 'judge', promptTokens: 1, completionTokens: 1, costUsd: 0 });
            process.stdout.write('.');
          }
        });`;
      const child = spawn(process.execPath, ['--import', 'tsx', '-e', script], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let nSettled = 0;
      child.stdout.on('data', (chunk: Buffer) => {
        nSettled += chunk.length;
        if (nSettled >= 20) child.kill('SIGKILL');
      });
      await once(child, 'close');
      const { entries } = await readLedger(path);
      assert.ok(nSettled >= 20);
      assert.ok(
        (entries[0]?.requests ?? 0) >= nSettled,
        `${entries[0]?.requests} written, ${nSettled} settled`,
      );
    }));
});
