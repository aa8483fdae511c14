import assert from 'node:assert/strict';
import { appendFile, readFile, truncate, writeFile } from 'node:fs/promises';
import { sha256 } from '../../lib/src/core/hash.js';
import { inTemporaryFolder } from '../fixtures/temporary-folder.js';
import { entry, filesOf, fill, textsIn, withStore } from './store-fixture.js';

const text = (i: number): string => `text ${i}`;

describe('the completion store with damage', () => {
  it('loses only the torn or changed lines, and counts them', () =>
    inTemporaryFolder(async (folder) => {
      await fill(folder, 'one', 1, 4);
      const [segment] = await filesOf(folder);
      const written = await readFile(segment!, 'utf8');
      await writeFile(segment!, written.replace('text 2', 'text 9'));
      await appendFile(segment!, written.split('\n')[0]!.slice(0, 30));
      await withStore(folder, 'two', async (store) => {
        const found = await store.getAll('m', ['key-1', 'key-2', 'key-3']);
        assert.deepEqual(
          found.map((completion) => completion?.text),
          ['text 1', undefined, 'text 3'],
        );
        assert.equal(await store.nDamaged(), 2);
        // A damaged line counts once, however often it is asked for.
        await store.getAll('m', ['key-2']);
        assert.equal(await store.nDamaged(), 2);
      });
    }));

  for (const [what, at] of [
    ['checksum', 0],
    ['blank behind the checksum', 8],
    ['bracket', 9],
    ['key', 12],
    ['text', 20],
    ['line end', -1],
  ] as const) {
    it(`loses at most the lines at a flipped bit of a ${what}, in whatever order they were read before`, () =>
      inTemporaryFolder(async (folder) => {
        await fill(folder, 'one', 0, 5);
        const [segment] = await filesOf(folder);
        const bytes = await readFile(segment!);
        const lineBytes = bytes.length / 5;
        const position = 2 * lineBytes + (at < 0 ? lineBytes + at : at);
        bytes.writeUInt8(bytes.readUInt8(position) ^ 1, position);
        await writeFile(segment!, bytes);
        // Without its end, a line runs into the next.
        const expected = [0, 1, 2, 3, 4].map((i) =>
          i === 2 || (i === 3 && what === 'line end') ? null : text(i),
        );
        assert.deepEqual(await textsIn(folder, 0, 5), expected);
      }));
  }

  it('finds damage that comes after it was opened', () =>
    inTemporaryFolder(async (folder) => {
      await fill(folder, 'one', 0, 2);
      await withStore(folder, 'two', async (store) => {
        assert.deepEqual(await store.getAll('m', ['absent']), [null]);
        const [segment] = await filesOf(folder);
        await writeFile(segment!, (await readFile(segment!, 'utf8')).replace('text 0', 'text 9'));
        const found = await store.getAll('m', ['key-0', 'key-1']);
        assert.deepEqual(found, [null, entry(1).completion]);
        // What is damaged can be put again.
        await store.put('m', [entry(0)]);
        assert.deepEqual(await store.getAll('m', ['key-0']), [entry(0).completion]);
        assert.equal(await store.nDamaged(), 1);
      });
    }));

  it('has the entries of one put together or not at all', () =>
    inTemporaryFolder(async (folder) => {
      await withStore(folder, 'one', async (store) => {
        await store.put('m', [entry(1)]);
        await store.put('m', [entry(2), entry(3), entry(4)]);
      });
      const [segment] = await filesOf(folder);
      const written = await readFile(segment!, 'utf8');
      await truncate(segment!, written.lastIndexOf('text 4'));
      assert.deepEqual(await textsIn(folder, 1, 5), ['text 1', null, null, null]);
      await withStore(folder, 'two', async (store) => {
        await store.getAll('m', []);
        assert.equal(await store.nDamaged(), 1);
      });
    }));

  it('takes a last line that lacks nothing but its end', () =>
    inTemporaryFolder(async (folder) => {
      await fill(folder, 'one', 0, 2);
      const [segment] = await filesOf(folder);
      await truncate(segment!, (await readFile(segment!)).length - 1);
      assert.deepEqual(await textsIn(folder, 0, 2), [0, 1].map(text));
    }));

  it('takes in a line that another process was still writing when it was opened', () =>
    inTemporaryFolder(async (folder) => {
      await fill(folder, 'one', 0, 2);
      const [segment] = await filesOf(folder);
      const written = await readFile(segment!);
      await truncate(segment!, written.length - 10);
      await withStore(folder, 'two', async (store) => {
        assert.deepEqual(await store.getAll('m', ['key-0', 'key-1']), [entry(0).completion, null]);
        await appendFile(segment!, written.subarray(-10));
        assert.equal(await store.nDamaged(), 0);
        assert.deepEqual(await store.getAll('m', ['key-1']), [entry(1).completion]);
      });
    }));

  it('passes over a line whose checksum is right and whose content is not', () =>
    inTemporaryFolder(async (folder) => {
      await fill(folder, 'one', 0, 1);
      const [segment] = await filesOf(folder);
      for (const json of ['[["key-1"', '{}', '[["key-1",2,"stop"]]'])
        await appendFile(segment!, `${sha256(json).slice(0, 8)} ${json}\n`);
      await withStore(folder, 'two', async (store) => {
        assert.deepEqual(await store.getAll('m', ['key-0', 'key-1']), [entry(0).completion, null]);
        assert.equal(await store.nDamaged(), 3);
      });
    }));
});
