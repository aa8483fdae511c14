import assert from 'node:assert/strict';
import { appendFile, copyFile, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { verifyStore } from '../../lib/src/store/index.js';
import { readSegmentIndex, writeSegmentIndex } from '../../lib/src/store/segment-index-file.js';
import { surveySegments } from '../../lib/src/store/segment-merging.js';
import { NEVER } from '../fixtures/scripted-endpoint.js';
import { inTemporaryFolder } from '../fixtures/temporary-folder.js';
import { filesOf, fill, textsIn } from './store-fixture.js';

const N = 100;
/** So that the segment is long enough for an index. */
const ENTRY_BYTES = 1000;
const ALL = Array.from({ length: N }, (_, i) => `text ${i}`);

/** A store with one segment and its index. */
function withIndex(
  test: (place: { folder: string; segment: string; index: string }) => Promise<void>,
): Promise<void> {
  return inTemporaryFolder(async (folder) => {
    await fill(folder, 'one', 0, N, ENTRY_BYTES);
    const [segment] = await filesOf(folder);
    const [index] = await filesOf(folder, '.index');
    await test({ folder, segment: segment!, index: index! });
  });
}

/** Where in a segment the line of this entry starts. */
async function lineOf(segment: string, i: number): Promise<number> {
  const written = await readFile(segment, 'latin1');
  return written.lastIndexOf('\n', written.indexOf(`text ${i}.`)) + 1;
}

async function flip(path: string, position: number): Promise<void> {
  const bytes = await readFile(path);
  bytes.writeUInt8(bytes.readUInt8(position) ^ 4, position);
  await writeFile(path, bytes);
}

describe('the index beside a segment', () => {
  it('is written on closing and covers the whole segment', () =>
    withIndex(async ({ segment }) => {
      const index = await readSegmentIndex(segment);
      assert.ok(typeof index !== 'string');
      assert.equal(index.coveredBytes, (await stat(segment)).size);
      assert.deepEqual(
        [index.nEntries, index.nDamaged, index.offsets.length, index.lengths.length],
        [N, 0, N, N],
      );
    }));

  it('is used: what it leaves out is not found, so nothing is read to open a store', () =>
    withIndex(async ({ folder, segment }) => {
      // A line that was damaged when it was indexed and is whole by now can only be seen by a scan.
      const at = await lineOf(segment, 5);
      await flip(segment, at + 20);
      await rm((await filesOf(folder, '.index'))[0]!);
      const survey = await surveySegments([segment], NEVER);
      await writeSegmentIndex(segment, survey.indexOf(0));
      await flip(segment, at + 20);
      assert.deepEqual(
        await textsIn(folder, 0, N),
        ALL.map((text, i) => (i === 5 ? null : text)),
      );
    }));

  it('is not there for a short segment, which is scanned as quickly', () =>
    inTemporaryFolder(async (folder) => {
      await fill(folder, 'one', 0, 3);
      assert.deepEqual(await filesOf(folder, '.index'), []);
    }));

  it('is not used when any byte of it is flipped', () =>
    withIndex(async ({ folder, segment, index }) => {
      const { size } = await stat(index);
      // Header, offsets, lengths, fingerprints, and the sum itself.
      for (const position of [0, 4, 8, 16, 28, 40, 33 + 8 * N, 33 + 12 * N, 33 + 20 * N, size - 1]) {
        await flip(index, position);
        assert.equal(await readSegmentIndex(segment), 'unfit', `byte ${position}`);
        if (position === 40) assert.deepEqual(await textsIn(folder, 0, N), ALL);
        await flip(index, position);
      }
      assert.notEqual(await readSegmentIndex(segment), 'unfit');
    }));

  for (const [what, length] of [
    ['empty', 0],
    ['of half a header', 20],
    ['cut by a word', -4],
    ['cut by a byte', -1],
  ] as const) {
    it(`is not used when it is ${what}`, () =>
      withIndex(async ({ folder, segment, index }) => {
        await truncate(index, length > 0 ? length : length === 0 ? 0 : (await stat(index)).size + length);
        assert.equal(await readSegmentIndex(segment), 'unfit');
        assert.deepEqual(await textsIn(folder, 0, N), ALL);
      }));
  }

  it('of an earlier version is passed over and made anew, and is no damage', () =>
    withIndex(async ({ folder, segment, index }) => {
      const bytes = await readFile(index);
      bytes.writeUInt32LE(2, 4);
      await writeFile(index, bytes);
      assert.equal(await readSegmentIndex(segment), 'absent');
      assert.equal((await verifyStore(folder, { mostListed: 1, signal: NEVER })).nUnfitIndexes, 0);
      assert.deepEqual(await textsIn(folder, 0, N), ALL);
    }));

  it('is not used when it is longer than it was', () =>
    withIndex(async ({ folder, segment, index }) => {
      await appendFile(index, Buffer.alloc(4));
      assert.equal(await readSegmentIndex(segment), 'unfit');
      assert.deepEqual(await textsIn(folder, 0, N), ALL);
    }));

  it('is used for what it covers, and the rest of the segment is scanned', () =>
    withIndex(async ({ folder, segment }) => {
      await inTemporaryFolder(async (other) => {
        await fill(other, 'one', N, N + 10);
        await appendFile(segment, await readFile((await filesOf(other))[0]!));
      });
      assert.notEqual(await readSegmentIndex(segment), 'unfit');
      assert.deepEqual(
        await textsIn(folder, 0, N + 10),
        Array.from({ length: N + 10 }, (_, i) => `text ${i}`),
      );
    }));

  it('is not used for a segment that is shorter than what it covers', () =>
    withIndex(async ({ folder, segment }) => {
      await truncate(segment, await lineOf(segment, 60));
      assert.equal(await readSegmentIndex(segment), 'unfit');
      assert.deepEqual(
        await textsIn(folder, 0, N),
        ALL.map((text, i) => (i < 60 ? text : null)),
      );
    }));

  it('is not used for another segment that took the name of its own', () =>
    withIndex(async ({ folder, segment }) => {
      await inTemporaryFolder(async (other) => {
        await fill(other, 'one', 500, 500 + 2 * N, ENTRY_BYTES);
        await copyFile((await filesOf(other))[0]!, segment);
      });
      assert.equal(await readSegmentIndex(segment), 'unfit');
      assert.deepEqual(await textsIn(folder, 0, 1), [null]);
      assert.deepEqual(await textsIn(folder, 500, 502), ['text 500', 'text 501']);
    }));

  it('costs a line that was damaged after it was indexed, and no other', () =>
    withIndex(async ({ folder, segment }) => {
      await flip(segment, (await lineOf(segment, 7)) + 30);
      assert.notEqual(await readSegmentIndex(segment), 'unfit');
      assert.deepEqual(
        await textsIn(folder, 0, N),
        ALL.map((text, i) => (i === 7 ? null : text)),
      );
    }));

  it('is written by the next one that opens the store where a killed process left a long segment without it', () =>
    inTemporaryFolder(async (folder) => {
      // More than 4 MiB.
      await fill(folder, 'one', 0, 5, 1_000_000);
      const [segment] = await filesOf(folder);
      await rm(join(dirname(segment!), 'one.index'));
      assert.deepEqual(await textsIn(folder, 0, 1), ['text 0']);
      const index = await readSegmentIndex(segment!);
      assert.ok(typeof index !== 'string');
      assert.equal(index.nEntries, 5);
      assert.deepEqual(await textsIn(folder, 0, 5), ALL.slice(0, 5));
    }));
});
