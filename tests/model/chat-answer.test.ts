import assert from 'node:assert/strict';
import { AttemptFailure } from '../../lib/src/model/attempt-failure.js';
import { readChatAnswer } from '../../lib/src/model/chat-answer.js';
import type { SampleRequest } from '../../lib/src/model/index.js';

const REQUEST: SampleRequest = {
  model: 'm',
  messages: [{ role: 'user', content: 'twelve chars' }],
  sampling: { temperature: 0, topP: 1, maxTokens: 8 },
  nSamples: 2,
  seed: 1,
  promptVersion: 'v',
};

const choice = (index: number | null, content: string | null, reason: string | null = 'stop'): object => ({
  ...(index === null ? {} : { index }),
  message: { role: 'assistant', content },
  finish_reason: reason,
});

const read = (answer: unknown): ReturnType<typeof readChatAnswer> =>
  readChatAnswer(JSON.stringify(answer), REQUEST);

describe('the answer of a server', () => {
  it('has its choices in the order of their index, where these make sense', () => {
    const texts = (choices: object[]): string[] => read({ choices }).completions.map(({ text }) => text);
    assert.deepEqual(texts([choice(1, 'b'), choice(0, 'a')]), ['a', 'b']);
    assert.deepEqual(texts([choice(0, 'a'), choice(0, 'b')]), ['a', 'b']);
    assert.deepEqual(texts([choice(null, 'a'), choice(null, 'b')]), ['a', 'b']);
  });

  it('gives no more than was asked for, and fewer where there are fewer', () => {
    assert.equal(read({ choices: [0, 1, 2].map((i) => choice(i, 'x')) }).completions.length, 2);
    assert.equal(read({ choices: [choice(0, 'x')] }).completions.length, 1);
  });

  it('keeps that a completion is empty or was cut', () => {
    assert.deepEqual(read({ choices: [choice(0, null, 'length'), choice(1, '', null)] }).completions, [
      { text: '', finishReason: 'length' },
      { text: '', finishReason: 'unknown' },
    ]);
  });

  it('has its tokens counted, or about counted where the server does not tell', () => {
    const choices = [choice(0, 'four'), choice(1, 'eight...')];
    const told = read({ choices, usage: { prompt_tokens: 30, completion_tokens: 4 } });
    assert.deepEqual([told.promptTokens, told.completionTokens], [30, 4]);
    // Four characters a token: 12 / 4, and 4 / 4 + 8 / 4.
    for (const usage of [undefined, null, {}, { prompt_tokens: -1 }, 'none']) {
      const { promptTokens, completionTokens } = read({ choices, usage });
      assert.deepEqual([promptTokens, completionTokens], [3, 3]);
    }
  });

  for (const [what, answer, said] of [
    ['an error object', { error: { message: 'overloaded' } }, /an error with status 200: overloaded/],
    ['an error text', { error: 'overloaded' }, /overloaded/],
    ['the detail of FastAPI', { detail: 'not now' }, /not now/],
    ['no choices', { choices: [] }, /no completion/],
    ['choices without messages', { choices: [{}] }, /choices\.0\.message/],
    ['null', null, /no completion/],
  ] as const) {
    it(`is no completion when it is ${what}`, () => {
      assert.throws(
        () => read(answer),
        (thrown: unknown) => {
          assert.ok(thrown instanceof AttemptFailure);
          assert.equal(thrown.failureClass, 'bad-answer');
          assert.match(thrown.message, said);
          return true;
        },
      );
    });
  }

  it('is no completion when it is not JSON', () => {
    assert.throws(() => readChatAnswer('<html>', REQUEST), /not JSON: <html>/);
  });
});
