import assert from 'node:assert/strict';
import { open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { linesOfPart, RangeReader } from '../../lib/src/core/byte-lines.js';
import { inTemporaryFolder } from '../fixtures/temporary-folder.js';

async function linesIn(path: string, part: { start: number; end: number }): Promise<string[]> {
  const file = await open(path, 'r');
  const lines: string[] = [];
  try {
    for await (const { bytes, start, length } of linesOfPart(file, part)) {
      assert.equal(bytes.length, length);
      lines.push(`${start}:${bytes.toString()}`);
    }
  } finally {
    await file.close();
  }
  return lines;
}

describe('lines of parts of a file', () => {
  it('are between them every line once, wherever the file is cut', async () => {
    const content = fc.stringMatching(/^[ab\n]{0,20}$/);
    await inTemporaryFolder(async (folder) => {
      const path = join(folder, 'lines');
      await fc.assert(
        fc.asyncProperty(content, fc.nat(20), fc.nat(20), async (text, one, other) => {
          await writeFile(path, text);
          const cuts = [0, one, other, text.length]
            .map((cut) => Math.min(cut, text.length))
            .sort((a, b) => a - b);
          const parts: string[] = [];
          for (let i = 0; i < 3; i++)
            parts.push(...(await linesIn(path, { start: cuts[i]!, end: cuts[i + 1]! })));
          let start = 0;
          const whole = text.split('\n').map((line) => {
            const place = `${start}:${line}`;
            start += line.length + 1;
            return place;
          });
          // After a last line end there is no further line.
          if (text === '' || text.endsWith('\n')) whole.pop();
          assert.deepEqual(parts, whole);
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
      assert.deepEqual(await linesIn(path, { start: 0, end: Infinity }), ['0:a', `2:${long}`, '5000003:b']);
    });
  });
});

describe('ranges of a file', () => {
  it('are read forwards and backwards, and end where the file does', async () => {
    await inTemporaryFolder(async (folder) => {
      const path = join(folder, 'bytes');
      await writeFile(path, '0123456789');
      const file = await open(path, 'r');
      const reader = new RangeReader(file);
      const read = async (start: number, length: number) => (await reader.read({ start, length })).toString();
      assert.equal(await read(2, 3), '234');
      assert.equal(await read(7, 2), '78');
      assert.equal(await read(0, 4), '0123');
      assert.equal(await read(8, 9), '89');
      await file.close();
    });
  });
});
