import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { inputFile } from '../../lib/src/cli/standard-input.js';
import { inTemporaryFolder } from '../fixtures/temporary-folder.js';
import { NEVER } from '../fixtures/scripted-endpoint.js';
import { until } from '../fixtures/until.js';

describe('the input of a stage', () => {
  it('is the file that is named', async () => {
    assert.equal(await inputFile('pairs.jsonl', { out: 'out.jsonl', signal: NEVER }), 'pairs.jsonl');
  });

  it('is kept beside the output where it comes from a pipe, as it came', () =>
    inTemporaryFolder(async (folder) => {
      const out = join(folder, 'out.jsonl');
      // A character that two chunks share.
      const [first, second] = [
        Buffer.from('{"a":"é"}\n').subarray(0, 7),
        Buffer.from('{"a":"é"}\n').subarray(7),
      ];
      const path = await inputFile('-', { out, stream: Readable.from([first, second]), signal: NEVER });
      assert.equal(path, `${out}.input.jsonl`);
      assert.equal(await readFile(path, 'utf8'), '{"a":"é"}\n');
    }));

  it('is not waited for once the user stops, and leaves nothing then', () =>
    inTemporaryFolder(async (folder) => {
      const stop = new AbortController();
      const stream = new PassThrough();
      stream.write('{"a":1}\n');
      const waiting = inputFile('-', { out: join(folder, 'out.jsonl'), stream, signal: stop.signal });
      const reason = new Error('stopped by the user');
      await until(() => stream.readableLength === 0);
      stop.abort(reason);
      await assert.rejects(waiting, reason);
      assert.deepEqual(await readdir(folder), []);
    }));
});
