import assert from 'node:assert/strict';
import { chmod, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DownloadProgress } from '../../lib/src/datasets/download.js';
import { CONTENT, refuse, SUM, withServer } from './download-setting.js';
import { quickRetries, sendFile } from './file-server.js';

describe('a download', () => {
  it('brings a file whole, with its sum, and reports progress', () =>
    withServer(
      (context) => sendFile(context, CONTENT),
      async ({ get, content, left }) => {
        const progress: DownloadProgress[] = [];
        const received = await get({ onProgress: (step) => progress.push(step) });
        assert.deepEqual(received, { sha256: SUM, bytes: CONTENT.length });
        assert.equal(await content(), CONTENT);
        assert.deepEqual(await left(), ['file.jsonl']);
        assert.deepEqual(progress[0], { bytes: 0, totalBytes: CONTENT.length });
        assert.deepEqual(progress.at(-1), { bytes: CONTENT.length, totalBytes: CONTENT.length });
      },
    ));

  it('gives the sum of a file whose sum is not known, also without a length', () =>
    withServer(
      ({ response }) => response.writeHead(200).end(CONTENT),
      async ({ get, content }) => {
        const received = await get({ sha256: null, bytes: null });
        assert.deepEqual(received, { sha256: SUM, bytes: CONTENT.length });
        assert.equal(await content(), CONTENT);
      },
    ));

  it('of something else than asked for is one error, and nothing of it stays', async () => {
    await withServer(
      (context) => sendFile(context, CONTENT.replace('line 7', 'LINE 7')),
      async ({ get, left, server }) => {
        await refuse(get(), new RegExp(`expected SHA-256 ${SUM}, received [0-9a-f]{64}`));
        assert.equal(server.requests.length, 1);
        assert.deepEqual(await left(), []);
      },
    );
    await withServer(
      (context) => sendFile(context, `${CONTENT}!`),
      async ({ get, left }) => {
        await refuse(get(), /expected 18889 bytes, received 18890 bytes/);
        assert.deepEqual(await left(), []);
      },
    );
    await withServer(
      ({ response }) => response.writeHead(200).end(`${CONTENT}!`),
      async ({ get, left }) => {
        await refuse(get(), /expected 18889 bytes, received more/);
        assert.deepEqual(await left(), []);
      },
    );
  });

  it('that stays too short is one error after a few attempts, and what came stays', () =>
    withServer(
      (context) => sendFile(context, CONTENT, { cutAfter: 100 }),
      async ({ get, left, server, path }) => {
        await refuse(get(), /a whole answer, after several attempts/);
        assert.equal(server.requests.length, 3);
        assert.deepEqual(await left(), ['file.jsonl.partial', 'file.jsonl.partial.json']);
        assert.equal(await readFile(`${path}.partial`, 'utf8'), CONTENT.slice(0, 300));
      },
    ));

  it('that ends early without a stated length is too short even so', () =>
    withServer(
      ({ response }) => response.writeHead(200).end(CONTENT.slice(0, 100)),
      async ({ get }) => refuse(get(), /ends after 100 of 18889 bytes/),
    ));

  it('waits as long as a busy server asks', () =>
    withServer(
      (context) => {
        if (context.index === 0) context.response.writeHead(429, { 'retry-after': '7' }).end();
        else if (context.index === 1) {
          const dates = {
            date: 'Thu, 01 Jan 2026 00:00:00 GMT',
            'retry-after': 'Thu, 01 Jan 2026 00:00:09 GMT',
          };
          context.response.writeHead(503, dates).end();
        } else sendFile(context, CONTENT);
      },
      async ({ get, waits }) => {
        await get();
        assert.deepEqual(waits, [7000, 9000]);
      },
    ));

  it('does not wait for a server that asks for more than two minutes', () =>
    withServer(
      ({ response }) => response.writeHead(429, { 'retry-after': '3600' }).end(),
      async ({ get, waits }) => {
        await refuse(get(), /HTTP status 429/);
        assert.deepEqual(waits, []);
      },
    ));

  it('is given up when the server fails again and again', () =>
    withServer(
      ({ response }) => response.writeHead(502).end(),
      async ({ get, server }) => {
        await refuse(get(), /received HTTP status 502/);
        assert.equal(server.requests.length, 3);
      },
    ));

  it('is given up at once when the file is not there or not for everybody', async () => {
    for (const [status, remedy] of [
      [404, /received HTTP status 404.*not there/],
      [401, /received HTTP status 401.*HF_TOKEN/],
      [403, /received HTTP status 403.*HF_TOKEN/],
    ] as const) {
      await withServer(
        ({ response }) => response.writeHead(status).end(),
        async ({ get, server, left }) => {
          await refuse(get(), remedy);
          assert.equal(server.requests.length, 1);
          assert.deepEqual(await left(), []);
        },
      );
    }
  });

  it('is given up when the server falls silent, before or in its answer', async () => {
    const { retries } = quickRetries({ stallMs: 40, maxAttempts: 2 });
    await withServer(
      () => undefined,
      async ({ get }) => refuse(get({ retries }), /received nothing for 0\.04 s/),
    );
    await withServer(
      ({ response }) => response.writeHead(200, { 'content-length': CONTENT.length }).write('x'),
      async ({ get, server }) => {
        await refuse(get({ retries }), /received nothing for 0\.04 s/);
        assert.equal(server.requests.length, 2);
      },
    );
  });

  it('reports a server that cannot be reached', () =>
    withServer(
      () => undefined,
      async ({ get, server, waits }) => {
        await server.close();
        await refuse(get(), /a server that can be reached, received ECONNREFUSED/);
        assert.equal(waits.length, 1);
        await refuse(get({ url: 'http://127.0.0.1:9/x' }), /an address that fetch refuses/);
      },
    ));

  it('to a full disk is one error that says so', async () => {
    if (process.platform !== 'linux') return;
    await withServer(
      (context) => sendFile(context, CONTENT),
      async ({ get, path, server }) => {
        await mkdir(join(path, '..'));
        // /dev/full answers every write with ENOSPC.
        await symlink('/dev/full', `${path}.partial`);
        await refuse(get(), /file\.jsonl: .*ENOSPC.*free some space/);
        assert.equal(server.requests.length, 1);
      },
    );
  });

  it('to a place that cannot be written is one error, before anything is asked for', () =>
    withServer(
      (context) => sendFile(context, CONTENT),
      async ({ get, folder, server }) => {
        await writeFile(join(folder, 'a-file'), '');
        await refuse(get({ path: join(folder, 'a-file/x.jsonl') }), /choose another folder/);
        await mkdir(join(folder, 'read-only'));
        await chmod(join(folder, 'read-only'), 0o500);
        // The superuser may write there all the same.
        if (process.getuid?.() !== 0) {
          await refuse(get({ path: join(folder, 'read-only/x.jsonl') }), /write permission/);
        }
        assert.equal(server.requests.length, 0);
      },
    ));
});
