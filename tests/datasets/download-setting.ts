// What tests of downloads share: a server, a folder, and one file that goes from the one to the other.
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Connections } from '../../lib/src/core/connections.js';
import { DataError } from '../../lib/src/core/errors.js';
import { sha256 } from '../../lib/src/core/hash.js';
import { downloadFile, type DownloadOptions } from '../../lib/src/datasets/download.js';
import { inTemporaryFolder } from '../fixtures/temporary-folder.js';
import { quickRetries, startFileServer, type Behaviour, type FileServer } from './file-server.js';

/** 18,889 bytes. */
export const CONTENT = Array.from({ length: 2000 }, (_, i) => `line ${i}`).join('\n');
export const SUM = sha256(CONTENT);

/** A server, a place for its file, and a download from the one to the other. */
export interface DownloadSetting {
  server: FileServer;
  folder: string;
  path: string;
  waits: number[];
  get: (overrides?: Partial<DownloadOptions>) => Promise<{ sha256: string; bytes: number }>;
  content: () => Promise<string>;
  left: () => Promise<string[]>;
}

/** Runs a test of downloads against a server of its own. */
export async function withServer(
  behave: Behaviour,
  test: (setting: DownloadSetting) => Promise<void>,
): Promise<void> {
  const server = await startFileServer(behave);
  const connections = new Connections({ connections: 1 });
  try {
    await inTemporaryFolder(async (folder) => {
      const path = join(folder, 'cache/file.jsonl');
      const { retries, waits } = quickRetries();
      await test({
        server,
        folder,
        path,
        waits,
        get: (overrides = {}) =>
          downloadFile({
            url: `${server.url}/file.jsonl`,
            path,
            sha256: SUM,
            bytes: CONTENT.length,
            authorization: null,
            fetch: connections.fetch,
            retries,
            signal: new AbortController().signal,
            ...overrides,
          }),
        content: () => readFile(path, 'utf8'),
        left: async () => (await readdir(join(folder, 'cache'))).sort(),
      });
    });
  } finally {
    await connections.close();
    await server.close();
  }
}

/** Expects a download to fail with an error for a person. */
export const refuse = (download: Promise<unknown>, expected: RegExp): Promise<void> =>
  assert.rejects(download, (thrown: unknown) => {
    assert.ok(thrown instanceof DataError, String(thrown));
    assert.match(thrown.message, expected);
    return true;
  });
