import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DownloadProgress } from '../../lib/src/datasets/download.js';
import { CONTENT, SUM, withServer } from './download-setting.js';
import { sendFile, cutAfterWriting } from './file-server.js';

describe('a download that was cut', () => {
  it('goes on where the server cut it', () =>
    withServer(
      (context) => sendFile(context, CONTENT, { cutAfter: context.index < 2 ? 4000 : Infinity }),
      async ({ get, content, server, waits }) => {
        await get();
        assert.equal(await content(), CONTENT);
        assert.deepEqual(
          server.requests.map(({ headers }) => [headers.range, headers['if-range']]),
          [
            [undefined, undefined],
            ['bytes=4000-', '"1"'],
            ['bytes=8000-', '"1"'],
          ],
        );
        // Half to whole of 1 s, then of 2 s.
        assert.ok(
          waits[0]! >= 500 && waits[0]! <= 1000 && waits[1]! >= 1000 && waits[1]! <= 2000,
          waits.join(),
        );
      },
    ));

  it('starts anew when the server ignores the range', () =>
    withServer(
      ({ index, response }) => {
        response.writeHead(200, { etag: '"1"', 'content-length': CONTENT.length });
        if (index > 0) response.end(CONTENT);
        else cutAfterWriting(response, CONTENT.slice(0, 4000));
      },
      async ({ get, content, server }) => {
        await get();
        assert.equal(server.requests[1]?.headers.range, 'bytes=4000-');
        assert.equal(await content(), CONTENT);
      },
    ));

  it('starts anew when the file has changed since, whether or not the server looks at If-Range', () =>
    withServer(
      (context) => {
        const { index, request } = context;
        if (index === 0) return sendFile(context, 'x'.repeat(CONTENT.length), { cutAfter: 4000 });
        // The second request gets a part of the new file although it asked for the old one.
        if (index === 1) request.headers['if-range'] = '"2"';
        sendFile(context, CONTENT, { etag: '"2"' });
      },
      async ({ get, content, server }) => {
        await get();
        assert.equal(await content(), CONTENT);
        assert.deepEqual(
          server.requests.map(({ headers }) => headers.range),
          [undefined, 'bytes=4000-', undefined],
        );
      },
    ));

  it('starts anew when the part cannot be of that file, or has no strong entity tag', async () => {
    await withServer(
      (context) =>
        sendFile(context, CONTENT, { cutAfter: context.index === 0 ? 4000 : Infinity, etag: 'W/"1"' }),
      async ({ get, content, server }) => {
        await get();
        assert.equal(await content(), CONTENT);
        assert.equal(server.requests[1]?.headers.range, undefined);
      },
    );
    await withServer(
      (context) => {
        if (context.index === 0) sendFile(context, CONTENT, { cutAfter: 4000 });
        else if (context.index === 1) context.response.writeHead(416).end();
        else sendFile(context, CONTENT);
      },
      async ({ get, content }) => {
        await get();
        assert.equal(await content(), CONTENT);
      },
    );
  });

  it('stops at once when it is called off, and goes on from there the next time', () =>
    withServer(
      (context) => {
        if (context.index > 0) return sendFile(context, CONTENT);
        context.response.writeHead(200, { etag: '"1"', 'content-length': CONTENT.length });
        context.response.write(CONTENT.slice(0, 5000));
      },
      async ({ get, content, left, server }) => {
        const stop = new AbortController();
        const reason = new Error('stopped by the test');
        const onProgress = ({ bytes }: DownloadProgress): void => {
          if (bytes > 0) stop.abort(reason);
        };
        await assert.rejects(get({ signal: stop.signal, onProgress }), reason);
        assert.deepEqual(await left(), ['file.jsonl.partial', 'file.jsonl.partial.json']);
        assert.deepEqual(await get(), { sha256: SUM, bytes: CONTENT.length });
        assert.equal(server.requests[1]?.headers.range, 'bytes=5000-');
        assert.equal(await content(), CONTENT);
        assert.deepEqual(await left(), ['file.jsonl']);
      },
    ));

  /** A part as a run leaves it that was killed: its note still says what was sure at its start. */
  const leavePart = async (path: string, url: string, part: string, nDurable: number): Promise<void> => {
    await mkdir(join(path, '..'), { recursive: true });
    await writeFile(`${path}.partial`, part);
    await writeFile(`${path}.partial.json`, JSON.stringify({ url, etag: '"1"', nDurable }));
  };

  it('trusts the part of a killed run only as far as it was surely written, unless the sum is known', () =>
    withServer(
      (context) => sendFile(context, CONTENT),
      async ({ get, server, path, content }) => {
        const url = `${server.url}/file.jsonl`;
        await leavePart(path, url, CONTENT.slice(0, 900), 300);
        await get({ sha256: null });
        await leavePart(path, url, CONTENT.slice(0, 900), 300);
        await get();
        assert.deepEqual(
          server.requests.map(({ headers }) => headers.range),
          ['bytes=300-', 'bytes=900-'],
        );
        assert.equal(await content(), CONTENT);
      },
    ));

  it('starts once more from nothing when an inherited part spoils the sum, and not at all from another file', () =>
    withServer(
      (context) => sendFile(context, CONTENT),
      async ({ get, server, path, content }) => {
        await leavePart(path, `${server.url}/file.jsonl`, 'x'.repeat(900), 900);
        await get();
        assert.equal(await content(), CONTENT);
        await leavePart(path, `${server.url}/another.jsonl`, 'x'.repeat(900), 900);
        await get();
        assert.deepEqual(
          server.requests.map(({ headers }) => headers.range),
          ['bytes=900-', undefined, undefined],
        );
      },
    ));

  it('that a killed run had whole is not fetched again', () =>
    withServer(
      (context) => sendFile(context, CONTENT),
      async ({ get, server, path, content }) => {
        await leavePart(path, `${server.url}/file.jsonl`, CONTENT, 0);
        await get();
        assert.equal(await content(), CONTENT);
        assert.equal(server.requests.length, 0);
      },
    ));
});
