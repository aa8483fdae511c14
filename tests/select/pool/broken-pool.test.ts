import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { gzipSync } from 'node:zlib';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { DataError } from '../../../lib/src/core/errors.js';
import { poolSchema, readPool } from '../../../lib/src/select/index.js';
import { NEVER } from '../../fixtures/scripted-endpoint.js';
import { inTemporaryFolder } from '../../fixtures/temporary-folder.js';
import { detailsOf, dropsOf, jsonl, readFrom, textsOf } from './pool-file.js';

describe('a broken pool', () => {
  it('loses nothing silently: each bad row is a drop with its line', async () => {
    const lines = [
      '{"instruction": "good"}',
      '{"instruction": ',
      '[1, 2]',
      '{"instruction": 5}',
      '{"instruction": "  "}',
      '{"other": "x"}',
      '{"instruction": "lone \\ud800"}',
      '{"instruction": null}',
      '{"instruction": "also good"}',
    ];
    const latin1 = Buffer.from('\n{"instruction": "\xe4"}\n', 'latin1');
    const outcomes = await readFrom(
      { 'a.jsonl': Buffer.concat([Buffer.from(lines.join('\n')), latin1]) },
      { files: [{ path: 'a.jsonl' }] },
    );
    assert.deepEqual(textsOf(outcomes), ['good', 'also good']);
    assert.deepEqual(dropsOf(outcomes), [
      ['a.jsonl:2', 'unreadable-row'],
      ['a.jsonl:3', 'unreadable-row'],
      ['a.jsonl:4', 'text-not-a-string'],
      ['a.jsonl:5', 'text-empty'],
      ['a.jsonl:6', 'text-missing'],
      ['a.jsonl:7', 'text-not-unicode'],
      ['a.jsonl:8', 'text-missing'],
      ['a.jsonl:10', 'unreadable-row'],
    ]);
  });

  it('may be UTF-16 with a byte order mark, which is read, or Latin-1, whose rows are dropped', async () => {
    const text = 'n,q\n1,größer\n2,plain\n';
    const utf16le = Buffer.from(`\uFEFF${text}`, 'utf16le');
    const utf16be = Buffer.from(utf16le).swap16();
    for (const bytes of [utf16le, utf16be]) {
      const outcomes = await readFrom(
        { 'a.csv': bytes },
        { files: [{ path: 'a.csv', columns: { text: 'q' } }] },
      );
      assert.deepEqual(textsOf(outcomes), ['größer', 'plain']);
      const lines = await readFrom({ 'a.txt': bytes }, { files: [{ path: 'a.txt' }] });
      assert.deepEqual(textsOf(lines), ['n,q', '1,größer', '2,plain']);
    }
    for (const name of ['a.csv', 'a.txt']) {
      const outcomes = await readFrom(
        { [name]: Buffer.from(text, 'latin1') },
        { files: [{ path: name, columns: { text: name === 'a.csv' ? 'q' : 'text' } }] },
      );
      assert.deepEqual(dropsOf(outcomes), [[`${name}:2`, 'unreadable-row']]);
    }
    const withoutMark = await readFrom(
      { 'a.txt': Buffer.from('ab\ncd', 'utf16le') },
      { files: [{ path: 'a.txt' }] },
    );
    assert.deepEqual(dropsOf(withoutMark), [
      ['a.txt:1', 'unreadable-row'],
      ['a.txt:2', 'unreadable-row'],
    ]);
  });

  it('is one clear error where a gzip file is cut off, UTF-16 or Parquet is damaged', async () => {
    const rows = Array.from({ length: 3000 }, (_, i) => ({ instruction: `number ${i}` }));
    const parquet = new Uint8Array(
      parquetWriteBuffer({ columnData: [{ name: 'instruction', data: ['a'], type: 'STRING' }] }),
    );
    const utf16 = Buffer.from('\uFEFFab\ud800c', 'utf16le');
    for (const [name, content, expected] of [
      ['a.jsonl.gz', gzipSync(jsonl(...rows)).subarray(0, 2000), /expected a whole gzip file/],
      ['a.parquet', parquet.subarray(0, parquet.length - 6), /expected a whole Parquet file/],
      ['a.txt', utf16, /expected whole UTF-16/],
      ['a.csv', '', /received an empty file/],
    ] as const) {
      await assert.rejects(readFrom({ [name]: content }, { files: [{ path: name }] }), (thrown: unknown) => {
        assert.ok(thrown instanceof DataError);
        assert.match(thrown.message, expected);
        return true;
      });
    }
  });

  it('has no rows where JSON Lines or text are empty', async () => {
    for (const name of ['a.jsonl', 'a.txt', 'a.json'])
      assert.deepEqual(await readFrom({ [name]: '' }, { files: [{ path: name }] }), []);
  });

  it('drops a line of 100 MB without holding it in memory', async function () {
    this.timeout(60_000);
    await inTemporaryFolder(async (folder) => {
      for (const name of ['a.jsonl', 'a.txt']) {
        const path = join(folder, name);
        const file = createWriteStream(path);
        const piece = Buffer.alloc(1 << 20, 'x');
        file.write(name === 'a.jsonl' ? '{"instruction": "first"}\n{"instruction": "' : 'first\n');
        for (let i = 0; i < 100; i++) if (!file.write(piece)) await once(file, 'drain');
        file.end(name === 'a.jsonl' ? '"}\n{"instruction": "last"}\n' : '\nlast\n');
        await finished(file);
        const before = process.memoryUsage().rss;
        let highest = 0;
        const outcomes = [];
        const pool = poolSchema.parse({ files: [{ path }] });
        for await (const outcome of readPool(pool, { folder, seed: 1, signal: NEVER })) {
          highest = Math.max(highest, process.memoryUsage().rss);
          outcomes.push(outcome);
        }
        assert.deepEqual(textsOf(outcomes), ['first', 'last']);
        assert.deepEqual(detailsOf(outcomes), ['longer than 32 MiB']);
        assert.deepEqual(dropsOf(outcomes), [[`${path}:2`, 'unreadable-row']]);
        // Held whole, it would take 200: its pieces and the joined line.
        assert.ok(highest - before < 128 * 1024 * 1024, `${(highest - before) / 1024 / 1024} MiB`);
      }
    });
  });
});
