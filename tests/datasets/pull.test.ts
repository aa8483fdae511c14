import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { DataError } from '../../lib/src/core/errors.js';
import { sha256 } from '../../lib/src/core/hash.js';
import { thisProcess } from '../../lib/src/core/process-identity.js';
import { readCachedDataset, verifyCachedDataset } from '../../lib/src/datasets/cache.js';
import { datasetPlaces, type DatasetPlaces } from '../../lib/src/datasets/places.js';
import { pullDataset, type PullOptions, type PullResult } from '../../lib/src/datasets/pull.js';
import { datasetSchema, type Dataset } from '../../lib/src/datasets/dataset.js';
import { inTemporaryFolder } from '../fixtures/temporary-folder.js';
import { quickRetries, sendFile, startFileServer, type Behaviour, type FileServer } from './file-server.js';

const COMMIT = '1234567890123456789012345678901234567890';
const FILES: Record<string, string> = { 'a.jsonl': '{"a": 1}\n', 'sub/b.jsonl': '{"b": 2}\n' };

function dataset(source: Dataset['source']): Dataset {
  return datasetSchema.parse({
    name: 'tiny',
    kind: 'pool',
    title: 'Tiny',
    source,
    license: 'MIT',
    nRows: 2,
    columns: ['a'],
    homepage: 'https://example.org/tiny',
    note: null,
  });
}

const file = (path: string, sum: string | null = null): Dataset['source']['files'][number] => {
  return { path, sha256: sum, bytes: null, nRows: 1 };
};

const ON_GITHUB = dataset({
  kind: 'github',
  repo: 'o/tiny',
  commit: COMMIT,
  files: Object.keys(FILES).map((path) => file(path)),
});

const onHub = (files: Dataset['source']['files'], pattern: RegExp | null): Dataset =>
  dataset({ kind: 'huggingface', repo: 'o/tiny', revision: COMMIT, files, pattern });

interface Setting {
  server: FileServer;
  places: DatasetPlaces;
  folder: string;
  pull: (dataset: Dataset, options?: Partial<PullOptions>) => Promise<PullResult>;
}

async function withServer(behave: Behaviour, test: (setting: Setting) => Promise<void>): Promise<void> {
  const server = await startFileServer(behave);
  try {
    await inTemporaryFolder(async (cacheFolder) => {
      const places = datasetPlaces(
        { HF_TOKEN: 'hf_secret' },
        { cacheFolder, hubUrl: `${server.url}/hub`, rawUrl: `${server.url}/raw` },
      );
      const pull: Setting['pull'] = (wanted, options = {}) =>
        pullDataset(wanted, {
          places,
          pulledAt: '2026-01-02T03:04:05.000Z',
          signal: new AbortController().signal,
          retries: quickRetries().retries,
          ...options,
        });
      await test({ server, places, folder: join(cacheFolder, 'tiny'), pull });
    });
  } finally {
    await server.close();
  }
}

/** Both servers in one: raw files, and the hub with its listing. */
const serve: Behaviour = (context) => {
  const { path, response } = context;
  const tree = `/hub/api/datasets/o/tiny/tree/${COMMIT}?recursive=true`;
  const json = (value: unknown, headers = {}): void => {
    response.writeHead(200, headers).end(JSON.stringify(value));
  };
  if (path === tree) {
    const first = [
      { type: 'directory', path: 'sub' },
      { type: 'file', path: '../out.jsonl', size: 1 },
      { type: 'file', path: 'README.md', size: 1 },
      {
        type: 'file',
        path: 'sub/b.jsonl',
        size: 9,
        oid: 'f'.repeat(40),
        lfs: { oid: sha256(FILES['sub/b.jsonl']!), size: 9 },
      },
    ];
    return json(first, { link: `<${tree}&cursor=2>; rel="next"` });
  }
  if (path === `${tree}&cursor=2`)
    return json([{ type: 'file', path: 'a.jsonl', size: 9, oid: 'e'.repeat(40) }]);
  const name = path
    .replace(`/raw/o/tiny/${COMMIT}/`, '')
    .replace(`/hub/datasets/o/tiny/resolve/${COMMIT}/`, '');
  const content = FILES[name];
  if (content === undefined) response.writeHead(404).end();
  else sendFile(context, content);
};

const pathsOf = ({ requests }: FileServer): string[] => requests.map(({ path }) => path.replace(COMMIT, 'C'));

