import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { main } from '../../lib/src/cli/main.js';
import { sha256 } from '../../lib/src/core/hash.js';
import { startFileServer } from '../datasets/file-server.js';
import { inTemporaryFolder } from '../fixtures/temporary-folder.js';

interface Outcome {
  code: number | null;
  out: string;
  err: string;
}

/** Runs the command in this process: its exit code and what it wrote. */
async function run(args: string[], environment: Record<string, string> = {}): Promise<Outcome> {
  const outcome: Outcome = { code: null, out: '', err: '' };
  const before = Object.keys(environment).map((name) => [name, process.env[name]] as const);
  const listeners = process.stdout.listeners('error');
  const capture =
    (stream: 'out' | 'err') =>
    (text: string | Uint8Array): boolean => {
      outcome[stream] += String(text);
      return true;
    };
  process.stdout.write = capture('out');
  process.stderr.write = capture('err');
  Object.assign(process.env, environment);
  try {
    outcome.code = await main(['node', 'autodidact', 'data', ...args]);
  } finally {
    // Their own method comes from their class.
    Reflect.deleteProperty(process.stdout, 'write');
    Reflect.deleteProperty(process.stderr, 'write');
    for (const [name, value] of before) {
      if (value === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = value;
    }
    // A command is made for a process of its own and leaves its listener behind.
    for (const listener of process.stdout.listeners('error')) {
      if (!listeners.includes(listener)) process.stdout.off('error', listener as () => void);
    }
  }
  assert.doesNotMatch(outcome.out + outcome.err, /\n\s+at /);
  return outcome;
}

/** Puts a data set into a cache as a pull leaves it. */
async function placeDataset(cache: string, name: string, files: Record<string, string>): Promise<void> {
  await mkdir(join(cache, name), { recursive: true });
  for (const [path, text] of Object.entries(files)) await writeFile(join(cache, name, path), text);
  const record = {
    schemaVersion: 1,
    name,
    source: { kind: 'github', repo: 'o/r', revision: 'f'.repeat(40) },
    files: Object.entries(files).map(([path, text]) => ({ path, sha256: sha256(text), bytes: text.length })),
    pulledAt: '2026-01-02T03:04:05.000Z',
  };
  await writeFile(join(cache, name, 'dataset.json'), JSON.stringify(record));
}

const listingSchema = z.array(
  z.strictObject({
    name: z.string(),
    kind: z.enum(['benchmark', 'pool']),
    title: z.string(),
    source: z.strictObject({
      kind: z.enum(['huggingface', 'github']),
      repo: z.string(),
      revision: z.string().regex(/^[0-9a-f]{40}$/),
    }),
    files: z.array(z.string()),
    license: z.string(),
    nRows: z.int().nullable(),
    bytes: z.int().nullable(),
    columns: z.array(z.string()),
    homepage: z.url(),
    note: z.string().nullable(),
    inCache: z.boolean(),
    pulledAt: z.string().nullable(),
  }),
);

describe('autodidact data list', () => {
  it('shows what there is and what is here, as a table and as JSON', () =>
    inTemporaryFolder(async (cache) => {
      await placeDataset(cache, 'judgebench', { 'a.jsonl': '{}\n', 'b.jsonl': '{"b": 1}\n' });
      const { code, out } = await run(['list', '--cache', cache]);
      assert.equal(code, 0);
      assert.match(out, /^rewardbench +benchmark +2,985 +2\.4 MB +no +ODC-BY$/m);
      assert.match(out, /^judgebench +benchmark +620 +12 B +yes +MIT$/m);
      assert.match(out, /^wildchat +pool +– +– +no +ODC-BY$/m);
      const listed = listingSchema.parse(JSON.parse((await run(['list', '--cache', cache, '--json'])).out));
      const judgebench = listed.find(({ name }) => name === 'judgebench');
      assert.deepEqual(
        [judgebench?.inCache, judgebench?.bytes, judgebench?.files, judgebench?.pulledAt],
        [true, 12, ['a.jsonl', 'b.jsonl'], '2026-01-02T03:04:05.000Z'],
      );
      assert.deepEqual(
        listed.filter(({ inCache }) => inCache).map(({ name }) => name),
        ['judgebench'],
      );
    }));

  it('takes the cache from the environment, and a broken record for none', () =>
    inTemporaryFolder(async (cache) => {
      await placeDataset(cache, 'ifeval', { 'a.jsonl': '{}\n' });
      await placeDataset(cache, 'xstest', { 'a.jsonl': '{}\n' });
      await writeFile(join(cache, 'xstest/dataset.json'), '{');
      const { out } = await run(['list'], { AUTODIDACT_DATASETS: cache });
      assert.match(out, /^ifeval .* yes /m);
      assert.match(out, /^xstest .* no /m);
    }));
});

describe('autodidact data verify', () => {
  it('says that everything is as it was pulled', () =>
    inTemporaryFolder(async (cache) => {
      await placeDataset(cache, 'ifeval', { 'a.jsonl': '{}\n' });
      const { code, out } = await run(['verify', '--cache', cache]);
      assert.equal(code, 0);
      assert.equal(out, 'ifeval: 1 file(s) as pulled\n');
    }));

  it('fails with the names of what is missing or changed', () =>
    inTemporaryFolder(async (cache) => {
      await placeDataset(cache, 'ifeval', { 'a.jsonl': '{}\n' });
      await placeDataset(cache, 'llmbar', { 'a.json': '[]', 'b.json': '[]' });
      await writeFile(join(cache, 'llmbar/b.json'), '{}');
      const { code, out, err } = await run(['verify', '--cache', cache]);
      assert.equal(code, 1);
      assert.equal(out, 'llmbar: b.json differs\nifeval: 1 file(s) as pulled\n');
      assert.match(err, /files of llmbar\. Get them again with: autodidact data pull llmbar\n$/);
      const asked = await run(['verify', 'gsm8k', 'ifeval', '--cache', cache]);
      assert.equal(asked.code, 1);
      assert.match(asked.out, /^gsm8k: not in the cache$/m);
    }));

  it('says that nothing is here', () =>
    inTemporaryFolder(async (cache) => {
      const { code, out } = await run(['verify', '--cache', cache]);
      assert.equal(code, 0);
      assert.match(out, /^no data sets in /);
    }));
});

describe('autodidact data pull', () => {
  it('refuses an unknown name before anything is fetched', async () => {
    const { code, err } = await run(['pull', 'xstest', 'rewardbnech']);
    assert.equal(code, 2);
    assert.match(err, /data set rewardbnech: expected one of rewardbench, rewardbench2, judgebench/);
  });

  it('brings a data set, and says the next time that it is here and verified', () =>
    inTemporaryFolder(async (cache) => {
      const text = '{"pair_id": "x"}\n';
      const names = ['data/gpt-00000-of-00001.jsonl', 'data/claude-00000-of-00001.jsonl'];
      const server = await startFileServer(({ path, response }) => {
        // As on the hub: these two files are small and have no sum in the listing.
        if (path.startsWith('/api/')) {
          response
            .writeHead(200)
            .end(JSON.stringify(names.map((name) => ({ path: name, size: text.length }))));
        } else response.writeHead(200, { 'content-length': text.length }).end(text);
      });
      try {
        const environment = { AUTODIDACT_HUB_URL: server.url, AUTODIDACT_DATASETS: cache };
        const where = join(cache, 'judgebench');
        const first = await run(['pull', 'judgebench', 'judgebench'], environment);
        assert.deepEqual(first, { code: 0, out: `judgebench: pulled, 2 file(s), 34 B, ${where}\n`, err: '' });
        const nRequests = server.requests.length;
        const again = await run(['pull', 'judgebench'], environment);
        assert.match(again.out, /^judgebench: already here and verified, 2 file\(s\), 34 B/);
        assert.equal(server.requests.length, nRequests);
        assert.equal(await readFile(join(where, names[0]!), 'utf8'), text);
        assert.match((await run(['verify'], environment)).out, /^judgebench: 2 file\(s\) as pulled$/m);
      } finally {
        await server.close();
      }
    }));

  it('refuses a server that has something else, and keeps nothing of it', () =>
    inTemporaryFolder(async (cache) => {
      const server = await startFileServer(({ response }) =>
        response.writeHead(200, { 'content-length': 1 }).end('x'),
      );
      try {
        const { code, err } = await run(['pull', 'xstest', '--cache', cache], {
          AUTODIDACT_RAW_URL: server.url,
        });
        assert.equal(code, 1);
        assert.match(err, /data set xstest: expected 38719 bytes, received 1 bytes/);
        await assert.rejects(readFile(join(cache, 'xstest/xstest_prompts.csv')), /ENOENT/);
      } finally {
        await server.close();
      }
    }));

  it('says offline what is missing, which address did not answer, and the command that gets it', () =>
    inTemporaryFolder(async (cache) => {
      const server = await startFileServer(() => undefined);
      await server.close();
      const { code, out, err } = await run(['pull', 'arena-hard', '--cache', cache], {
        AUTODIDACT_RAW_URL: server.url,
      });
      assert.equal(code, 1);
      assert.equal(out, '');
      assert.match(
        err,
        /^error: data set arena-hard: expected a server that can be reached, received ECONNREFUSED/,
      );
      assert.ok(err.includes(`(${server.url}/lmarena/arena-hard-auto/196f6b82`), err);
      assert.match(
        err,
        /Still missing: data\/arena-hard-v0\.1\/question\.jsonl, data\/arena-hard-v2\.0\/question\.jsonl\./,
      );
      assert.match(err, /Get it with: autodidact data pull arena-hard\n$/);
    })).timeout(10_000);
});
