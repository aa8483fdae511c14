import assert from 'node:assert/strict';
import { appendFile, readdir, readFile, stat, truncate, utimes, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { ConfigError, DataError } from '../../lib/src/core/errors.js';
import { sha256 } from '../../lib/src/core/hash.js';
import { pruneStore, storeStats, verifyStore } from '../../lib/src/store/index.js';
import type { PruneOptions, StoreVerification } from '../../lib/src/store/index.js';
import { NEVER } from '../fixtures/scripted-endpoint.js';
import { inTemporaryFolder } from '../fixtures/temporary-folder.js';
import { entry, filesOf, fill, textsIn, withStore } from './store-fixture.js';

/** 2026-01-31, noon. */
const NOW_MS = Date.UTC(2026, 0, 31, 12);
const daysAgo = (days: number): Date => new Date(NOW_MS - days * 86_400_000);

const verified = (folder: string, mostListed = 20): Promise<StoreVerification> =>
  verifyStore(folder, { mostListed, signal: NEVER });

const prune = (folder: string, options: Partial<PruneOptions> = {}): ReturnType<typeof pruneStore> =>
  pruneStore(folder, { nowMs: NOW_MS, isDryRun: false, signal: NEVER, ...options });

async function putOne(folder: string, place: { model: string; segment: string; i: number }): Promise<void> {
  await withStore(folder, place.segment, (store) => store.put(place.model, [entry(place.i)]));
}

describe('the statistics of a store', () => {
  it('count entries, keys and damage by model, and tell when its segments were written', () =>
    inTemporaryFolder(async (folder) => {
      await fill(folder, 'a', 0, 3);
      await fill(folder, 'b', 2, 5);
      await putOne(folder, { model: 'other', segment: 'c', i: 1 });
      const [a, b] = (await segmentsOf(folder, 'm')).sort();
      await utimes(a!, daysAgo(9), daysAgo(9));
      await utimes(b!, daysAgo(2), daysAgo(2));
      await appendFile(b!, 'torn');
      await utimes(b!, daysAgo(2), daysAgo(2));
      const { partitions, total } = await storeStats(folder, NEVER);
      const { nBytes, ...m } = partitions.find(({ identity }) => identity === 'm')!;
      assert.deepEqual(m, {
        folder: sha256('m').slice(0, 16),
        identity: 'm',
        nSegments: 2,
        nEntries: 6,
        nKeys: 5,
        nDamaged: 1,
        oldest: '2026-01-22T12:00:00.000Z',
        newest: '2026-01-29T12:00:00.000Z',
      });
      assert.ok(nBytes >= (await stat(a!)).size + (await stat(b!)).size);
      const { nBytes: allBytes, ...sums } = total;
      assert.deepEqual(sums, { nSegments: 3, nEntries: 7, nKeys: 6, nDamaged: 1 });
      assert.ok(allBytes > nBytes);
    }));

  it('are the same from an index as from a scan', () =>
    inTemporaryFolder(async (folder) => {
      // Twice the same keys in one segment that is long enough for an index.
      await withStore(folder, 'a', async (store) => {
        for (const text of ['x', 'y'])
          await store.put(
            'm',
            Array.from({ length: 50 }, (_, i) => ({
              key: `key-${i}`,
              completion: { text: text.repeat(2000), finishReason: 'stop' },
            })),
          );
      });
      const [index] = await filesOf(folder, '.index');
      const counts = async (): Promise<number[]> => {
        const { nSegments, nEntries, nKeys, nDamaged } = (await storeStats(folder, NEVER)).total;
        return [nSegments, nEntries, nKeys, nDamaged];
      };
      assert.deepEqual(await counts(), [1, 100, 50, 0]);
      await truncate(index!, 0);
      assert.deepEqual(await counts(), [1, 100, 50, 0]);
    }));

  it('name no model where earlier versions did not write it down, and find nothing where there is no store', () =>
    inTemporaryFolder(async (folder) => {
      await fill(folder, 'a', 0, 1);
      const [identity] = await filesOf(folder, 'partition.json');
      await writeFile(identity!, '');
      const { partitions } = await storeStats(folder, NEVER);
      assert.deepEqual(
        partitions.map((partition) => partition.identity),
        [null],
      );
      assert.deepEqual((await storeStats(join(folder, 'none'), NEVER)).partitions, []);
      // The next put writes it down.
      await fill(folder, 'b', 0, 1);
      assert.equal((await storeStats(folder, NEVER)).partitions[0]?.identity, 'm');
    }));
});

describe('the verification of a store', () => {
  it('reads everything and finds nothing in a sound store', () =>
    inTemporaryFolder(async (folder) => {
      await fill(folder, 'a', 0, 100, 1000);
      await fill(folder, 'b', 100, 101);
      const { nBytes, ...found } = await verified(folder);
      assert.deepEqual(found, {
        nSegments: 2,
        nLines: 101,
        nEntries: 101,
        nDamaged: 0,
        nUnfitIndexes: 0,
        damages: [],
      });
      const sizes = await Promise.all((await filesOf(folder)).map(async (path) => (await stat(path)).size));
      assert.equal(nBytes, sizes[0]! + sizes[1]!);
    }));

  it('tells file, offset and cause of each damage', () =>
    inTemporaryFolder(async (folder) => {
      await fill(folder, 'a', 0, 3);
      const [segment] = await filesOf(folder);
      const written = await readFile(segment!, 'latin1');
      const lineBytes = written.length / 3;
      const checked = (json: string): string => `${sha256(json).slice(0, 8)} ${json}\n`;
      await writeFile(
        segment!,
        `${written.replace('text 1', 'text 9')}${checked('[[')}${checked('{"a":1}')}01234567 [["torn`,
      );
      const { damages, nDamaged, nEntries } = await verified(folder);
      const file = join(basename(dirname(segment!)), 'a.jsonl');
      assert.deepEqual(damages, [
        { file, offset: lineBytes, cause: 'checksum' },
        { file, offset: 3 * lineBytes, cause: 'not JSON' },
        // 8 digits, a blank, two brackets, a line end.
        { file, offset: 3 * lineBytes + 12, cause: 'not entries' },
        // 8 digits, a blank, seven signs, a line end.
        { file, offset: 3 * lineBytes + 12 + 17, cause: 'torn tail' },
      ]);
      assert.deepEqual([nDamaged, nEntries], [4, 2]);
      const few = await verified(folder, 1);
      assert.deepEqual([few.damages.length, few.nDamaged], [1, 4]);
    }));

  it('holds every index against its segment', () =>
    inTemporaryFolder(async (folder) => {
      await fill(folder, 'a', 0, 100, 1000);
      const [index] = await filesOf(folder, '.index');
      const [segment] = await filesOf(folder);
      const whole = await readFile(index!);
      const file = join(basename(dirname(index!)), 'a.index');
      await writeFile(index!, whole.subarray(0, -8));
      const { damages, nDamaged, nUnfitIndexes } = await verified(folder);
      assert.deepEqual(damages, [{ file, offset: 0, cause: 'index' }]);
      assert.deepEqual([nDamaged, nUnfitIndexes], [0, 1], 'nothing is lost by it');
      // A damaged line that the index lists is the line's damage, not that of the index.
      await writeFile(index!, whole);
      await writeFile(segment!, (await readFile(segment!, 'latin1')).replace('text 50', 'text 51'), 'latin1');
      assert.deepEqual(
        (await verified(folder)).damages.map(({ cause }) => cause),
        ['checksum'],
      );
      // A segment with the end that the index knows and other lines before it.
      const lines = (await readFile(segment!, 'latin1')).split('\n');
      const [first = '', second = ''] = lines;
      const swapped = [second.slice(0, 100), second.slice(100) + first, ...lines.slice(2)].join('\n');
      await writeFile(segment!, swapped, 'latin1');
      const causes = (await verified(folder)).damages.map(({ cause }) => cause);
      assert.ok(causes.includes('index'), causes.join());
    }));

  it('stops when its signal aborts', () =>
    inTemporaryFolder(async (folder) => {
      await fill(folder, 'a', 0, 1);
      const stop = AbortSignal.abort(new Error('enough'));
      await assert.rejects(verifyStore(folder, { mostListed: 1, signal: stop }), /enough/);
    }));
});

async function segmentsOf(folder: string, model: string): Promise<string[]> {
  const place = join(folder, sha256(model).slice(0, 16));
  return (await readdir(place)).filter((name) => name.endsWith('.jsonl')).map((name) => join(place, name));
}

describe('a store that is not there', () => {
  it('is not taken for a sound one', () =>
    inTemporaryFolder((folder) =>
      assert.rejects(
        verified(join(folder, 'nowhere')),
        /expected a completion store, received no such folder/,
      ),
    ));
});

describe('pruning a store', () => {
  const text = (i: number): string => `text ${i}`;

  it('merges the segments of a model into one, without what comes again or is damaged', () =>
    inTemporaryFolder(async (folder) => {
      await fill(folder, 'a', 0, 5);
      await withStore(folder, 'b', (store) =>
        store.put('m', [
          { ...entry(4), completion: { text: 'text 4 again', finishReason: 'stop' } },
          entry(5),
          entry(6),
        ]),
      );
      await fill(folder, 'c', 6, 8);
      const [a, b] = await filesOf(folder);
      await writeFile(a!, (await readFile(a!, 'latin1')).replace('text 2', 'text 9'));
      await appendFile(b!, 'torn');
      await utimes(a!, daysAgo(9), daysAgo(9));
      for (const segment of (await filesOf(folder)).slice(1)) await utimes(segment, daysAgo(2), daysAgo(2));
      const [dry] = await prune(folder, { isDryRun: true });
      assert.equal((await filesOf(folder)).length, 3);
      const [pruned] = await prune(folder);
      assert.deepEqual(pruned, dry);
      const [merged, ...rest] = await filesOf(folder);
      assert.deepEqual([basename(merged!), rest], ['c-merged-0001.jsonl', []]);
      const { nBytesBefore, nBytesAfter, ...counts } = pruned!;
      assert.deepEqual(counts, {
        folder: sha256('m').slice(0, 16),
        identity: 'm',
        action: 'merged',
        nSegmentsBefore: 3,
        nSegmentsAfter: 1,
        nEntries: 7,
        nDuplicates: 2,
        nDamaged: 2,
        nGone: 0,
      });
      assert.equal(nBytesAfter, (await stat(merged!)).size);
      assert.ok(nBytesAfter < nBytesBefore);
      // Merged is not used: its age is that of the youngest.
      assert.equal((await stat(merged!)).mtimeMs, daysAgo(2).getTime());
      const expected = ['text 0', 'text 1', null, 'text 3', 'text 4 again', 'text 5', 'text 6', 'text 7'];
      assert.deepEqual(await textsIn(folder, 0, 8), expected);
      assert.equal((await verified(folder)).nDamaged, 0);
      const [again] = await prune(folder);
      assert.deepEqual([again?.action, again?.nBytesAfter], ['unchanged', nBytesAfter]);
    }));

  it('keeps the counting entry of a key when it was killed before the old segments went', () =>
    inTemporaryFolder(async (folder) => {
      const put = (segment: string, said: string): Promise<void> =>
        withStore(folder, segment, (store) =>
          store.put('m', [{ key: 'key-0', completion: { text: said, finishReason: 'stop' } }]),
        );
      await put('a', 'early');
      await put('b', 'late');
      const old = await Promise.all(
        (await filesOf(folder)).map(async (path) => ({ path, bytes: await readFile(path) })),
      );
      await prune(folder);
      for (const { path, bytes } of old) await writeFile(path, bytes);
      assert.deepEqual(await textsIn(folder, 0, 1), ['late']);
      // And one that was killed while it wrote leaves a draft.
      const [merged] = (await filesOf(folder)).slice(-1);
      await writeFile(`${merged!}.partial`, 'half');
      const [pruned] = await prune(folder);
      assert.deepEqual([pruned?.nEntries, pruned?.nDuplicates], [1, 2]);
      assert.deepEqual(await textsIn(folder, 0, 1), ['late']);
      assert.deepEqual(
        await filesOf(folder, ''),
        [
          join(dirname(merged!), 'b-merged-0002.jsonl'),
          join(dirname(merged!), 'b-merged-0002.index'),
          join(dirname(merged!), 'partition.json'),
        ].sort(),
      );
    }));

  it('removes segments that were not written to for long', () =>
    inTemporaryFolder(async (folder) => {
      await fill(folder, 'a', 0, 2);
      await fill(folder, 'b', 2, 4);
      const [a, b] = await filesOf(folder);
      await utimes(a!, daysAgo(31), daysAgo(31));
      await utimes(b!, daysAgo(29), daysAgo(29));
      const [pruned] = await prune(folder, { olderThanDays: 30 });
      assert.deepEqual([pruned?.nGone, pruned?.nEntries], [1, 2]);
      assert.deepEqual(await textsIn(folder, 0, 4), [null, null, text(2), text(3)]);
    }));

  it('removes the completions of the models that were named, by name or by folder, and of no other', () =>
    inTemporaryFolder(async (folder) => {
      for (const [i, model] of ['http://one/v1:large', 'http://one/v1:small', 'other'].entries())
        await putOne(folder, { model, segment: 'a', i });
      const left = async (): Promise<(string | null)[]> =>
        (await storeStats(folder, NEVER)).partitions.map(({ identity }) => identity).sort();
      const dry = await prune(folder, { partition: 'one/v1:l', isDryRun: true });
      assert.deepEqual(
        dry.map(({ identity, action, nBytesAfter }) => [identity, action, nBytesAfter]),
        [['http://one/v1:large', 'removed', 0]],
      );
      assert.equal((await left()).length, 3);
      await prune(folder, { partition: 'one/v1:l' });
      assert.deepEqual(await left(), ['http://one/v1:small', 'other']);
      await prune(folder, { partition: sha256('other').slice(0, 16) });
      assert.deepEqual(await left(), ['http://one/v1:small']);
      await assert.rejects(prune(folder, { partition: 'two' }), (thrown: unknown) => {
        assert.ok(thrown instanceof ConfigError);
        assert.match(thrown.message, /--partition: expected part of the identity .*, received two\./);
        return true;
      });
    }));

  it('refuses while a process uses the store, and says which', () =>
    inTemporaryFolder((folder) =>
      withStore(folder, 'a', async (store) => {
        await store.put('m', [entry(0)]);
        await assert.rejects(prune(folder), (thrown: unknown) => {
          assert.ok(thrown instanceof DataError);
          assert.ok(thrown.message.includes(`received process ${process.pid} is using them`), thrown.message);
          return true;
        });
        // Only to look is allowed.
        assert.equal((await prune(folder, { isDryRun: true }))[0]?.action, 'unchanged');
      }),
    ));

  it('goes unnoticed by a store that only reads', () =>
    inTemporaryFolder(async (folder) => {
      await fill(folder, 'a', 0, 2);
      await fill(folder, 'b', 2, 4);
      await withStore(folder, 'reader', async (store) => {
        assert.deepEqual(await store.getAll('m', ['key-9']), [null]);
        await prune(folder);
        const found = await store.getAll('m', ['key-0', 'key-3']);
        assert.deepEqual(found, [entry(0).completion, entry(3).completion]);
      });
    }));
});
