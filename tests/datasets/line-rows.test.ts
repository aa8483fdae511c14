import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Row } from '../../lib/src/datasets/row.js';
import { readRows } from '../../lib/src/datasets/rows.js';
import { collect } from '../fixtures/scripted-endpoint.js';
import { inTemporaryFolder } from '../fixtures/temporary-folder.js';

function rowsOf(name: string, content: string | Uint8Array): Promise<Row[]> {
  return inTemporaryFolder(async (folder) => {
    const path = join(folder, name);
    await writeFile(path, content);
    return collect(readRows(path));
  });
}

describe('rows of plain text', () => {
  it('are its lines without white space around them, numbered, past blank ones', async () => {
    assert.deepEqual(await rowsOf('x.txt', '\uFEFFone\r\n\n  two \nthree'), [
      { row: { text: 'one' }, line: 1 },
      { row: { text: 'two' }, line: 3 },
      { row: { text: 'three' }, line: 4 },
    ]);
    assert.deepEqual(await rowsOf('x.txt.gz', gzipSync('one')), [{ row: { text: 'one' }, line: 1 }]);
  });

  it('that are no text are counted with their line numbers', async () => {
    const rows = await rowsOf('x.txt', Buffer.from([0x61, 0x0a, 0xe4, 0x0a, 0x62, 0x00, 0x0a, 0x63]));
    assert.deepEqual(rows, [
      { row: { text: 'a' }, line: 1 },
      { problem: 'invalid UTF-8', line: 2 },
      { problem: 'a zero byte, which no text holds', line: 3 },
      { row: { text: 'c' }, line: 4 },
    ]);
  });
});
