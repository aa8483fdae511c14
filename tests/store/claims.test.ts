import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { link, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { thisProcess, type ProcessIdentity } from '../../lib/src/core/process-identity.js';
import { claimOf, Claims } from '../../lib/src/store/claims.js';
import { CompletionStore } from '../../lib/src/store/index.js';
import { claimsFolder, lockStore, usersFolder } from '../../lib/src/store/store-lock.js';
import { NEVER } from '../fixtures/scripted-endpoint.js';
import { inTemporaryFolder } from '../fixtures/temporary-folder.js';
import { entry, withStore } from './store-fixture.js';

/** Two stores of one folder: their claims are apart, as those of two processes are. */
function withTwoStores(
  test: (stores: { first: CompletionStore; second: CompletionStore; folder: string }) => Promise<void>,
): Promise<void> {
  return inTemporaryFolder((folder) =>
    withStore(folder, 'first', (first) =>
      withStore(folder, 'second', (second) => test({ first, second, folder })),
    ),
  );
}

/** Whether a promise settles within two rounds of looking. */
async function settlesSoon(promise: Promise<unknown>): Promise<boolean> {
  const settled = promise.then(
    () => true,
    () => true,
  );
  return Promise.race([settled, sleep(120, false)]);
}

/** Beyond the ids that Linux gives out. */
const NO_PID = 2 ** 22 + 1;

/** What a process that was killed leaves behind. */
async function leaveDead(folder: string, process: ProcessIdentity, names: readonly string[]): Promise<void> {
  const user = join(usersFolder(folder), randomUUID());
  for (const place of [usersFolder(folder), claimsFolder(folder)]) await mkdir(place, { recursive: true });
  await writeFile(user, JSON.stringify(process));
  for (const name of names) await link(user, join(claimsFolder(folder), claimOf('m', name)));
}

describe('claims on completions', () => {
  it('are granted at once where nobody else has them, and may be given back twice', () =>
    withTwoStores(async ({ first }) => {
      for (const name of ['a', 'b', 'a']) {
        const { release } = await first.claim('m', name, NEVER);
        release();
        release();
      }
    }));

  it('wait until another store gives them back, and then find what it has put', () =>
    withTwoStores(async ({ first, second }) => {
      assert.deepEqual(await second.getAll('m', ['key-1']), [null]);
      const held = await first.claim('m', 'a', NEVER);
      const waiting = second.claim('m', 'a', NEVER);
      assert.equal(await settlesSoon(waiting), false);
      await first.put('m', [entry(1)]);
      held.release();
      const { release } = await waiting;
      assert.deepEqual(await second.getAll('m', ['key-1']), [entry(1).completion]);
      release();
    }));

  it('bring what another store has put and given back since it was not found', () =>
    withTwoStores(async ({ first, second }) => {
      assert.deepEqual(await second.getAll('m', ['key-1', 'key-2']), [null, null]);
      for (const i of [1, 2]) {
        const { release } = await first.claim('m', `name-${i}`, NEVER);
        await first.put('m', [entry(i)]);
        release();
      }
      for (const i of [1, 2]) {
        const { release } = await second.claim('m', `name-${i}`, NEVER);
        assert.deepEqual(await second.getAll('m', [`key-${i}`]), [entry(i).completion]);
        release();
      }
    }));

  it('bring what a store that is closed by now has put', () =>
    inTemporaryFolder((folder) =>
      withStore(folder, 'second', async (second) => {
        assert.deepEqual(await second.getAll('m', ['key-1']), [null]);
        await withStore(folder, 'first', (first) => first.put('m', [entry(1)]));
        await second.claim('m', 'a', NEVER);
        assert.deepEqual(await second.getAll('m', ['key-1']), [entry(1).completion]);
      }),
    ));

  it('keep names, and names of different models, apart', () =>
    withTwoStores(async ({ first, second }) => {
      await first.claim('m', 'a', NEVER);
      await second.claim('m', 'b', NEVER);
      await second.claim('other', 'a', NEVER);
    }));

  it('are given one after the other to callers of one store', () =>
    withTwoStores(async ({ first }) => {
      const order: string[] = [];
      const work = async (name: string): Promise<void> => {
        const { release } = await first.claim('m', 'a', NEVER);
        order.push(`${name} in`);
        await sleep(5);
        order.push(`${name} out`);
        release();
      };
      await Promise.all([work('x'), work('y'), work('z')]);
      assert.deepEqual(order, ['x in', 'x out', 'y in', 'y out', 'z in', 'z out']);
    }));

  it('are free once their store is closed, released or not', () =>
    withTwoStores(async ({ second, folder }) => {
      await withStore(folder, 'third', (third) => third.claim('m', 'a', NEVER));
      await second.claim('m', 'a', NEVER);
    }));

  it('of a process that died are taken over, also where its id was given to another process', () =>
    withTwoStores(async ({ first, folder }) => {
      assert.deepEqual(await first.getAll('m', ['key-1']), [null]);
      (await first.claim('m', 'other', NEVER)).release();
      await leaveDead(folder, { pid: NO_PID, startedAt: null }, ['a']);
      await leaveDead(folder, { ...(await thisProcess()), startedAt: 'long ago' }, ['b']);
      await withStore(folder, 'dead', (store) => store.put('m', [entry(1)]));
      for (const name of ['a', 'b']) {
        const { release } = await first.claim('m', name, NEVER);
        // A dead one may have put something before it died.
        assert.deepEqual(await first.getAll('m', ['key-1']), [entry(1).completion]);
        release();
      }
    }));

  it('stop waiting when their signal aborts, and hand the claim on to others', () =>
    withTwoStores(async ({ first, second, folder }) => {
      const held = await first.claim('m', 'a', NEVER);
      const stop = new AbortController();
      const here = first.claim('m', 'a', stop.signal);
      const there = second.claim('m', 'a', stop.signal);
      await withStore(folder, 'third', async (third) => {
        await settlesSoon(there);
        const behind = third.claim('m', 'a', NEVER);
        const reason = new Error('enough');
        stop.abort(reason);
        await assert.rejects(here, reason);
        await assert.rejects(there, reason);
        await assert.rejects(second.claim('m', 'b', stop.signal), reason);
        held.release();
        (await behind).release();
      });
    }));

  it('stop waiting when their store is closed', () =>
    withTwoStores(async ({ first, folder }) => {
      const held = await first.claim('m', 'a', NEVER);
      const other = new CompletionStore({ folder, segmentName: 'other' });
      const waiting = assert.rejects(other.claim('m', 'a', NEVER), /the completion store is closed/);
      await sleep(20);
      await other.close();
      await waiting;
      held.release();
      await assert.rejects(other.claim('m', 'a', NEVER), /the completion store is closed/);
    }));

  it('survive that somebody who cannot see this process removes its file', () =>
    withTwoStores(async ({ first, second, folder }) => {
      const held = await first.claim('m', 'a', NEVER);
      for (const name of await readdir(usersFolder(folder))) await rm(join(usersFolder(folder), name));
      (await first.claim('m', 'b', NEVER)).release();
      const waiting = second.claim('m', 'a', NEVER);
      assert.equal(await settlesSoon(waiting), false);
      held.release();
      (await waiting).release();
    }));

  it('leave nothing behind once they are given back, and the next process removes what the dead left', () =>
    inTemporaryFolder(async (folder) => {
      await withStore(folder, 'one', async (store) => {
        const all = await Promise.all(
          Array.from({ length: 1000 }, (_, i) => store.claim('m', String(i), NEVER)),
        );
        assert.equal((await readdir(claimsFolder(folder))).length, 1000);
        for (const { release } of all) release();
        assert.deepEqual(await readdir(claimsFolder(folder)), []);
      });
      await leaveDead(folder, { pid: NO_PID, startedAt: null }, ['a', 'b']);
      await withStore(folder, 'two', async (store) => {
        (await store.claim('m', 'other', NEVER)).release();
        assert.deepEqual(await readdir(claimsFolder(folder)), []);
        assert.equal((await readdir(usersFolder(folder))).length, 1);
      });
    }));

  it('say what to do when they cannot be written', () =>
    inTemporaryFolder(async (folder) => {
      await writeFile(join(folder, 'file'), '');
      const claims = new Claims(join(folder, 'file'));
      await assert.rejects(claims.claim(claimOf('m', 'a'), NEVER), /expected a writable path/);
      await claims.close();
    }));
});

describe('a store that one process holds for itself', () => {
  it('can be joined only when it was given back, and cannot be held while another process uses it', () =>
    inTemporaryFolder(async (folder) => {
      const giveBack = await lockStore(folder, { alone: true, signal: NEVER });
      const claims = new Claims(folder);
      const joining = claims.join();
      assert.equal(await settlesSoon(joining), false);
      await giveBack();
      await joining;
      await assert.rejects(
        lockStore(folder, { alone: true, signal: NEVER }),
        new RegExp(`expected completions that no other process is using, received process ${process.pid}`),
      );
      await claims.close();
      await (
        await lockStore(folder, { alone: true, signal: NEVER })
      )();
    }));
});
