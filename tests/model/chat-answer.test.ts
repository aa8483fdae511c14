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
    assert.deepEqual(read({ choices: [choice(0, null, 'length'), choice(1, '')] }).completions, [
      { text: '', finishReason: 'length' },
      { text: '', finishReason: 'stop' },
    ]);
  });

  it('may name its end as any server does, or not at all', () => {
    const reasonOf = (reason: string | null): string | undefined =>
      read({ choices: [choice(0, 'x', reason)] }).completions[0]?.finishReason;
    assert.deepEqual(
      ['stop', 'STOP', 'eos_token', 'end_turn', 'COMPLETE'].map(reasonOf),
      Array(5).fill('stop'),
    );
    assert.deepEqual(
      ['length', 'MAX_TOKENS', 'max_tokens', 'FinishReason.MAX_TOKENS', 'model_length'].map(reasonOf),
      Array(5).fill('length'),
    );
    assert.equal(reasonOf(null), 'unknown');
  });

  it('is read without the reasoning of the model, whose text may come in parts', () => {
    const textOf = (message: object): string | undefined =>
      read({ choices: [{ message, finish_reason: 'stop' }] }).completions[0]?.text;
    assert.equal(textOf({ content: 'A', reasoning_content: 'first [[B]]' }), 'A');
    assert.equal(textOf({ content: 'A', reasoning: 'first [[B]]', refusal: null }), 'A');
    const parts = [
      { type: 'thinking', thinking: [{ type: 'text', text: '[[B]]' }] },
      { type: 'text', text: 'one, ' },
      { type: 'reasoning', text: '[[B]]' },
      { type: 'text', text: 'two' },
    ];
    assert.equal(textOf({ content: parts }), 'one, two');
    assert.equal(textOf({ content: ['one, ', 'two'] }), 'one, two');
  });

  const failureOf = (answer: unknown): AttemptFailure => {
    try {
      read(answer);
    } catch (thrown) {
      assert.ok(thrown instanceof AttemptFailure);
      return thrown;
    }
    throw new assert.AssertionError({ message: 'expected a failure' });
  };

  for (const [what, bad, failureClass, code, said] of [
    [
      'withheld by a filter',
      choice(0, 'half', 'content_filter'),
      'refused',
      'content-filter',
      /content_filter/,
    ],
    ['withheld by Gemini', choice(0, null, 'SAFETY'), 'refused', 'content-filter', /SAFETY/],
    ['aborted by vLLM', choice(0, 'half', 'abort'), 'bad-answer', 'bad-answer', /broken off.*abort/],
    ['broken off by an error', choice(0, 'half', 'error'), 'bad-answer', 'bad-answer', /broken off/],
    ['ended for a reason unheard of', choice(0, 'half', 'moon'), 'refused', 'finish-reason', /"?moon/],
    ['a call of tools', choice(0, null, 'tool_calls'), 'refused', 'finish-reason', /tool_calls/],
    ['empty, without a reason', choice(0, null, null), 'bad-answer', 'bad-answer', /an empty answer/],
    [
      'a refusal',
      { message: { content: null, refusal: `I\u001b[31m won't${'.'.repeat(300)}` }, finish_reason: 'stop' },
      'refused',
      'refusal',
      /^a refusal: I \[31m won't\.{180,190}…$/,
    ],
    [
      'reasoning alone',
      { message: { content: null, reasoning_content: 'hmm [[A]]' }, finish_reason: 'stop' },
      'refused',
      'only-reasoning',
      /reasoning alone/,
    ],
    [
      'reasoning and blanks alone',
      { message: { content: '\n\n', reasoning_content: 'hmm [[A]]' }, finish_reason: 'stop' },
      'refused',
      'only-reasoning',
      /reasoning alone/,
    ],
    ['blanks, without a reason', choice(0, ' \n', null), 'bad-answer', 'bad-answer', /an empty answer/],
    [
      'reasoning alone, in parts',
      { message: { content: [{ type: 'thinking', thinking: [] }] }, finish_reason: 'stop' },
      'refused',
      'only-reasoning',
      /reasoning alone/,
    ],
    [
      'an error in place of a choice',
      {
        error: { code: 502, message: 'upstream died' },
        message: { content: 'half' },
        finish_reason: 'error',
      },
      'down',
      'http-502',
      /upstream died/,
    ],
  ] as const) {
    it(`is none where one of its choices is ${what}, and was paid for`, () => {
      const usage = { prompt_tokens: 5, completion_tokens: 7 };
      const failure = failureOf({ choices: [choice(1, 'fine'), { ...bad, index: 0 }], usage });
      assert.deepEqual([failure.failureClass, failure.code], [failureClass, code]);
      assert.match(failure.message, said);
      assert.deepEqual(failure.used, { promptTokens: 5, completionTokens: 7 });
    });
  }

  it('is none where no token was made, as while a provider starts its model', () => {
    const answer = { choices: [choice(0, '')], usage: { prompt_tokens: 5, completion_tokens: 0 } };
    assert.equal(failureOf(answer).failureClass, 'bad-answer');
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
    assert.throws(() => readChatAnswer('busy', REQUEST), /not JSON: busy/);
  });
});
