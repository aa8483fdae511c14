import assert from 'node:assert/strict';
import type { DownloadOptions } from '../../lib/src/datasets/download.js';
import { request } from '../../lib/src/datasets/web.js';
import { CONTENT, refuse, withServer } from './download-setting.js';
import { sendFile, startFileServer, type FileServer } from './file-server.js';

describe('a redirect', () => {
  const authorization = (server: FileServer): DownloadOptions['authorization'] => ({
    origin: server.url,
    token: 'hf_secret',
  });

  it('is followed, without the token once it leads to another host, and never with it again', async () => {
    await withServer(
      (context) => {
        if (context.path === '/back') sendFile(context, CONTENT);
        else context.response.writeHead(302, { location: other.url }).end();
      },
      async ({ server, get, content }) => {
        home = server.url;
        await get({ authorization: authorization(server) });
        assert.equal(await content(), CONTENT);
        assert.equal(server.requests[0]?.headers.authorization, 'Bearer hf_secret');
        assert.equal(other.requests[0]?.headers.authorization, undefined);
        assert.equal(server.requests[1]?.path, '/back');
        assert.equal(server.requests[1].headers.authorization, undefined);
      },
    );
  });
  let home = '';
  let other: FileServer;
  before(async () => {
    other = await startFileServer(({ response }) =>
      response.writeHead(307, { location: `${home}/back` }).end(),
    );
  });
  after(() => other.close());

  it('on the same host keeps the token', () =>
    withServer(
      (context) => {
        if (context.index === 0) context.response.writeHead(308, { location: '/elsewhere' }).end();
        else sendFile(context, CONTENT);
      },
      async ({ server, get }) => {
        await get({ authorization: authorization(server) });
        assert.equal(server.requests[1]?.path, '/elsewhere');
        assert.equal(server.requests[1].headers.authorization, 'Bearer hf_secret');
      },
    ));

  it('from https to http is refused', async () => {
    const redirecting = (): Promise<Response> =>
      Promise.resolve(new Response(null, { status: 302, headers: { location: 'http://127.0.0.1/x' } }));
    const { signal } = new AbortController();
    await refuse(
      request('https://127.0.0.1/x', { fetch: redirecting, headers: {}, authorization: null, signal }),
      /received a redirect from https to http/,
    );
  });

  it('to no web address, or in a circle, is one error that does not show the token', async () => {
    for (const location of ['file:///etc/passwd', 'ftp://127.0.0.1/x', 'http://[']) {
      await withServer(
        ({ response }) => response.writeHead(302, { location }).end(),
        async ({ get, server }) => {
          await refuse(
            get({ authorization: authorization(server) }),
            /received a redirect to (?!.*hf_secret)/,
          );
          assert.equal(server.requests.length, 1);
        },
      );
    }
    await withServer(
      ({ response }) => response.writeHead(302, { location: '/again' }).end(),
      async ({ get, server }) => {
        await refuse(get(), /more than 5 redirects/);
        assert.equal(server.requests.length, 6);
      },
    );
  });
});
