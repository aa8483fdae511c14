import assert from 'node:assert/strict';
import { batchLine, readBatchLine } from '../../lib/src/model/batch-file.js';

const REQUEST = {
  model: 'judge',
  messages: [{ role: 'user' as const, content: 'line\nbreak' }],
  sampling: { temperature: 0.5, topP: 0.9, maxTokens: 7 },
  nSamples: 3,
  seed: 11,
  promptVersion: 'p',
};

/** As the API and vLLM write it, with other fields in place. */
function outputLine(parts: object): string {
  return JSON.stringify({ id: 'batch_req_1', custom_id: 'c', response: null, error: null, ...parts });
}

describe('a line of a batch file', () => {
  it('is one line that holds the request as it would be sent', () => {
    const line = batchLine('c', REQUEST);
    assert.equal(line.indexOf('\n'), -1);
    assert.deepEqual(JSON.parse(line), {
      custom_id: 'c',
      method: 'POST',
      url: '/v1/chat/completions',
      body: {
        model: 'judge',
        messages: REQUEST.messages,
        temperature: 0.5,
        top_p: 0.9,
        max_tokens: 7,
        seed: 11,
        n: 3,
      },
    });
  });

  it('leaves out what the server was found not to take', () => {
    const line = batchLine('c', REQUEST, { form: { without: ['logprobs', 'seed'] } });
    assert.equal('seed' in (JSON.parse(line) as { body: object }).body, false);
  });
});

describe('a line of a batch output', () => {
  it('gives the body of an answer as it is', () => {
    const body = { choices: [], extra: 1 };
    const line = outputLine({ response: { status_code: 200, request_id: 'r', body } });
    assert.deepEqual(readBatchLine(line), { customId: 'c', kind: 'answered', body });
  });

  it('tells status and reason of an answer that is an error', () => {
    const body = { error: { message: 'too long', type: 'invalid_request_error', code: 'context' } };
    assert.deepEqual(readBatchLine(outputLine({ response: { status_code: 400, body } })), {
      customId: 'c',
      kind: 'failed',
      status: 400,
      code: 'http-400',
      message: 'too long',
      said: body,
    });
  });

  it('tells what the server calls the cause, where a request was never answered', () => {
    const line = outputLine({ error: { code: 'batch_expired', message: 'not in time' } });
    assert.deepEqual(readBatchLine(line), {
      customId: 'c',
      kind: 'failed',
      status: null,
      code: 'batch_expired',
      message: 'not in time',
      said: { code: 'batch_expired', message: 'not in time' },
    });
  });

  it('reads the errors of vLLM: flat, nested, and as a text', () => {
    const response = { status_code: 404, request_id: 'r', body: null };
    for (const error of [
      { object: 'error', message: 'no model', type: 'NotFoundError', param: null, code: 404 },
      { error: { message: 'no model', type: 'NotFoundError', param: null, code: 404 } },
      'no model',
    ]) {
      assert.deepEqual(readBatchLine(outputLine({ response, error })), {
        customId: 'c',
        kind: 'failed',
        status: 404,
        code: 'http-404',
        message: 'no model',
        said: error,
      });
    }
  });

  it('takes a success without a body, and a line with neither answer nor error, for a failure', () => {
    const failed = {
      customId: 'c',
      kind: 'failed',
      status: null,
      code: 'no-answer',
      message: 'the server gave no reason',
      said: null,
    };
    assert.deepEqual(readBatchLine(outputLine({ response: { status_code: 200, body: null } })), failed);
    assert.deepEqual(readBatchLine(outputLine({})), failed);
  });

  it('makes the reason of a failure fit for a terminal', () => {
    const outcome = readBatchLine(outputLine({ error: { message: 'red \u001b[31m\nalert' } }));
    assert.equal(outcome?.kind === 'failed' && outcome.message, 'red  [31m alert');
  });

  it('is not readable when it is cut off, no object, or without an id', () => {
    const whole = outputLine({ error: { message: 'm' } });
    for (const line of [whole.slice(0, -1), '[]', 'null', '', outputLine({ custom_id: undefined })])
      assert.equal(readBatchLine(line), null, line);
  });
});
