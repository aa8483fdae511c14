import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PartialFile } from '../../lib/src/core/files.js';
import { RecordWriter } from '../../lib/src/store/index.js';
import { inTemporaryFolder } from '../fixtures/temporary-folder.js';

/** What a file holds after these records were written to it. */
async function written(records: readonly unknown[]): Promise<string> {
  return inTemporaryFolder(async (folder) => {
    const path = join(folder, 'records.jsonl');
    const writer = new RecordWriter(await PartialFile.create(path));
    for (const record of records) await writer.write(record);
    await writer.commit();
    return readFile(path, 'utf8');
  });
}

function lines(records: readonly unknown[]): string {
  return records.map((record) => `${JSON.stringify(record)}\n`).join('');
}

describe('the writer of records', () => {
  it('writes one record a line, in their order, over many chunks', async () => {
    const records = Array.from({ length: 5000 }, (_, i) => ({ i, text: 'what was said '.repeat(i % 40) }));
    assert.equal(await written(records), lines(records));
  });

  it('writes characters of one to four bytes, and lone halves of them, as JSON has them', async () => {
    const texts = ['plain', 'über', '判断', '🙂', '\ud800', '\u2028', '"\\\n'];
    const records = Array.from({ length: 3000 }, (_, i) => ({ text: texts[i % texts.length]?.repeat(50) }));
    assert.equal(await written(records), lines(records));
  });

  it('writes records that are longer than a chunk', async () => {
    const records = [
      { a: 1 },
      { text: 'x'.repeat(3_000_000) },
      { b: 2 },
      { text: '判'.repeat(800_000) },
      { c: 3 },
    ];
    assert.equal(await written(records), lines(records));
  });

  it('leaves nothing when it is given up', async () => {
    await inTemporaryFolder(async (folder) => {
      const path = join(folder, 'records.jsonl');
      const writer = new RecordWriter(await PartialFile.create(path));
      await writer.write({ a: 1 });
      await writer.discard();
      for (const name of [path, `${path}.partial`]) await assert.rejects(readFile(name), { code: 'ENOENT' });
    });
  });
});