describe('pulling a data set', () => {
  it('brings all its files and then its record, and leaves no lock', () =>
    withServer(serve, async ({ pull, folder, server }) => {
      const { wasThere, record } = await pull(ON_GITHUB);
      assert.equal(wasThere, false);
      assert.deepEqual(record, {
        schemaVersion: 1,
        name: 'tiny',
        source: { kind: 'github', repo: 'o/tiny', revision: COMMIT },
        files: Object.entries(FILES).map(([path, text]) => ({ path, sha256: sha256(text), bytes: 9 })),
        pulledAt: '2026-01-02T03:04:05.000Z',
      });
      assert.deepEqual(JSON.parse(await readFile(join(folder, 'dataset.json'), 'utf8')), record);
      assert.deepEqual((await readdir(folder, { recursive: true })).sort(), [
        'a.jsonl',
        'dataset.json',
        'sub',
        join('sub', 'b.jsonl'),
      ]);
      assert.deepEqual(pathsOf(server), ['/raw/o/tiny/C/a.jsonl', '/raw/o/tiny/C/sub/b.jsonl']);
      // The token is the hub's alone.
      assert.ok(server.requests.every(({ headers }) => headers.authorization === undefined));
    }));

  it('does nothing when everything is there and verified', () =>
    withServer(serve, async ({ pull, server }) => {
      const first = await pull(ON_GITHUB);
      const again = await pull(ON_GITHUB, { pulledAt: '2027-01-01T00:00:00.000Z' });
      assert.deepEqual(again, { wasThere: true, record: first.record });
      assert.equal(server.requests.length, 2);
    }));

  it('fetches again what is missing or changed, and only that', () =>
    withServer(serve, async ({ pull, places, folder, server }) => {
      const { record } = await pull(ON_GITHUB);
      assert.deepEqual(await verifyCachedDataset(places.cacheFolder, record), []);
      await writeFile(join(folder, 'a.jsonl'), '{"a": 9}\n');
      assert.deepEqual(await verifyCachedDataset(places.cacheFolder, record), [
        { file: 'a.jsonl', problem: 'differs' },
      ]);
      await rm(join(folder, 'sub'), { recursive: true });
      assert.deepEqual(await verifyCachedDataset(places.cacheFolder, record), [
        { file: 'a.jsonl', problem: 'differs' },
        { file: 'sub/b.jsonl', problem: 'missing' },
      ]);
      await pull(ON_GITHUB);
      assert.deepEqual(await verifyCachedDataset(places.cacheFolder, record), []);
      await rm(join(folder, 'a.jsonl'));
      await pull(ON_GITHUB);
      assert.deepEqual(pathsOf(server).slice(2), [
        '/raw/o/tiny/C/a.jsonl',
        '/raw/o/tiny/C/sub/b.jsonl',
        '/raw/o/tiny/C/a.jsonl',
      ]);
    }));

  it('compares a file whose sum is not published with that of the first pull', () => {
    let isChanged = false;
    return withServer(
      (context) => (isChanged ? sendFile(context, '{"a": 7}\n') : serve(context)),
      async ({ pull, folder }) => {
        await pull(ON_GITHUB);
        isChanged = true;
        await rm(join(folder, 'a.jsonl'));
        await assert.rejects(pull(ON_GITHUB), new RegExp(`expected SHA-256 ${sha256(FILES['a.jsonl']!)}`));
      },
    );
  });

  it('takes the list and the sums that the registry lacks from the hub, page by page, with the token', () =>
    withServer(serve, async ({ pull, server }) => {
      const { record } = await pull(onHub([], /\.jsonl$/));
      assert.deepEqual(
        record.files.map(({ path }) => path),
        ['a.jsonl', 'sub/b.jsonl'],
      );
      assert.deepEqual(pathsOf(server), [
        '/hub/api/datasets/o/tiny/tree/C?recursive=true',
        '/hub/api/datasets/o/tiny/tree/C?recursive=true&cursor=2',
        '/hub/datasets/o/tiny/resolve/C/a.jsonl',
        '/hub/datasets/o/tiny/resolve/C/sub/b.jsonl',
      ]);
      assert.ok(server.requests.every(({ headers }) => headers.authorization === 'Bearer hf_secret'));
    }));

  it('refuses a file that is not what the hub lists', () =>
    withServer(
      (context) => (context.path.endsWith('/b.jsonl') ? sendFile(context, '{"b": 3}\n') : serve(context)),
      async ({ pull, places }) => {
        await assert.rejects(pull(onHub([file('sub/b.jsonl')], null)), /expected SHA-256/);
        assert.equal(await readCachedDataset(places.cacheFolder, 'tiny'), null);
      },
    ));

  it('asks the hub nothing when the registry knows all sums', () =>
    withServer(serve, async ({ pull, server }) => {
      await pull(onHub([file('a.jsonl', sha256(FILES['a.jsonl']!))], null));
      assert.deepEqual(pathsOf(server), ['/hub/datasets/o/tiny/resolve/C/a.jsonl']);
    }));

  it('is one error when the hub lists no such files or answers something else', async () => {
    await withServer(serve, async ({ pull }) => {
      await assert.rejects(pull(onHub([], /\.parquet$/)), /expected files of this data set.*received none/);
    });
    await withServer(
      ({ response }) => response.writeHead(200).end('<html>'),
      async ({ pull }) => {
        await assert.rejects(
          pull(onHub([], /x/)),
          /expected a JSON document as the hub gives it, received not JSON/,
        );
      },
    );
  });

  it('that breaks off does not count, and the next one uses what is there', () => {
    let isDown = true;
    return withServer(
      (context) => {
        if (isDown && context.path.endsWith('b.jsonl')) context.response.writeHead(500).end();
        else serve(context);
      },
      async ({ pull, places, folder, server }) => {
        const known = onHub(
          Object.entries(FILES).map(([path, text]) => file(path, sha256(text))),
          null,
        );
        await assert.rejects(pull(known), (thrown: unknown) => {
          assert.ok(thrown instanceof DataError);
          assert.match(thrown.message, /^data set tiny: .*HTTP status 500 \(http:.*\/sub\/b\.jsonl\)/);
          assert.match(
            thrown.message,
            /Still missing: sub\/b\.jsonl\. Get it with: autodidact data pull tiny$/,
          );
          return true;
        });
        assert.equal(await readCachedDataset(places.cacheFolder, 'tiny'), null);
        assert.deepEqual(await readdir(folder), ['a.jsonl', 'sub']);
        isDown = false;
        const nBefore = server.requests.length;
        await pull(known);
        assert.deepEqual(pathsOf(server).slice(nBefore), ['/hub/datasets/o/tiny/resolve/C/sub/b.jsonl']);
      },
    );
  });

  it('of another commit never mixes with the one before', () =>
    withServer(serve, async ({ pull, places }) => {
      await pull(ON_GITHUB);
      const other = dataset({
        kind: 'github',
        repo: 'o/tiny',
        commit: 'f'.repeat(40),
        files: [file('gone.jsonl')],
      });
      await assert.rejects(pull(other), /HTTP status 404/);
      assert.equal(await readCachedDataset(places.cacheFolder, 'tiny'), null);
    }));

  it('goes through the proxy of the environment', () =>
    withServer(serve, async ({ pull, places }) => {
      const asked: string[] = [];
      const proxy = createServer();
      proxy.on('connect', (request: IncomingMessage, socket) => {
        asked.push(request.url ?? '');
        socket.end('HTTP/1.1 502 no\r\n\r\n');
      });
      await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
      const environment = { HTTP_PROXY: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}` };
      const away = { ...places, rawUrl: 'http://raw.invalid' };
      await assert.rejects(pull(ON_GITHUB, { environment, places: away }), DataError);
      assert.deepEqual([...new Set(asked)], ['raw.invalid:80']);
      await new Promise((resolve) => proxy.close(resolve));
    }));

  it('is called off with the reason of the signal, and gives its lock back', () =>
    withServer(serve, async ({ pull, folder }) => {
      const stop = new AbortController();
      const reason = new Error('stopped by the test');
      await assert.rejects(
        pull(ON_GITHUB, { signal: stop.signal, onProgress: () => stop.abort(reason) }),
        reason,
      );
      assert.ok(!(await readdir(folder)).some((name) => name.includes('lock')));
    }));

  it('at the same time as another in this process is refused, and does not disturb it', () => {
    let rival: Promise<unknown> | null = null;
    return withServer(
      (context) => {
        // The first answer is held back until the rival has failed.
        rival ??= setting?.pull(ON_GITHUB).catch((thrown: unknown) => thrown) ?? null;
        void rival?.then(() => serve(context));
      },
      async (own) => {
        setting = own;
        assert.equal((await own.pull(ON_GITHUB)).wasThere, false);
        assert.match(String(await rival), /is getting it/);
        assert.equal(own.server.requests.length, 2);
      },
    );
  });
  let setting: Setting | null = null;

  it('does not wait for a process that is getting the same, and continues after one that died', () =>
    withServer(serve, async ({ pull, folder }) => {
      await mkdir(folder);
      await writeFile(join(folder, 'pull.lock.1'), JSON.stringify({ ...(await thisProcess()), taken: 'x' }));
      await assert.rejects(pull(ON_GITHUB), new RegExp(`process ${process.pid} is getting it`));
      await writeFile(
        join(folder, 'pull.lock.1'),
        JSON.stringify({ pid: process.pid, startedAt: 'long ago' }),
      );
      assert.equal((await pull(ON_GITHUB)).wasThere, false);
    }));
});
