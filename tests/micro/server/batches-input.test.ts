// Invalid batches: wrong requests, and input files with every wrong line reported.
import assert from 'node:assert/strict';
import { request as httpRequest } from 'node:http';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type OpenAI from 'openai';
import {
  batchLine,
  batchLines,
  batchResults,
  createBatch,
  endedBatch,
  ServerRoom,
  trainingText,
  until,
  upload,
} from './server-fixture.js';
import { json, raw, refuseAll, type WrongRequest } from './wrong-request.js';

const room = new ServerRoom();
const goodBatch = {
  input_file_id: 'file-0123456789abcdef01234567',
  endpoint: '/v1/chat/completions',
  completion_window: '24h',
};

function create(change: object): NonNullable<WrongRequest['send']> {
  return raw('POST', '/v1/batches', { headers: json, body: JSON.stringify({ ...goodBatch, ...change }) });
}

function uploadFor(purpose: string, text = '{}'): NonNullable<WrongRequest['send']> {
  const form = new FormData();
  form.set('purpose', purpose);
  form.set('file', new Blob([text]), 'a.jsonl');
  return raw('POST', '/v1/files', { body: form });
}

const wrongRequests: WrongRequest[] = [
  {
    what: 'a batch of no known file',
    send: create({}),
    status: 400,
    says: /no file "file-0123456789abcdef01234567"/,
    code: 'file_not_found',
    param: 'input_file_id',
  },
  { what: 'no input file', send: create({ input_file_id: undefined }), status: 400, says: /input_file_id/ },
  {
    what: 'another endpoint',
    send: create({ endpoint: '/v1/embeddings' }),
    status: 400,
    says: /expected "\/v1\/chat\/completions"/,
    param: 'endpoint',
  },
  {
    what: 'another window',
    send: create({ completion_window: '1h' }),
    status: 400,
    says: /expected "24h"/,
    param: 'completion_window',
  },
  {
    what: 'seventeen pairs of metadata',
    send: create({ metadata: Object.fromEntries(Array.from({ length: 17 }, (_, i) => [`k${i}`, 'v'])) }),
    status: 400,
    says: /at most 16 pairs/,
    param: 'metadata',
  },
  {
    what: 'metadata that is no text',
    send: create({ metadata: { a: 1 } }),
    status: 400,
    says: /metadata\.a/,
  },
  {
    what: 'a misspelt key',
    send: create({ input_fileid: 'x' }),
    status: 400,
    says: /did you mean "input_file_id"/,
    code: 'unknown_parameter',
  },
  {
    what: 'a batch whose files should expire',
    send: create({ output_expires_after: { anchor: 'created_at', seconds: 3600 } }),
    status: 400,
    says: /output_expires_after/,
    code: 'unsupported_parameter',
  },
  {
    what: 'a body that is no JSON',
    send: raw('POST', '/v1/batches', { headers: json, body: '{' }),
    status: 400,
    says: /not valid JSON/,
  },
  { what: 'no body', send: raw('POST', '/v1/batches'), status: 400, says: /no body/ },
  {
    what: 'an unknown batch',
    send: raw('GET', '/v1/batches/batch_none'),
    status: 404,
    says: /no batch "batch_none"/,
  },
  {
    what: 'a batch with the name of a path',
    send: raw('GET', '/v1/batches/..%2F..%2Fetc'),
    status: 404,
    says: /no batch/,
  },
  {
    what: 'cancelling an unknown batch',
    send: raw('POST', '/v1/batches/batch_none/cancel'),
    status: 404,
    says: /no batch/,
  },
  {
    what: 'an unknown query parameter',
    send: raw('GET', '/v1/batches?order=asc'),
    status: 400,
    says: /order/,
  },
  { what: 'a limit of 101', send: raw('GET', '/v1/batches?limit=101'), status: 400, says: /1 to 100/ },
  { what: 'deleting a batch', send: raw('DELETE', '/v1/batches/batch_x'), status: 405, says: /GET, HEAD/ },
  {
    what: 'an empty Idempotency-Key',
    send: raw('POST', '/v1/batches', { headers: { ...json, 'idempotency-key': '' }, body: '{}' }),
    status: 400,
    says: /Idempotency-Key/,
  },
  {
    what: 'a file for another purpose',
    send: uploadFor('vision'),
    status: 400,
    says: /expected "fine-tune" or "batch", received "vision"/,
    param: 'purpose',
  },
  {
    what: 'a file for the purpose of results',
    send: uploadFor('batch_output'),
    status: 400,
    says: /expected "fine-tune" or "batch"/,
  },
  {
    what: 'a training file that is none',
    send: uploadFor('fine-tune', batchLine('a', 1)),
    status: 400,
    says: /Invalid training file/,
  },
];

