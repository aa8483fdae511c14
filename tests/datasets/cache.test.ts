import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError, DataError } from '../../lib/src/core/errors.js';
import { sha256 } from '../../lib/src/core/hash.js';
import { datasetPath, datasetPaths } from '../../lib/src/datasets/cache.js';
import { inTemporaryFolder } from '../fixtures/temporary-folder.js';

const COMMIT = '1234567890123456789012345678901234567890';
const FILES = { 'a.jsonl': '{"a": 1}\n', 'sub/b.jsonl': '{"b": 2}\n' };

describe('the path of a data set', () => {
  it('is where its first file is, or the one that is named', () =>
    inTemporaryFolder(async (cacheFolder) => {
      const folder = join(cacheFolder, 'mt-bench');
      await mkdir(join(folder, 'sub'), { recursive: true });
      for (const [path, text] of Object.entries(FILES)) await writeFile(join(folder, path), text);
      const record = {
        schemaVersion: 1,
        name: 'mt-bench',
        source: { kind: 'github', repo: 'o/tiny', revision: COMMIT },
        files: Object.entries(FILES).map(([path, text]) => ({ path, sha256: sha256(text), bytes: 9 })),
        pulledAt: '2026-01-02T03:04:05.000Z',
      };
      await writeFile(join(folder, 'dataset.json'), JSON.stringify(record));
      assert.equal(await datasetPath('mt-bench', { cacheFolder }), join(folder, 'a.jsonl'));
      assert.equal(
        await datasetPath('mt-bench', { cacheFolder, file: 'sub/b.jsonl' }),
        join(folder, 'sub/b.jsonl'),
      );
      assert.deepEqual(
        (await datasetPaths('mt-bench', { cacheFolder })).map((each) => each.file),
        ['a.jsonl', 'sub/b.jsonl'],
      );
      await assert.rejects(
        datasetPath('mt-bench', { cacheFolder, file: 'c' }),
        /expected one of a\.jsonl, sub\/b\.jsonl/,
      );
      await writeFile(join(folder, 'a.jsonl'), '');
      await assert.rejects(datasetPath('mt-bench', { cacheFolder }), /a\.jsonl is missing or changed/);
      await writeFile(join(folder, 'dataset.json'), '{"files": []}');
      await assert.rejects(datasetPath('mt-bench', { cacheFolder }), /expected the record of a data set/);
    }));

  it('is one error with the command that gets it when it is not here', () =>
    inTemporaryFolder(async (cacheFolder) => {
      await assert.rejects(datasetPath('mt-bench', { cacheFolder }), (thrown: unknown) => {
        assert.ok(thrown instanceof DataError);
        assert.match(thrown.message, /Not in the cache.* run: autodidact data pull mt-bench$/);
        return true;
      });
      await assert.rejects(datasetPath('no-such-set', { cacheFolder }), ConfigError);
    }));
});
