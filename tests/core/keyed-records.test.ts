import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { KeyedRecords } from '../../lib/src/core/keyed-records.js';
import { inTemporaryFolder } from '../fixtures/temporary-folder.js';

const schema = z.strictObject({ id: z.string(), n: z.int() });

const withRecords = (
  content: string,
  test: (records: KeyedRecords<z.output<typeof schema>>) => Promise<void>,
): Promise<void> =>
  inTemporaryFolder(async (folder) => {
    const path = join(folder, 'records.jsonl');
    await writeFile(path, content);
    const records = await KeyedRecords.open(path, { schema, idOf: ({ id }) => id });
    try {
      await test(records);
    } finally {
      await records.close();
    }
  });

const line = (id: string, n: number): string => `${JSON.stringify({ id, n })}\n`;

describe('records by id', () => {
  it('are found in the order of the file, out of it, and again', async () => {
    await withRecords(`${line('a', 1)}\n${line('b', 2)}${line('c', 3)}`, async (records) => {
      for (const [id, n] of [
        ['b', 2],
        ['b', 2],
        ['c', 3],
        ['a', 1],
      ] as const) {
        assert.deepEqual(await records.find(id), { id, n });
      }
      assert.equal(await records.find('d'), null);
      assert.deepEqual(await records.find('c'), { id: 'c', n: 3 });
    });
  });

  it('are counted at the end of the file, and found after that', async () => {
    await withRecords(`${line('a', 1)}\n${line('b', 2)}${line('c', 3)}`, async (records) => {
      assert.deepEqual(await records.find('b'), { id: 'b', n: 2 });
      assert.equal(await records.readToEnd(), 3);
      assert.equal(await records.readToEnd(), 3);
      assert.deepEqual(await records.find('a'), { id: 'a', n: 1 });
      assert.equal(await records.find('d'), null);
    });
  });

  it('of which two have one id are an error that names both lines', async () => {
    await withRecords(`${line('a', 1)}${line('a', 2)}`, async (records) => {
      await assert.rejects(
        records.find('b'),
        /records\.jsonl:2: expected a different id in every line, received a, as in line 1/,
      );
    });
  });

  it('that are damaged are an error with their line', async () => {
    await withRecords(`${line('a', 1)}{"id":"b"}\n`, async (records) => {
      assert.deepEqual(await records.find('a'), { id: 'a', n: 1 });
      await assert.rejects(records.find('b'), { name: 'DataError', message: /records\.jsonl:2: .*n: / });
    });
  });

  it('cannot be asked for in a file that is not there', async () => {
    await assert.rejects(KeyedRecords.open('nowhere.jsonl', { schema, idOf: ({ id }) => id }), /ENOENT/);
  });
});