describe('a wrong request about batches', () => {
  refuseAll(wrongRequests, (server) => {
    it('(a batch of a training file) is answered with 400', async () => {
      const { client } = server();
      const file = await upload(client, trainingText('3'));
      await assert.rejects(createBatch(client, file), { status: 400, code: 'invalid_purpose' });
    });
  });
});

describe('an upload', () => {
  afterEach(() => room.close());

  it('that is refused or cut short leaves nothing behind', async () => {
    const stateFolder = await room.folder();
    const { origin, port } = await room.start({ stateFolder });
    const form = new FormData();
    form.set('file', new Blob(['{}']), 'a.jsonl');
    form.set('purpose', 'vision');
    assert.equal((await fetch(`${origin}/v1/files`, { method: 'POST', body: form })).status, 400);
    const files = join(stateFolder, 'files');
    assert.deepEqual(await readdir(files), []);
    const cut = httpRequest({
      port,
      path: '/v1/files',
      method: 'POST',
      headers: { 'content-type': 'multipart/form-data; boundary=b', 'content-length': 100_000 },
    });
    cut.on('error', () => undefined);
    cut.write('--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nhalf of the fi');
    await until(async () => ((await readdir(files)).length === 1 ? true : null));
    cut.destroy();
    await until(async () => ((await readdir(files)).length === 0 ? true : null));
  });
});

