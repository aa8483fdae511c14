import assert from 'node:assert/strict';
import { appendFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { sha256 } from '../../lib/src/core/hash.js';
import { CompletionStore } from '../../lib/src/store/index.js';
import { describeCompletionCache } from '../contracts/completion-cache.js';
import { memoryCache } from '../fixtures/scripted-endpoint.js';
import { inTemporaryFolder } from '../fixtures/temporary-folder.js';
import { entries, entry, filesOf, fill, textsIn, withStore } from './store-fixture.js';

describeCompletionCache('the completion store', (test) =>
  inTemporaryFolder((folder) => withStore(folder, 'one', test)),
);
describeCompletionCache('the completion store, reopened before it is read', (test) =>
  inTemporaryFolder(async (folder) => {
    let store = new CompletionStore({ folder, segmentName: 'one' });
    await test({
      getAll: async (partition, keys) => {
        await store.close();
        store = new CompletionStore({ folder, segmentName: 'one' });
        return store.getAll(partition, keys);
      },
      put: (partition, added) => store.put(partition, added),
      claim: (partition, name, signal) => store.claim(partition, name, signal),
    });
    await store.close();
  }),
);
describeCompletionCache('the cache of the tests', (test) => test(memoryCache()));

const text = (i: number): string => `text ${i}`;

describe('the completion store', () => {
  it('is there for the next process, which writes to a segment of its own', () =>
    inTemporaryFolder(async (folder) => {
      const first = new CompletionStore({ folder, segmentName: 'first' });
      await first.put('m', [entry(1)]);
      const second = new CompletionStore({ folder, segmentName: 'second' });
      assert.deepEqual(await second.getAll('m', ['key-1']), [entry(1).completion]);
      await Promise.all([first.put('m', [entry(2)]), second.put('m', [entry(3)])]);
      await Promise.all([first.close(), second.close()]);
      assert.deepEqual(await textsIn(folder, 1, 4), [1, 2, 3].map(text));
      assert.equal((await filesOf(folder)).length, 2);
    }));

  it('never writes to a segment that is there, even where the name is the same', () =>
    inTemporaryFolder(async (folder) => {
      await fill(folder, 'same', 0, 1);
      await fill(folder, 'same', 1, 2);
      assert.equal((await filesOf(folder)).length, 2);
      assert.deepEqual(await textsIn(folder, 0, 2), [0, 1].map(text));
    }));

  it('has an entry on disk before put resolves', () =>
    inTemporaryFolder((folder) =>
      withStore(folder, 'one', async (store) => {
        await store.put('m', [entry(1)]);
        const [segment] = await filesOf(folder);
        assert.match(await readFile(segment!, 'utf8'), /text 1/);
      }),
    ));

  it('makes nothing on disk as long as it is only read', () =>
    inTemporaryFolder(async (folder) => {
      assert.deepEqual(await textsIn(join(folder, 'store'), 0, 1), [null]);
      assert.deepEqual(await readdir(folder), []);
    }));

  it('writes down whose completions a partition holds, without a password that is in the address', () =>
    inTemporaryFolder(async (folder) => {
      await withStore(folder, 'one', (store) => store.put('http://user:secret@host:1/v1:model', [entry(1)]));
      const [identity] = await filesOf(folder, 'partition.json');
      assert.deepEqual(JSON.parse(await readFile(identity!, 'utf8')), {
        partition: 'http://host:1/v1:model',
      });
    }));

  it('gives the later of two completions of one key, in one segment and across segments', () =>
    inTemporaryFolder(async (folder) => {
      const put = (segmentName: string, ...texts: string[]): Promise<void> =>
        withStore(folder, segmentName, async (store) => {
          for (const each of texts)
            await store.put('m', [{ key: 'k', completion: { text: each, finishReason: 'stop' } }]);
        });
      const found = (): Promise<(string | undefined)[]> =>
        withStore(folder, 'reader', async (store) => (await store.getAll('m', ['k'])).map((c) => c?.text));
      await put('b', 'first', 'second');
      assert.deepEqual(await found(), ['second']);
      await put('a', 'of an earlier segment');
      assert.deepEqual(await found(), ['second']);
      await put('c', 'of a later segment');
      assert.deepEqual(await found(), ['of a later segment']);
    }));

  it('reads back texts with every kind of line end inside, and half of a surrogate pair', () =>
    inTemporaryFolder(async (folder) => {
      const completion = { text: 'a\u2028b\u2029c\r\nd\u0085e\ud800', finishReason: 'stop' };
      await withStore(folder, 'one', (store) => store.put('m', [{ key: 'k', completion }]));
      await withStore(folder, 'two', async (store) => {
        assert.deepEqual(await store.getAll('m', ['k']), [completion]);
        assert.equal(await store.nDamaged(), 0);
      });
    }));

  it('reads back lines that are longer than a block and than a chunk', () =>
    inTemporaryFolder(async (folder) => {
      // Blocks have 256 KiB, chunks 1 MiB.
      const sizes = [100, 300_000, 200_000, 2_500_000, 100];
      await withStore(folder, 'one', async (store) => {
        for (const [i, size] of sizes.entries()) await store.put('m', entries(i, i + 1, size));
      });
      const asked = [0, 1, 2, 3, 4, 4, 3, 2, 1, 0].map((i) => `key-${i}`);
      const lengths = (): Promise<(number | undefined)[]> =>
        withStore(folder, 'two', async (store) =>
          (await store.getAll('m', asked)).map((found) => found?.text.length),
        );
      assert.deepEqual(await lengths(), [...sizes, ...sizes.toReversed()]);
      for (const index of await filesOf(folder, '.index')) await rm(index);
      assert.deepEqual(await lengths(), [...sizes, ...sizes.toReversed()]);
    }));

  it('reads lines that were written before completions had tokens, and later ones beside them', () =>
    inTemporaryFolder(async (folder) => {
      const tokens = [{ text: 'A', logprob: -0.25, alternatives: [{ text: 'B', logprob: -1.5 }] }];
      await withStore(folder, 'one', (store) =>
        store.put('m', [{ key: 'new', completion: { text: 'A', finishReason: 'stop', tokens } }]),
      );
      const [segment] = await filesOf(folder);
      // An early line: key, text and reason, with the start of their SHA-256.
      const json = '[["old","text","stop"]]';
      await appendFile(segment!, `${sha256(json).slice(0, 8)} ${json}\n`);
      await withStore(folder, 'two', async (store) => {
        const [old, recent] = await store.getAll('m', ['old', 'new']);
        assert.deepEqual(old, { text: 'text', finishReason: 'stop' });
        assert.deepEqual(recent?.tokens, tokens);
        assert.equal(await store.nDamaged(), 0);
      });
    }));

  it('goes on where segments are merged under its hands', () =>
    inTemporaryFolder(async (folder) => {
      await fill(folder, 'a', 0, 1);
      await fill(folder, 'b', 1, 2);
      await withStore(folder, 'reader', async (store) => {
        await store.getAll('m', []);
        const [a, b] = await filesOf(folder);
        await writeFile(
          join(dirname(a!), 'c.jsonl'),
          Buffer.concat([await readFile(a!), await readFile(b!)]),
        );
        await rm(a!);
        await rm(b!);
        const found = await store.getAll('m', ['key-0', 'key-1']);
        assert.deepEqual(found, [entry(0).completion, entry(1).completion]);
      });
    }));

  it('says what to do when its folder is in fact a file, and when it is asked after it was closed', () =>
    inTemporaryFolder(async (folder) => {
      await writeFile(join(folder, 'file'), '');
      const store = new CompletionStore({ folder: join(folder, 'file'), segmentName: 'one' });
      await assert.rejects(store.put('m', [entry(1)]), /expected a writable path/);
      await assert.rejects(store.getAll('m', ['key-1']), /expected a readable file or folder/);
      await store.close();
      await assert.rejects(store.put('m', [entry(1)]), /the completion store is closed/);
      await assert.rejects(store.getAll('m', ['key-1']), /the completion store is closed/);
    }));

  it('works again once what was in its way is gone', () =>
    inTemporaryFolder(async (folder) => {
      const place = join(folder, 'store');
      await writeFile(place, '');
      await withStore(place, 'one', async (store) => {
        await assert.rejects(store.getAll('m', ['key-1']));
        await assert.rejects(store.put('m', [entry(1)]));
        await rm(place);
        await mkdir(place);
        await store.put('m', [entry(1)]);
        assert.deepEqual(await store.getAll('m', ['key-1']), [entry(1).completion]);
      });
    }));
});
