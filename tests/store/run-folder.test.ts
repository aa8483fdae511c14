import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { DataError } from '../../lib/src/core/errors.js';
import { RunFolder } from '../../lib/src/store/index.js';
import { inTemporaryFolder } from '../fixtures/temporary-folder.js';

describe('the folder of a run', () => {
  it('is held by one at a time, this very process included', () =>
    inTemporaryFolder(async (path) => {
      const folder = new RunFolder(path);
      const unlock = await folder.lock();
      await assert.rejects(folder.lock(), /another call in this process is working on it/);
      await unlock();
      const again = await folder.lock();
      await again();
      assert.deepEqual(await readdir(path), []);
    }));

  it('is taken by exactly one of many', () =>
    inTemporaryFolder(async (path) => {
      const attempts = await Promise.allSettled(Array.from({ length: 20 }, () => new RunFolder(path).lock()));
      assert.equal(attempts.filter(({ status }) => status === 'fulfilled').length, 1);
    }));

  for (const [what, lock] of [
    ['of a process that is gone', JSON.stringify({ pid: 2 ** 22 + 1, startedAt: null })],
    ['of another process that had this id', JSON.stringify({ pid: process.pid, startedAt: 'long ago' })],
    ['that nobody can read', '{'],
  ] as const) {
    it(`is taken over from a lock ${what}, by exactly one of many`, () =>
      inTemporaryFolder(async (path) => {
        await writeFile(join(path, 'run.lock.1'), lock);
        const attempts = await Promise.allSettled(
          Array.from({ length: 20 }, () => new RunFolder(path).lock()),
        );
        assert.equal(attempts.filter(({ status }) => status === 'fulfilled').length, 1);
        assert.deepEqual((await readdir(path)).sort(), ['run.lock.1', 'run.lock.2']);
      }));
  }

  it('gives back only its own lock', () =>
    inTemporaryFolder(async (path) => {
      const unlock = await new RunFolder(path).lock();
      await writeFile(join(path, 'run.lock.1'), 'of somebody else');
      await unlock();
      assert.equal(await readFile(join(path, 'run.lock.1'), 'utf8'), 'of somebody else');
    }));

  it('says what is wrong with a file that does not fit, and knows one that is not there', () =>
    inTemporaryFolder(async (path) => {
      const folder = new RunFolder(path);
      const schema = z.strictObject({ a: z.int() });
      assert.equal(await folder.readJson('x.json', schema), null);
      await folder.writeJson('x.json', { a: 'text' });
      await assert.rejects(folder.readJson('x.json', schema), (thrown: unknown) => {
        assert.ok(thrown instanceof DataError);
        assert.match(thrown.message, /x\.json: .*a: expected/);
        return true;
      });
    }));
});
