// Wrong HTTP: bodies, methods, paths and bytes that no route can take; the server lives on.
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { type TestServer } from './server-fixture.js';
import { json, raw, refuseAll, type WrongRequest } from './wrong-request.js';

const wrongRequests: WrongRequest[] = [
  { what: 'no body', send: raw('POST', '/v1/chat/completions'), status: 400, says: /JSON object.*no body/ },
  {
    what: 'an empty JSON body',
    send: raw('POST', '/v1/chat/completions', { headers: json, body: '' }),
    status: 400,
    says: /empty|no body/,
  },
  {
    what: 'broken JSON',
    send: raw('POST', '/v1/chat/completions', { headers: json, body: '{"model": ' }),
    status: 400,
    code: 'invalid_json',
    says: /not valid JSON/,
  },
  {
    what: 'JSON that is no object',
    send: raw('POST', '/v1/chat/completions', { headers: json, body: '[1]' }),
    status: 400,
    says: /JSON object.*a list/,
  },
  {
    what: 'JSON null',
    send: raw('POST', '/v1/chat/completions', { headers: json, body: 'null' }),
    status: 400,
    says: /JSON object.*null/,
  },
  {
    what: 'a text body',
    send: raw('POST', '/v1/chat/completions', { headers: { 'content-type': 'text/plain' }, body: '{}' }),
    status: 415,
    says: /Content-Type: application\/json/,
  },
  {
    what: 'an XML body',
    send: raw('POST', '/v1/chat/completions', {
      headers: { 'content-type': 'application/xml' },
      body: '<a/>',
    }),
    status: 415,
    says: /Content-Type: application\/json/,
  },
  {
    what: 'a form for chat',
    send: ({ origin }) => {
      const form = new FormData();
      form.append('model', 'micro-seed');
      return fetch(`${origin}/v1/chat/completions`, { method: 'POST', body: form });
    },
    status: 415,
    says: /application\/json/,
  },
  {
    what: 'a body beyond the limit',
    send: raw('POST', '/v1/chat/completions', {
      headers: json,
      body: JSON.stringify({ content: '1 '.repeat(600_000) }),
    }),
    status: 413,
    says: /too large/,
  },
  {
    what: 'a body of unknown length beyond the limit',
    send: raw('POST', '/v1/chat/completions', {
      headers: json,
      body: new Blob(['1 '.repeat(600_000)]).stream(),
      ...{ duplex: 'half' },
    }),
    status: 413,
    says: /too large/,
  },
  { what: 'a wrong method', send: raw('GET', '/v1/chat/completions'), status: 405, says: /takes POST/ },
  {
    what: 'a wrong method with a body',
    send: raw('PUT', '/v1/models', { headers: json, body: '{' }),
    status: 405,
    says: /takes GET/,
  },
  { what: 'a preflight of a web page', send: raw('OPTIONS', '/v1/models'), status: 405, says: /takes GET/ },
  {
    what: 'an unknown path',
    send: raw('GET', '/v1/embeddings'),
    status: 404,
    says: /nothing at GET \/v1\/embeddings/,
  },
  {
    what: 'an unknown path with a broken body',
    send: raw('POST', '/v2/chat', { headers: json, body: '{' }),
    status: 404,
    says: /\/v1\/chat\/completions/,
  },
  { what: 'a path that is no URL', send: raw('GET', '/v1/models/%zz'), status: 400, says: /well-formed/ },
];

function refuseBytes(server: () => TestServer): void {
  for (const [what, bytes, status] of [
    ['no HTTP at all', 'hello\r\n\r\n', 400],
    ['no Host header', 'GET /v1/models HTTP/1.1\r\n\r\n', 403],
    ['headers without end', `GET / HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
  ] as const) {
    it(`(${what}) is answered with ${status}`, async () => {
      const socket = connect(server().port, '127.0.0.1');
      socket.write(bytes);
      let answer = '';
      for await (const chunk of socket) {
        answer += String(chunk);
        if (answer.includes('}}')) break;
      }
      assert.match(answer, new RegExp(`^HTTP/1.1 ${status} `));
      assert.match(answer, /\{"error":\{"message":/);
    });
  }
}

describe('a wrong HTTP request', () => {
  refuseAll(wrongRequests, refuseBytes);
});
