import assert from 'node:assert/strict';
import { failureFrom } from '../../lib/src/model/server-error.js';

const error = (parts: object): object => ({ error: { message: 'no', ...parts } });

/** What is known of each: status, body, class, code. Shapes as the products document them, or as users report them. */
const ANSWERS = {
  'OpenAI, no credit': [
    429,
    error({ code: 'insufficient_quota', type: 'insufficient_quota' }),
    'refused',
    'out-of-credit',
  ],
  'OpenAI, hard limit': [400, error({ code: 'billing_hard_limit_reached' }), 'refused', 'out-of-credit'],
  'a gateway that passes on words alone': [
    403,
    error({ message: 'You exceeded your current quota, please check your plan and billing details.' }),
    'refused',
    'out-of-credit',
  ],
  'Gemini, the quota of a minute': [
    429,
    error({ code: 429, message: 'You exceeded your current quota, ... Please retry in 20.04466179s.' }),
    'rate-limited',
    'http-429',
  ],
  'OpenRouter, no credit': [
    402,
    error({ code: 402, message: 'Insufficient credits' }),
    'refused',
    'out-of-credit',
  ],
  'OpenRouter, no credit in a 200': [200, error({ code: 402 }), 'refused', 'out-of-credit'],
  'OpenRouter, limit of a key': [
    403,
    error({ code: 403, message: 'Key limit exceeded (total limit)' }),
    'refused',
    'out-of-credit',
  ],
  'DeepSeek, no credit': [402, error({ message: 'Insufficient Balance' }), 'refused', 'out-of-credit'],
  'LiteLLM, budget': [
    400,
    error({ message: 'Budget has been exceeded! ...', type: 'budget_exceeded', code: '400' }),
    'refused',
    'out-of-credit',
  ],
  'OpenRouter, one input is flagged': [
    403,
    error({ code: 403, metadata: { reasons: ['violence'], flagged_input: 'how to', provider_name: 'p' } }),
    'refused',
    'content-filter',
  ],
  'Azure, one input is flagged': [
    400,
    error({ code: 'content_filter', innererror: { code: 'ResponsibleAIPolicyViolation' } }),
    'refused',
    'content-filter',
  ],
  'LiteLLM before Azure': [
    400,
    error({ message: 'litellm.ContentPolicyViolationError: ...', code: '400' }),
    'refused',
    'content-filter',
  ],
  'a key without permission': [403, error({ code: 'permission_denied' }), 'refused', 'http-403'],
  'OpenRouter, upstream in a 200': [200, error({ code: 502 }), 'down', 'http-502'],
  'LiteLLM, rate limit in a 200': [200, error({ code: '429' }), 'rate-limited', 'http-429'],
  'an error in a 200': [200, error({ code: 'oops' }), 'bad-answer', 'bad-answer'],
  'llama.cpp, loading': [
    503,
    error({ code: 503, message: 'Loading model', type: 'unavailable_error' }),
    'down',
    'loading',
  ],
  'Text Generation Inference, loading': [
    503,
    { error: 'Model m is currently loading', estimated_time: 20 },
    'down',
    'loading',
  ],
  'vLLM, overloaded': [503, error({ message: 'overloaded' }), 'rate-limited', 'http-503'],
} as const;

describe('an error answer', () => {
  for (const [what, [status, value, failureClass, code]] of Object.entries(ANSWERS)) {
    it(`is read for what it means: ${what}`, () => {
      const failure = failureFrom({ status, value });
      assert.deepEqual([failure.failureClass, failure.code], [failureClass, code]);
    });
  }

  it('is quoted with the reasons and the message of the provider behind it', () => {
    const flagged = { message: 'flagged', metadata: { reasons: ['violence', 'hate'] } };
    assert.equal(
      failureFrom({ status: 403, value: { error: flagged } }).message,
      '403 flagged (violence, hate)',
    );
    const passedOn = { message: 'Provider returned error', metadata: { raw: 'engine died' } };
    assert.match(failureFrom({ status: 502, value: { error: passedOn } }).message, /engine died/);
  });

  it('is shortened to its title where it is a page, without any markup', () => {
    const page = `<!DOCTYPE html>\n<!--[if lt IE 7]> <html class="no-js"> <![endif]--><head>
      <title>api.example.com | 524: A timeout occurred</title><style>a{b:c}</style></head><body>${'<p>x</p>'.repeat(999)}`;
    const messageOf = (value: string): string => failureFrom({ status: 524, value }).message;
    assert.equal(messageOf(page), '524 an HTML page: api.example.com | 524: A timeout occurred');
    assert.equal(
      messageOf('<html><script>alert("a")</script><body><h1>Bad\nGateway</h1>away</body></html>'),
      '524 an HTML page: Bad Gateway away',
    );
    assert.equal(messageOf('upstream is away'), '524 upstream is away');
  });
});
