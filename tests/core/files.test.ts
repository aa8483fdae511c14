import assert from 'node:assert/strict';
import { lstat, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { DataError } from '../../lib/src/core/errors.js';
import { exists, makeFolder, PartialFile, writeError, writeFileAtomic } from '../../lib/src/core/files.js';
import { contentHash } from '../../lib/src/core/hash.js';
import { readJsonl } from '../../lib/src/core/jsonl.js';
import { inTemporaryFolder } from '../fixtures/temporary-folder.js';

describe('files', () => {
  it('appear whole when committed and leave nothing when discarded', () =>
    inTemporaryFolder(async (folder) => {
      const file = await PartialFile.create(join(folder, 'deep/records.jsonl'));
      await file.append('1\n');
      assert.equal(await exists(join(folder, 'deep/records.jsonl')), false);
      await file.commit();
      assert.equal(await readFile(join(folder, 'deep/records.jsonl'), 'utf8'), '1\n');
      const other = await PartialFile.create(join(folder, 'deep/other.jsonl'));
      await other.discard();
      assert.deepEqual(await readdir(join(folder, 'deep')), ['records.jsonl']);
    }));

  it('are written where a link leads, and the link stays', () =>
    inTemporaryFolder(async (folder) => {
      const [target, link] = [join(folder, 'target'), join(folder, 'link')];
      await writeFile(target, 'old');
      await symlink(target, link);
      await writeFileAtomic(link, 'new');
      assert.equal(await readFile(target, 'utf8'), 'new');
      assert.ok((await lstat(link)).isSymbolicLink());
    }));

  it('never take the place of a folder or a device', () =>
    inTemporaryFolder(async (folder) => {
      const link = join(folder, 'null');
      await symlink('/dev/null', link);
      for (const path of [link, folder]) {
        await assert.rejects(writeFileAtomic(path, 'x'), (thrown) => {
          assert.ok(thrown instanceof DataError);
          assert.match(thrown.message, /expected a path for a file/);
          return true;
        });
      }
      assert.ok((await stat('/dev/null')).isCharacterDevice());
      assert.deepEqual(await readdir(folder), ['null']);
    }));

  it('make all the folders above them, however many ask at once', () =>
    inTemporaryFolder(async (folder) => {
      await Promise.all(Array.from({ length: 10 }, () => makeFolder(join(folder, 'a/b/c/d'))));
      assert.deepEqual(await readdir(join(folder, 'a/b/c')), ['d']);
      await assert.rejects(makeFolder('/proc/nothing/of/that/name'), DataError);
    }));

  it('name path and remedy when a folder is in fact a file', () =>
    inTemporaryFolder(async (folder) => {
      await writeFile(join(folder, 'results'), '');
      await assert.rejects(writeFileAtomic(join(folder, 'results/run/x.json'), '{}'), (error: unknown) => {
        assert.ok(error instanceof DataError);
        assert.match(error.message, /results/);
        assert.match(error.remedy, /choose another folder/);
        return true;
      });
    }));
});

describe('a file that cannot be written', () => {
  for (const [code, remedy] of [
    ['ENOSPC', /free some space and run the same command again/],
    ['EDQUOT', /quota/],
    ['EACCES', /permission/],
    ['EROFS', /read-only/],
    ['EIO', /Check the path and the disk/],
  ] as const) {
    it(`says what to do about ${code}`, () => {
      const error = writeError('results/x.json', Object.assign(new Error(`${code}: something`), { code }));
      assert.match(error.remedy, remedy);
      assert.match(error.message, new RegExp(`^results/x.json: expected a writable path, received ${code}`));
    });
  }

  it('is found out when the device is full, and leaves nothing behind', () =>
    inTemporaryFolder(async (folder) => {
      // /dev/full answers every write with ENOSPC.
      await symlink('/dev/full', join(folder, 'x.json.partial'));
      await assert.rejects(writeFileAtomic(join(folder, 'x.json'), '{}'), /disk is full/);
      assert.deepEqual(await readdir(folder), []);
    }));
});

describe('JSON Lines', () => {
  const schema = z.strictObject({ id: z.string() });
  const read = async (path: string): Promise<unknown[]> => {
    const all: unknown[] = [];
    for await (const record of readJsonl(path, schema)) all.push(record);
    return all;
  };

  it('are read past blank lines and foreign line ends', () =>
    inTemporaryFolder(async (folder) => {
      await writeFile(join(folder, 'a.jsonl'), '{"id":"1"}\r\n\n{"id":"2"}');
      assert.deepEqual(await read(join(folder, 'a.jsonl')), [{ id: '1' }, { id: '2' }]);
    }));

  for (const [what, line, expected] of [
    ['no JSON', 'nonsense', /a\.jsonl:2: expected one JSON value, received nonsense/],
    ['another shape', '{"id":3}', /a\.jsonl:2: .*id: expected string, received number/],
    ['an unknown key', '{"id":"3","more":1}', /a\.jsonl:2: .*more/],
  ] as const) {
    it(`name file and line of ${what}`, () =>
      inTemporaryFolder(async (folder) => {
        await writeFile(join(folder, 'a.jsonl'), `{"id":"1"}\n${line}\n`);
        await assert.rejects(read(join(folder, 'a.jsonl')), expected);
      }));
  }

  it('say so when the file is missing', () =>
    inTemporaryFolder((folder) => assert.rejects(read(join(folder, 'none.jsonl')), DataError)));
});

describe('content hash', () => {
  it('does not depend on the order of keys', () => {
    assert.equal(
      contentHash({ a: 1, b: [1, { c: 2, d: 3 }] }),
      contentHash({ b: [1, { d: 3, c: 2 }], a: 1 }),
    );
  });

  it('is SHA-256 of RFC 8785 text', () => {
    // printf '{"a":1}' | sha256sum
    assert.equal(contentHash({ a: 1 }), '015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862');
  });
});
