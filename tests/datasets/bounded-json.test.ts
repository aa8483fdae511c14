import assert from 'node:assert/strict';
import { z } from 'zod';
import { DataError } from '../../lib/src/core/errors.js';
import { getJson } from '../../lib/src/datasets/web.js';
import { quickRetries, startFileServer } from './file-server.js';
import { NEVER } from '../fixtures/scripted-endpoint.js';

describe('a JSON document of a hub', () => {
  it('is read up to a bound, after which the connection is closed', async () => {
    const chunk = Buffer.alloc(1024 ** 2, ' ');
    let nSent = 0;
    const server = await startFileServer(({ response }) => {
      const send = (): void => {
        while (!response.destroyed && response.write(chunk)) nSent++;
      };
      response.on('drain', send);
      send();
    });
    try {
      const { retries } = quickRetries();
      const options = { fetch, retries, authorization: null, signal: NEVER };
      await assert.rejects(
        getJson(`${server.url}/api`, z.unknown(), options),
        (thrown: unknown) => thrown instanceof DataError && thrown.message.includes('at most 64 MiB'),
      );
      assert.ok(nSent < 200, 'an endless document is not read to its end');
    } finally {
      await server.close();
    }
  });
});
