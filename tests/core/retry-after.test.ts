import assert from 'node:assert/strict';
import { retryAfterMs } from '../../lib/src/core/retry-after.js';

describe('Retry-After', () => {
  const NOW = Date.UTC(2026, 0, 1);
  const at = (value: string | null, date: string | null = null): number | null =>
    retryAfterMs(value, { date, now: NOW });

  it('is read as seconds or as a date, and is absent otherwise', () => {
    assert.equal(at('1.5'), 1500);
    assert.equal(at('Thu, 01 Jan 2026 00:00:10 GMT'), 10_000);
    assert.equal(at('Wed, 31 Dec 2025 00:00:00 GMT'), 0);
    assert.equal(at('soon'), null);
    assert.equal(at(' '), null);
    assert.equal(at(null), null);
  });

  it('is taken by the clock of the server, where it tells the time', () => {
    assert.equal(at('Thu, 01 Jan 2026 00:00:10 GMT', 'Thu, 01 Jan 2026 00:00:07 GMT'), 3000);
  });
});