describe('the input of a batch', () => {
  let client: OpenAI;
  before(async () => {
    ({ client } = await room.start());
  });
  after(() => room.close());

  async function problemsOf(
    lines: readonly string[],
  ): Promise<{ code?: string; line?: number | null; param?: string | null; message?: string }[]> {
    const batch = await endedBatch(client, (await createBatch(client, lines)).id);
    assert.equal(batch.status, 'failed');
    assert.ok(batch.failed_at! > 0);
    assert.equal(batch.in_progress_at, null);
    assert.equal(batch.output_file_id, null);
    assert.deepEqual(batch.request_counts, { total: 0, completed: 0, failed: 0 });
    assert.equal(batch.errors?.object, 'list');
    return batch.errors.data ?? [];
  }

  const good = { custom_id: 'x', method: 'POST', url: '/v1/chat/completions', body: {} };

  it('has every wrong line reported with its number, its field and what to do', async () => {
    const lines = [
      batchLine('a', 1),
      'no JSON',
      '',
      '[1]',
      JSON.stringify({ ...good, custom_id: undefined }),
      JSON.stringify({ ...good, custom_id: 7 }),
      batchLine('a', 2),
      JSON.stringify({ ...good, custom_id: 'b', method: 'GET' }),
      JSON.stringify({ ...good, custom_id: 'c', url: '/v1/embeddings' }),
      JSON.stringify({ ...good, custom_id: 'd', body: undefined }),
      // Deeper than can be written out.
      `{"custom_id":"e","method":"POST","url":"/v1/chat/completions","body":${'['.repeat(20_000)}${']'.repeat(20_000)}}`,
      JSON.stringify({ ...good, custom_id: 'f'.repeat(513) }),
    ];
    const problems = await problemsOf(lines);
    assert.deepEqual(
      problems.map(({ line, code, param }) => [line, code, param]),
      [
        [2, 'invalid_json_line', null],
        [4, 'invalid_json_line', null],
        [5, 'missing_custom_id', 'custom_id'],
        [6, 'invalid_custom_id', 'custom_id'],
        [7, 'duplicate_custom_id', 'custom_id'],
        [8, 'invalid_method', 'method'],
        [9, 'invalid_url', 'url'],
        [10, 'invalid_body', 'body'],
        [11, 'invalid_body', 'body'],
        [12, 'invalid_custom_id', 'custom_id'],
      ],
    );
    assert.match(problems[4]?.message ?? '', /"a" stands on line 1 already/);
    assert.match(problems[5]?.message ?? '', /Expected the method "POST", received "GET"/);
  });

  it('must hold a request', async () => {
    assert.deepEqual(
      (await problemsOf(['', '  '])).map(({ code, line }) => [code, line]),
      [['empty_file', null]],
    );
  });

  it('may hold 50,000 requests, and the problems of a file of nonsense are counted', async () => {
    const problems = await problemsOf(Array.from({ length: 50_001 }, () => '?'));
    // One for the whole, 1000 lines, and how many more: 50,000 - 1000.
    assert.equal(problems.length, 1002);
    assert.equal(problems[0]?.code, 'too_many_requests');
    assert.match(problems[0].message ?? '', /50001 requests; a batch may have 50000/);
    assert.equal(problems.at(-1)?.code, 'more_problems');
    assert.match(problems.at(-1)?.message ?? '', /^49000 more lines/);
  });

  it('may not have a line of more than 4 MiB, which is not kept in memory', async () => {
    const problems = await problemsOf([batchLine('a', 1), ' '.repeat(4 * 1024 * 1024 + 1), 'x']);
    assert.deepEqual(
      problems.map(({ code, line }) => [code, line]),
      [
        ['line_too_long', 2],
        ['invalid_json_line', 3],
      ],
    );
  });

  it('is reported at once, also behind a batch that is being worked on', async () => {
    const server = await room.start();
    let open: () => void = () => undefined;
    server.engine.add({ texts: ['3'], until: new Promise<void>((resolve) => (open = resolve)) });
    const running = await createBatch(server.client, batchLines(1));
    const wrong = await createBatch(server.client, ['?']);
    assert.equal((await endedBatch(server.client, wrong.id)).status, 'failed');
    assert.equal((await server.client.batches.retrieve(running.id)).status, 'in_progress');
    open();
    await endedBatch(server.client, running.id);
  });

  it('may end its lines as Windows does, begin with a byte order mark, and hold any letters', async () => {
    const server = await room.start();
    server.engine.add({ texts: ['3'] }, { texts: ['3'] });
    const lines = [`\uFEFF${batchLine('r1 \u2028 ä', 1)}\r`, `${batchLine('r2', 2)}\r`, '\r'];
    const batch = await endedBatch(server.client, (await createBatch(server.client, lines)).id);
    assert.deepEqual(
      (await batchResults(server.client, batch.output_file_id)).map(({ custom_id }) => custom_id).sort(),
      ['r1 \u2028 ä', 'r2'],
    );
  });

  it('must be UTF-8', async () => {
    const form = new FormData();
    form.set('purpose', 'batch');
    form.set('file', new Blob([Buffer.from([0x7b, 0xff, 0x7d])]), 'a.jsonl');
    const { origin, client: another } = await room.start();
    const response = await fetch(`${origin}/v1/files`, { method: 'POST', body: form });
    const { id } = (await response.json()) as { id: string };
    const batch = await endedBatch(another, (await createBatch(another, id)).id);
    assert.match(batch.errors?.data?.[0]?.message ?? '', /UTF-8/);
  });
});
