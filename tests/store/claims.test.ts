import assert from 'node:assert/strict';
import { appendFile, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { thisProcess } from '../../lib/src/core/process-identity.js';
import { claimOf, Claims } from '../../lib/src/store/claims.js';
import { encodeRecord } from '../../lib/src/store/claim-table.js';
import { ClaimsLog } from '../../lib/src/store/claims-log.js';
import { CompletionStore } from '../../lib/src/store/index.js';
import { holdStore } from '../../lib/src/store/store-lock.js';
import { NEVER } from '../fixtures/scripted-endpoint.js';
import { inTemporaryFolder } from '../fixtures/temporary-folder.js';
import { entry, withStore } from './store-fixture.js';

/** Two stores of one folder: for the log of claims they are two members, whatever their process. */
function withTwoStores(
  test: (stores: { first: CompletionStore; second: CompletionStore; folder: string }) => Promise<void>,
): Promise<void> {
  return inTemporaryFolder((folder) =>
    withStore(folder, 'first', (first) =>
      withStore(folder, 'second', (second) => test({ first, second, folder })),
    ),
  );
}

/** Whether a promise settles within two rounds of looking at the log. */
async function settlesSoon(promise: Promise<unknown>): Promise<boolean> {
  const settled = promise.then(
    () => true,
    () => true,
  );
  return Promise.race([settled, sleep(120, false)]);
}

const logOf = (folder: string): string => join(folder, 'claims.log');

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
      // Releases are written a few milliseconds later; a claim of the same store takes them along.
      (await first.claim('m', 'other', NEVER)).release();
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

  it('of a process that died are taken over, also where several died one behind the other', () =>
    withTwoStores(async ({ first, folder }) => {
      assert.deepEqual(await first.getAll('m', ['key-1']), [null]);
      (await first.claim('m', 'other', NEVER)).release();
      const dead = [
        { pid: 2 ** 22 + 1, startedAt: null },
        { ...(await thisProcess()), startedAt: 'long ago' },
      ];
      for (const [i, process] of dead.entries()) {
        const member = `deadone${i}`;
        const joined = encodeRecord({ kind: 'joined', member, process });
        const claimed = encodeRecord({ kind: 'claimed', member, claim: claimOf('m', 'a') });
        await appendFile(logOf(folder), `\n${joined}\n${claimed}\n`);
      }
      await withStore(folder, 'dead', (store) => store.put('m', [entry(1)]));
      const { release } = await first.claim('m', 'a', NEVER);
      // A dead one may have put something before it died.
      assert.deepEqual(await first.getAll('m', ['key-1']), [entry(1).completion]);
      release();
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

  it('lose nothing to a record that another process left torn', () =>
    withTwoStores(async ({ first, second, folder }) => {
      (await first.claim('m', 'other', NEVER)).release();
      await appendFile(logOf(folder), 'Cdeadone0abc');
      const held = await first.claim('m', 'a', NEVER);
      const waiting = second.claim('m', 'a', NEVER);
      assert.equal(await settlesSoon(waiting), false);
      held.release();
      (await waiting).release();
    }));

  it('are announced again where somebody who cannot see this process has started the log anew', () =>
    withTwoStores(async ({ first, second, folder }) => {
      const held = await first.claim('m', 'a', NEVER);
      await truncate(logOf(folder), 0);
      (await first.claim('m', 'b', NEVER)).release();
      const waiting = second.claim('m', 'a', NEVER);
      assert.equal(await settlesSoon(waiting), false);
      held.release();
      (await waiting).release();
    }));

  it('many at once share a few writes of the log', () =>
    inTemporaryFolder(async (folder) => {
      const claims = new Claims(folder);
      await claims.join();
      const { size } = await stat(logOf(folder));
      const all = await Promise.all(
        Array.from({ length: 1000 }, (_, i) => claims.claim(claimOf('m', String(i)), NEVER)),
      );
      const text = (await readFile(logOf(folder), 'utf8')).slice(size);
      // Each write begins with a line end, which leaves an empty line.
      assert.equal(text.split('\n\n').length, 1);
      assert.equal(text.split('\n').filter((line) => line.startsWith('C')).length, 1000);
      for (const { release } of all) release();
      await claims.close();
    }));

  it('say what to do when the log cannot be written', () =>
    inTemporaryFolder(async (folder) => {
      await writeFile(join(folder, 'file'), '');
      const claims = new Claims(join(folder, 'file'));
      await assert.rejects(claims.claim(claimOf('m', 'a'), NEVER), /expected a writable path/);
      await claims.close();
    }));
});

describe('the log of claims', () => {
  it('starts anew with the first member after all others have left or died', () =>
    inTemporaryFolder(async (folder) => {
      await appendFile(logOf(folder), 'Rdeadone0'.padEnd(31, 'x').concat('\n').repeat(1000));
      const log = await ClaimsLog.join(folder, { signal: NEVER });
      assert.ok((await stat(logOf(folder))).size < 200);
      log.leave();
    }));

  it('starts anew when it is long and nobody else uses it, with what is still claimed', () =>
    inTemporaryFolder(async (folder) => {
      const log = await ClaimsLog.join(folder, { signal: NEVER, longBytes: 10_000 });
      const held = claimOf('m', 'held');
      log.announce([{ kind: 'claimed', claim: held }]);
      for (let i = 0; !log.isLong; i++) {
        const claim = claimOf('m', String(i));
        log.announce([
          { kind: 'claimed', claim },
          { kind: 'released', claim },
        ]);
      }
      const other = await ClaimsLog.join(folder, { signal: NEVER });
      await log.compact(NEVER);
      assert.ok((await stat(logOf(folder))).size > 10_000, 'not while another uses it');
      other.leave();
      await log.compact(NEVER);
      assert.ok((await stat(logOf(folder))).size < 300);
      assert.equal(log.holds(held), true);
      // Whoever joins now comes to the same.
      const late = await ClaimsLog.join(folder, { signal: NEVER });
      late.announce([{ kind: 'claimed', claim: held }]);
      log.catchUp();
      assert.deepEqual([log.holds(held), late.holds(held)], [true, false]);
      log.leave();
      late.catchUp();
      assert.equal(late.holds(held), true);
      late.leave();
    }));

  it('can be joined only after one who holds the store for itself', () =>
    inTemporaryFolder(async (folder) => {
      const giveBack = await holdStore(folder, NEVER);
      const joining = ClaimsLog.join(folder, { signal: NEVER });
      assert.equal(await settlesSoon(joining), false);
      await giveBack();
      const log = await joining;
      await assert.rejects(
        holdStore(folder, NEVER),
        new RegExp(`expected completions that no other process is using, received process ${process.pid}`),
      );
      log.leave();
      await (
        await holdStore(folder, NEVER)
      )();
    }));
});
