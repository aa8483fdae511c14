import assert from 'node:assert/strict';
import { open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { byteLinesOf, readRange } from '../../lib/src/core/byte-lines.js';
import { inTemporaryFolder } from '../fixtures/temporary-folder.js';

async function linesIn(path: string): Promise<string[]> {
  const file = await open(path, 'r');
  const lines: string[] = [];
  try {
    for await (const { bytes, start, length } of byteLinesOf(file)) {
      assert.equal(bytes.length, length);
      lines.push(`${start}:${bytes.toString()}`);
    }
  } finally {
    await file.close();
  }
  return lines;
}

describe('lines of a file as bytes', () => {
  it('are every line once, each with its place', async () => {
    const content = fc.stringMatching(/^[ab\n]{0,20}$/);
    await inTemporaryFolder(async (folder) => {
      const path = join(folder, 'lines');
      await fc.assert(
        fc.asyncProperty(content, async (text) => {
          await writeFile(path, text);
          let start = 0;
          const expected = text.split('\n').map((line) => {
            const place = `${start}:${line}`;
            start += line.length + 1;
            return place;
          });
          // After a last line end there is no further line.
          if (text === '' || text.endsWith('\n')) expected.pop();
          assert.deepEqual(await linesIn(path), expected);
        }),
        { seed: 20240805, numRuns: 200 },
      );
    });
  });

  it('may be longer than what is read at once', async () => {
    await inTemporaryFolder(async (folder) => {
      const path = join(folder, 'lines');
      const long = 'x'.repeat(5_000_000);
      await writeFile(path, `a\n${long}\nb`);
      assert.deepEqual(await linesIn(path), ['0:a', `2:${long}`, '5000003:b']);
    });
  });
});

describe('ranges of a file', () => {
  it('are read in any order, and end where the file does', async () => {
    await inTemporaryFolder(async (folder) => {
      const path = join(folder, 'bytes');
      await writeFile(path, '0123456789');
      const file = await open(path, 'r');
      const read = (start: number, length: number) => readRange(file, { start, length }).toString();
      assert.equal(read(2, 3), '234');
      assert.equal(read(7, 2), '78');
      assert.equal(read(0, 4), '0123');
      assert.equal(read(8, 9), '89');
      await file.close();
    });
  });
});
