import assert from 'node:assert/strict';
import { appendFile, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256 } from '../../lib/src/core/hash.js';
import { CompletionStore } from '../../lib/src/store/index.js';
import { describeCompletionCache } from '../contracts/completion-cache.js';
import { memoryCache } from '../fixtures/scripted-endpoint.js';
import { inTemporaryFolder } from '../fixtures/temporary-folder.js';

describeCompletionCache('the completion store', (test) =>
  inTemporaryFolder(async (folder) => {
    const store = new CompletionStore({ folder, segmentName: 'one' });
    await test(store);
    await store.close();
  }),
);
describeCompletionCache('the cache of the tests', (test) => test(memoryCache()));

const entry = (i: number): { key: string; completion: { text: string; finishReason: string } } => ({
  key: `key-${i}`,
  completion: { text: `text ${i}`, finishReason: 'stop' },
});

async function segmentsOf(folder: string): Promise<string[]> {
  const [partition] = await readdir(folder);
  return (await readdir(join(folder, partition!))).map((name) => join(folder, partition!, name));
}

describe('the completion store', () => {
  it('is there for the next process, which writes to a segment of its own', () =>
    inTemporaryFolder(async (folder) => {
      const first = new CompletionStore({ folder, segmentName: 'first' });
      await first.put('m', [entry(1)]);
      const second = new CompletionStore({ folder, segmentName: 'second' });
      assert.equal((await second.get('m', 'key-1'))?.text, 'text 1');
      await Promise.all([first.put('m', [entry(2)]), second.put('m', [entry(3)])]);
      await Promise.all([first.close(), second.close()]);
      const third = new CompletionStore({ folder, segmentName: 'third' });
      for (const i of [1, 2, 3]) assert.equal((await third.get('m', `key-${i}`))?.text, `text ${i}`);
      assert.equal((await segmentsOf(folder)).length, 2);
    }));

  it('has an entry on disk before put resolves', () =>
    inTemporaryFolder(async (folder) => {
      const store = new CompletionStore({ folder, segmentName: 'one' });
      await store.put('m', [entry(1)]);
      const [segment] = await segmentsOf(folder);
      assert.match(await readFile(segment!, 'utf8'), /text 1/);
      await store.close();
    }));

  it('loses only the torn or changed lines, and counts them', () =>
    inTemporaryFolder(async (folder) => {
      const store = new CompletionStore({ folder, segmentName: 'one' });
      for (const i of [1, 2, 3]) await store.put('m', [entry(i)]);
      await store.close();
      const [segment] = await segmentsOf(folder);
      const text = await readFile(segment!, 'utf8');
      await writeFile(segment!, text.replace('text 2', 'text 9'));
      await appendFile(segment!, text.split('\n')[0]!.slice(0, 30));
      const again = new CompletionStore({ folder, segmentName: 'two' });
      assert.equal((await again.get('m', 'key-1'))?.text, 'text 1');
      assert.equal(await again.get('m', 'key-2'), null);
      assert.equal((await again.get('m', 'key-3'))?.text, 'text 3');
      assert.equal(await again.nDamaged(), 2);
    }));

  it('has the entries of one put together or not at all', () =>
    inTemporaryFolder(async (folder) => {
      const store = new CompletionStore({ folder, segmentName: 'one' });
      await store.put('m', [entry(1)]);
      await store.put('m', [entry(2), entry(3), entry(4)]);
      await store.close();
      const [segment] = await segmentsOf(folder);
      const text = await readFile(segment!, 'utf8');
      await writeFile(segment!, text.slice(0, text.lastIndexOf('text 4')));
      const again = new CompletionStore({ folder, segmentName: 'two' });
      assert.equal((await again.get('m', 'key-1'))?.text, 'text 1');
      for (const i of [2, 3, 4]) assert.equal(await again.get('m', `key-${i}`), null);
      assert.equal(await again.nDamaged(), 1);
    }));

  it('reads back texts with every kind of line end inside', () =>
    inTemporaryFolder(async (folder) => {
      const completion = { text: 'a\u2028b\u2029c\r\nd\u0085e', finishReason: 'stop' };
      const store = new CompletionStore({ folder, segmentName: 'one' });
      await store.put('m', [{ key: 'k', completion }]);
      await store.close();
      const again = new CompletionStore({ folder, segmentName: 'two' });
      assert.deepEqual(await again.get('m', 'k'), completion);
      assert.equal(await again.nDamaged(), 0);
    }));

  it('reads lines that were written before completions had tokens, and later ones beside them', () =>
    inTemporaryFolder(async (folder) => {
      const store = new CompletionStore({ folder, segmentName: 'one' });
      const tokens = [{ text: 'A', logprob: -0.25, alternatives: [{ text: 'B', logprob: -1.5 }] }];
      await store.put('m', [{ key: 'new', completion: { text: 'A', finishReason: 'stop', tokens } }]);
      await store.close();
      const [segment] = await segmentsOf(folder);
      // A line of version 0.1.0: key, text and reason.
      const json = '[["old","text","stop"]]';
      await appendFile(segment!, `${sha256(json).slice(0, 8)} ${json}\n`);
      const again = new CompletionStore({ folder, segmentName: 'two' });
      assert.deepEqual(await again.get('m', 'old'), { text: 'text', finishReason: 'stop' });
      assert.deepEqual((await again.get('m', 'new'))?.tokens, tokens);
      assert.equal(await again.nDamaged(), 0);
    }));

  it('says what to do when its folder is in fact a file', () =>
    inTemporaryFolder(async (folder) => {
      await writeFile(join(folder, 'file'), '');
      const store = new CompletionStore({ folder: join(folder, 'file'), segmentName: 'one' });
      await assert.rejects(store.put('m', [entry(1)]), /expected a writable path/);
    }));
});
