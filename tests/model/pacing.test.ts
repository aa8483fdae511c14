import assert from 'node:assert/strict';
import { AdaptiveLimit } from '../../lib/src/model/adaptive-limit.js';
import { CircuitBreaker } from '../../lib/src/model/circuit-breaker.js';
import { askedPause, durationMs, usedUp } from '../../lib/src/model/rate-headers.js';
import { RateWindow } from '../../lib/src/model/rate-window.js';

describe('an adaptive limit', () => {
  it('starts at its ceiling and never leaves [1, ceiling]', () => {
    const limit = new AdaptiveLimit(3);
    assert.equal(limit.current, 3);
    for (let i = 0; i < 10; i++) limit.onAnswer();
    assert.equal(limit.current, 3);
    for (let at = 0; at < 10; at++) limit.onOverload(at, at);
    assert.equal(limit.current, 1);
  });

  it('loses three tenths to an overload, and wins one back for each round of answers', () => {
    const limit = new AdaptiveLimit(100);
    assert.equal(limit.onOverload(0, 1), true);
    assert.equal(limit.current, 70);
    // After k answers the limit is about sqrt(70^2 + 2k): 71 after 70.5, 72 after 142.
    for (let i = 0; i < 71; i++) limit.onAnswer();
    assert.equal(limit.current, 71);
    for (let i = 0; i < 72; i++) limit.onAnswer();
    assert.equal(limit.current, 72);
  });

  it('takes one overload of a volley for all of it', () => {
    const limit = new AdaptiveLimit(100);
    limit.onOverload(0, 10);
    for (let i = 0; i < 50; i++) assert.equal(limit.onOverload(5, 11 + i), false);
    assert.equal(limit.current, 70);
    assert.equal(limit.onOverload(12, 70), true);
    assert.equal(limit.current, 49);
  });
});

describe('a rate window', () => {
  /** Sends as early as the window lets it; the times of `n` requests, in milliseconds. */
  function sendAll(window: RateWindow, n: number, amount = 1): number[] {
    const times: number[] = [];
    let now = 0;
    for (let i = 0; i < n; i++) {
      now = window.readyAt(amount, now);
      window.take(amount, now);
      times.push(now);
    }
    return times;
  }

  for (const perMinute of [1, 2, 7, 60, 600]) {
    it(`lets no more than ${perMinute} through in any minute, and hardly fewer`, () => {
      const times = sendAll(new RateWindow(perMinute), perMinute * 4 + 1);
      times.forEach((from, i) => {
        const inMinute = times.slice(i).filter((at) => at < from + 59_999).length;
        assert.ok(inMinute <= perMinute, `${inMinute} from ${from} on`);
      });
      // Four minutes' worth takes little more than four minutes: the pace is lower by the burst, a twelfth.
      assert.ok((times.at(-1) ?? 0) <= 4.9 * 60_000);
    });
  }

  it('lets a request go alone that is larger than what it holds, and makes the next wait for it', () => {
    const window = new RateWindow(600);
    assert.equal(window.readyAt(500, 0), 0);
    window.take(500, 0);
    // 450 are owed beyond the bucket of 50; 551 a minute come in.
    assert.equal(Math.round(window.readyAt(1, 0)), Math.round((451 / 551) * 60_000));
    window.take(-500, 0);
    assert.equal(window.readyAt(50, 0), 0);
  });
});

describe('what a server says about its limits', () => {
  it('is read as OpenAI writes durations', () => {
    assert.deepEqual(['1s', '6m0s', '20ms', '1h2m3s', '1.5s', '7', 'soon', ''].map(durationMs), [
      1000,
      360_000,
      20,
      3_723_000,
      1500,
      7000,
      null,
      null,
    ]);
  });

  it('makes a pause only where something is used up, and names the header', () => {
    const headers = {
      'x-ratelimit-remaining-requests': '0',
      'x-ratelimit-reset-requests': '2s',
      'x-ratelimit-remaining-tokens': '5',
      'x-ratelimit-reset-tokens': '1h',
    };
    assert.deepEqual(usedUp(headers, 0), { ms: 2000, header: 'x-ratelimit-reset-requests: 2s' });
    assert.equal(usedUp({ ...headers, 'x-ratelimit-remaining-tokens': '0' }, 0)?.ms, 3_600_000);
    assert.equal(usedUp({}, 0), null);
    assert.equal(usedUp({ 'x-ratelimit-remaining-requests': '0' }, 0), null);
  });

  const NOW = Date.UTC(2026, 0, 2, 3, 4, 5);
  for (const [product, headers, ms] of [
    ['OpenAI', { 'x-ratelimit-remaining-tokens': '0', 'x-ratelimit-reset-tokens': '23h59m' }, 86_340_000],
    ['OpenRouter', { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(NOW + 7000) }, 7000],
    ['GitHub', { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(NOW / 1000 + 60) }, 60_000],
    [
      'OpenAI-like with times',
      { 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': String(NOW / 1000 + 9) },
      9000,
    ],
    ['Together', { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '3' }, 3000],
    [
      'Anthropic',
      {
        'anthropic-ratelimit-output-tokens-remaining': '0',
        'anthropic-ratelimit-output-tokens-reset': '2026-01-02T03:04:35Z',
      },
      30_000,
    ],
    ['Azure', { 'retry-after-ms': '250', 'retry-after': '1' }, 250],
    ['a bare Retry-After', { 'retry-after': '2' }, 2000],
    ['a proxy that writes a time', { 'retry-after': String(NOW / 1000 + 5) }, 5000],
    ['RFC 9110', { 'retry-after': new Date(NOW + 86_400_000).toUTCString() }, 86_400_000],
    ['a time that is over', { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '1600000000' }, null],
    ['nonsense', { 'retry-after': 'soon', 'x-ratelimit-reset': 'later', 'x-ratelimit-remaining': '0' }, null],
    ['nothing', {}, null],
  ] as const) {
    it(`may be a pause as written by ${product}`, () => {
      assert.equal(askedPause(headers, NOW)?.ms ?? null, ms);
    });
  }
});

describe('a circuit breaker', () => {
  const failing = (breaker: CircuitBreaker, n: number): void => {
    for (let i = 0; i < n; i++) breaker.onFailure(0);
  };

  it('opens after ten failures in a row, not after ten with an answer between them', () => {
    const breaker = new CircuitBreaker();
    failing(breaker, 9);
    breaker.onAnswer();
    failing(breaker, 9);
    assert.equal(breaker.state, 'closed');
    failing(breaker, 1);
    assert.deepEqual([breaker.state, breaker.openUntil, breaker.downSince], ['open', 250, 0]);
  });

  it('waits longer each time that nothing answers, up to ten seconds', () => {
    const breaker = new CircuitBreaker();
    failing(breaker, 10);
    const waits: number[] = [];
    for (let i = 0; i < 7; i++) {
      breaker.onTry();
      breaker.onFailedTry(0);
      waits.push(breaker.openUntil);
    }
    assert.deepEqual(waits, [500, 1000, 2000, 4000, 8000, 10_000, 10_000]);
  });

  it('tells since when nothing answers, until something does', () => {
    const breaker = new CircuitBreaker();
    for (let at = 1; at <= 10; at++) breaker.onFailure(at);
    breaker.onTry();
    assert.equal(breaker.state, 'half-open');
    breaker.onFailedTry(300);
    assert.deepEqual([breaker.state, breaker.downSince], ['open', 10]);
    breaker.onTry();
    breaker.onAnswer();
    assert.deepEqual([breaker.state, breaker.downSince], ['closed', null]);
  });
});
