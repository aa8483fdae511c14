import assert from 'node:assert/strict';
import { open, readdir, readFile } from 'node:fs/promises';
import { DataError } from '../../lib/src/core/errors.js';
import { encodeLine } from '../../lib/src/store/entry-line.js';
import { scanSegment } from '../../lib/src/store/segment-scan.js';
import { SegmentWriter, type AppendedFile } from '../../lib/src/store/segment-writer.js';
import { inTemporaryFolder } from '../fixtures/temporary-folder.js';
import { entry } from './store-fixture.js';

const line = (i: number): string => encodeLine([entry(i)]);

/** A file on a disk with room for so many bytes, which may change. */
async function onSmallDisk(path: string, disk: { roomBytes: number; nSyncs: number }): Promise<AppendedFile> {
  const file = await open(path, 'ax');
  return {
    appendFile: async (bytes) => {
      const fits = bytes.subarray(0, disk.roomBytes);
      disk.roomBytes -= fits.length;
      await file.appendFile(fits);
      if (fits.length < bytes.length)
        throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    },
    datasync: () => {
      disk.nSyncs++;
      return file.datasync();
    },
    stat: () => file.stat(),
    close: () => file.close(),
  };
}

/** The keys that a reader finds, and what it takes for damage. */
async function found(path: string): Promise<{ keys: string[]; nDamaged: number }> {
  const keys: string[] = [];
  let nDamaged = 0;
  for await (const { lines, tornBytes } of scanSegment(path, 0)) {
    for (const { content } of lines) {
      if (typeof content === 'string') nDamaged++;
      else keys.push(...content.map(([key]) => key));
    }
    if (tornBytes > 0) nDamaged++;
  }
  return { keys, nDamaged };
}

describe('the writer of a segment', () => {
  it('writes what gathers during a write with one sync, and says where each line is', () =>
    inTemporaryFolder(async (folder) => {
      const disk = { roomBytes: Infinity, nSyncs: 0 };
      const writer = new SegmentWriter(folder, 'one', (path) => onSmallDisk(path, disk));
      const first = writer.append(line(0));
      await new Promise((resolve) => setImmediate(resolve));
      const others = Array.from({ length: 99 }, (_, i) => writer.append(line(1 + i)));
      const written = await Promise.all([first, ...others]);
      // One for the first, one for those that came meanwhile.
      assert.equal(disk.nSyncs, 2);
      const bytes = await readFile(written[0].path);
      for (const [i, { offset, length }] of written.entries())
        assert.equal(bytes.toString('utf8', offset, offset + length + 1), line(i));
      await writer.close();
      assert.equal(writer.writtenBytes, bytes.length);
    }));

  it('tells of a full disk, and goes on when there is room again without losing the next line', () =>
    inTemporaryFolder(async (folder) => {
      const disk = { roomBytes: line(0).length + 10, nSyncs: 0 };
      const writer = new SegmentWriter(folder, 'one', (path) => onSmallDisk(path, disk));
      const { path } = await writer.append(line(0));
      // Torn after 10 bytes; then not even a line end fits.
      for (let i = 0; i < 2; i++) {
        await assert.rejects(writer.append(line(1)), (thrown: unknown) => {
          assert.ok(thrown instanceof DataError);
          assert.match(
            thrown.message,
            /one\.jsonl: expected a writable path, received ENOSPC.*free some space/,
          );
          return true;
        });
      }
      assert.deepEqual(await found(path), { keys: ['key-0'], nDamaged: 1 });
      disk.roomBytes = Infinity;
      const written = [await writer.append(line(2)), await writer.append(line(3))];
      assert.deepEqual(await found(path), { keys: ['key-0', 'key-2', 'key-3'], nDamaged: 1 });
      const bytes = await readFile(path);
      for (const [i, { offset, length }] of written.entries())
        assert.equal(bytes.toString('utf8', offset, offset + length + 1), line(2 + i));
      // What the file holds is not what was put, so nobody is to index it from memory.
      assert.equal(writer.writtenBytes, null);
      await writer.close();
    }));

  it('takes another name where its own is taken', () =>
    inTemporaryFolder(async (folder) => {
      const writers = [new SegmentWriter(folder, 'one'), new SegmentWriter(folder, 'one')];
      const paths = await Promise.all(
        writers.map(async (writer, i) => {
          assert.equal(writer.ownPath, null);
          const { path } = await writer.append(line(i));
          assert.equal(writer.ownPath, path);
          return path;
        }),
      );
      await Promise.all(writers.map((writer) => writer.close()));
      assert.equal(new Set(paths).size, 2);
      assert.equal((await readdir(folder)).length, 2);
    }));
});
