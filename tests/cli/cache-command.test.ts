import assert from 'node:assert/strict';
import { appendFile, readdir, readFile, utimes } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { runCommandLine } from '../fixtures/command-line.js';
import { inTemporaryFolder } from '../fixtures/temporary-folder.js';
import { entry, filesOf, fill, withStore } from '../store/store-fixture.js';

const cache = (folder: string, ...args: string[]): ReturnType<typeof runCommandLine> =>
  runCommandLine('cache', ...args, '--completions', folder);

describe('autodidact cache stats', () => {
  it('shows what is kept by model, as a table and as JSON', () =>
    inTemporaryFolder(async (folder) => {
      await fill(folder, 'a', 0, 3);
      await fill(folder, 'b', 2, 4);
      for (const segment of await filesOf(folder))
        await utimes(segment, new Date('2026-01-02T03:04:05Z'), new Date('2026-01-02T03:04:05Z'));
      const { code, out } = await cache(folder, 'stats');
      assert.equal(code, 0);
      assert.match(out, /^model +completions +entries +files +damaged +size +oldest +newest$/m);
      assert.match(out, /^m +4 +5 +2 +0 +\d+ B +2026-01-02 +2026-01-02$/m);
      assert.match(out, /^all +4 +5 +2 +0 +\d+ B +– +–$/m);
      const figures = {
        nSegments: z.int(),
        nEntries: z.int(),
        nKeys: z.int(),
        nDamaged: z.int(),
        nBytes: z.int(),
      };
      const partition = z.strictObject({
        folder: z.string(),
        identity: z.string().nullable(),
        ...figures,
        oldest: z.iso.datetime().nullable(),
        newest: z.iso.datetime().nullable(),
      });
      const listed = z
        .strictObject({ partitions: z.array(partition), total: z.strictObject(figures) })
        .parse(JSON.parse((await cache(folder, 'stats', '--json')).out));
      assert.deepEqual([listed.partitions[0]?.identity, listed.total.nKeys], ['m', 4]);
    }));

  it('says that nothing is kept, and makes no folder', () =>
    inTemporaryFolder(async (folder) => {
      const none = join(folder, 'none');
      for (const command of ['stats', 'prune'])
        assert.deepEqual(await cache(none, command), {
          code: 0,
          out: `no completions in ${none}\n`,
          err: '',
        });
      assert.deepEqual(await readdir(folder), []);
    }));

  it('shows no control characters of an identity', () =>
    inTemporaryFolder(async (folder) => {
      await withStore(folder, 'a', (store) => store.put('evil\u001b[31m\nname', [entry(0)]));
      assert.match((await cache(folder, 'stats')).out, /^evil \[31m name +1 /m);
    }));
});

describe('autodidact cache verify', () => {
  it('says that everything is as it was written', () =>
    inTemporaryFolder(async (folder) => {
      await fill(folder, 'a', 0, 3);
      const [segment] = await filesOf(folder);
      const size = (await readFile(segment!)).length;
      assert.deepEqual(await cache(folder, 'verify'), {
        code: 0,
        out: `3 entries on 3 lines of 1 files, ${size} B; 0 damaged\n`,
        err: '',
      });
    }));

  it('fails with the places and causes of the first 20 damages, and counts all', () =>
    inTemporaryFolder(async (folder) => {
      await fill(folder, 'a', 0, 1);
      const [segment] = await filesOf(folder);
      const lineBytes = (await readFile(segment!)).length;
      await appendFile(segment!, `${'no checksum at all\n'.repeat(20)}torn`);
      const { code, out, err } = await cache(folder, 'verify');
      assert.equal(code, 1);
      const file = join(basename(dirname(segment!)), 'a.jsonl');
      const lines = out.split('\n');
      assert.equal(lines[0], `${file}, byte ${lineBytes}: the checksum does not match`);
      assert.deepEqual(lines.slice(20), [
        'and 1 more',
        `1 entries on 21 lines of 1 files, ${lineBytes + 20 * 19 + 4} B; 21 damaged`,
        '',
      ]);
      assert.match(err, /received 21 damaged\. .* To remove them: autodidact cache prune\n$/);
      const json = await cache(folder, 'verify', '--json');
      assert.equal(json.code, 1);
      const found = z
        .object({ nDamaged: z.int(), damages: z.array(z.object({ offset: z.int(), cause: z.string() })) })
        .parse(JSON.parse(json.out));
      assert.deepEqual([found.nDamaged, found.damages.length], [21, 20]);
      // What it advises helps.
      assert.equal((await cache(folder, 'prune')).code, 0);
      assert.equal((await cache(folder, 'verify')).code, 0);
    }));
});

describe('autodidact cache prune', () => {
  it('says what would go, and then what went', () =>
    inTemporaryFolder(async (folder) => {
      await fill(folder, 'a', 0, 3);
      await fill(folder, 'b', 2, 4);
      const dry = await cache(folder, 'prune', '--dry-run');
      assert.match(
        dry.out,
        /^m: 4 completions stay, without 1 entries that came again; 2 files to 1, \d+ B to \d+ B\n\d+ B would be freed\n$/,
      );
      assert.equal((await filesOf(folder)).length, 2);
      const { code, out } = await cache(folder, 'prune');
      assert.deepEqual([code, out], [0, dry.out.replace('would be freed', 'freed')]);
      assert.equal((await filesOf(folder)).length, 1);
      const again = await cache(folder, 'prune', '--json');
      const { partitions, ...rest } = z
        .object({
          partitions: z.array(z.object({ action: z.string() })),
          isDryRun: z.boolean(),
          nBytesFreed: z.int(),
        })
        .parse(JSON.parse(again.out));
      assert.deepEqual([partitions, rest], [[{ action: 'unchanged' }], { isDryRun: false, nBytesFreed: 0 }]);
    }));

  it('removes what is old, and the models that were named', () =>
    inTemporaryFolder(async (folder) => {
      await fill(folder, 'a', 0, 3);
      const [segment] = await filesOf(folder);
      // Long before any day on which this may run.
      await utimes(segment!, new Date('2020-01-01'), new Date('2020-01-01'));
      assert.match(
        (await cache(folder, 'prune', '--older-than', '30')).out,
        /^m: 0 completions stay, without 1 whole files/,
      );
      await fill(folder, 'b', 0, 3);
      const { code, err } = await cache(folder, 'prune', '--partition', 'x');
      assert.equal(code, 2);
      assert.match(err, /--partition: expected part of the identity/);
      assert.match((await cache(folder, 'prune', '--partition', 'm')).out, /^m: 0 completions stay/);
      assert.equal((await cache(folder, 'stats')).out, `no completions in ${folder}\n`);
    }));

  it('refuses while completions are in use', () =>
    inTemporaryFolder((folder) =>
      withStore(folder, 'a', async (store) => {
        await store.put('m', [entry(0)]);
        const { code, err } = await cache(folder, 'prune');
        assert.equal(code, 1);
        assert.match(err, new RegExp(`received process ${process.pid} is using them`));
      }),
    ));

  for (const args of [
    ['--older-than', '-1'],
    ['--older-than', 'x'],
    ['--partition', ' '],
  ]) {
    it(`refuses ${args.join(' ')}`, async () => {
      assert.equal((await runCommandLine('cache', 'prune', ...args)).code, 2);
    });
  }
});
