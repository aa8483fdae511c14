import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { HttpServer } from '../../../lib/src/micro/server/http-server.js';

describe('a connection that sends half of a request', () => {
  const server = new HttpServer(
    {
      routes: [{ method: 'POST', path: '/v1/x', handle: () => ({}) }],
      guard: () => undefined,
      report: (failure) => assert.fail(String(failure)),
      beforeClose: () => Promise.resolve(),
    },
    { headersMs: 20, requestMs: 40, checkedEveryMs: 10 },
  );
  after(() => server.close());

  for (const [what, sent] of [
    ['its headers', 'POST /v1/x HTTP/1.1\r\nHost: x\r\nContent-'],
    [
      'its body',
      'POST /v1/x HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{"a',
    ],
  ] as const)
    it(`is closed when ${what} do not arrive`, async () => {
      const port = await (listening ??= server.listen({ host: '127.0.0.1', port: 0 }));
      const socket = connect(port, '127.0.0.1').resume();
      socket.on('error', () => undefined);
      socket.write(sent);
      await once(socket, 'close');
    });
  let listening: Promise<number> | undefined;
});
