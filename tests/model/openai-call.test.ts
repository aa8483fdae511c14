import assert from 'node:assert/strict';
import { createOpenAIClient, OpenAICaller } from '../../lib/src/model/index.js';
import { NEVER } from '../fixtures/scripted-endpoint.js';

const RETRY = { maxAttempts: 2, firstWaitMs: 1, longestWaitMs: 1 };
const caller = new OpenAICaller({
  client: await createOpenAIClient({ baseUrl: 'http://127.0.0.1:1/v1', apiKey: undefined, timeoutMs: 1000 }),
  retry: RETRY,
  redact: (text) => text.replace('sk-1', '***'),
});

/** An error as the package throws it. */
const refusal = (status: number): Error =>
  Object.assign(new Error(`${status} no such file, sk-1`), { status, headers: undefined });

describe('a call of the OpenAI API', () => {
  it('fails with an error that names the call and not a chat completion', async () => {
    const upload = caller.call('upload a file', NEVER, () => Promise.reject(refusal(400)));
    await assert.rejects(upload, {
      name: 'ModelError',
      code: 'http-400',
      message:
        /^http:.*\/v1, to upload a file: expected an answer of the OpenAI API, received 400 no such file, \*\*\*/,
    });
  });

  it('is repeated after a failure that may pass, and not after a refusal', async () => {
    const attempts = { 400: 0, 500: 0 };
    for (const status of [400, 500] as const) {
      const call = caller.call('list jobs', NEVER, () => {
        attempts[status]++;
        return Promise.reject(refusal(status));
      });
      await assert.rejects(call, { code: `http-${status}` });
    }
    assert.deepEqual(attempts, { 400: 1, 500: 2 });
  });
});
