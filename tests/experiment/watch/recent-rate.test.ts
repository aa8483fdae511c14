import assert from 'node:assert/strict';
import { RecentRate } from '../../../lib/src/experiment/watch/recent-rate.js';

describe('a recent rate', () => {
  it('is not claimed before there is a second to go by', () => {
    const rate = new RecentRate();
    assert.equal(rate.perSecond(0), null);
    rate.add(0, 0);
    rate.add(50, 999);
    assert.equal(rate.perSecond(999), null);
    assert.equal(rate.perSecond(1000), 50);
  });

  it('forgets what is longer ago than its span', () => {
    const rate = new RecentRate(10_000);
    // A minute at 1000 a second, out of the store, then 5 a second.
    for (let second = 0; second <= 60; second++) rate.add(1000 * second, 1000 * second);
    assert.equal(rate.perSecond(60_000), 1000);
    for (let second = 1; second <= 10; second++) rate.add(60_000 + 5 * second, 60_000 + 1000 * second);
    assert.equal(rate.perSecond(70_000), 5);
  });

  it('falls to nothing while nothing comes', () => {
    const rate = new RecentRate(10_000);
    rate.add(0, 0);
    rate.add(100, 5000);
    // 100 in the last 8 seconds, then none in the last ten.
    assert.equal(rate.perSecond(8000), 12.5);
    assert.equal(rate.perSecond(16_000), 0);
  });

  it('is that of the events, however many come', () => {
    const rate = new RecentRate(10_000);
    for (let ms = 0; ms <= 30_000; ms++) rate.add(ms / 10, ms);
    // 100 a second; samples are kept 200 ms apart, so the span may begin one of them early.
    assert.ok(Math.abs((rate.perSecond(30_000) ?? 0) - 100) < 1e-9);
  });

  it('starts anew with another counter', () => {
    const rate = new RecentRate();
    rate.add(0, 0);
    rate.add(900, 3000);
    rate.restart();
    rate.add(0, 3000);
    rate.add(4, 5000);
    assert.equal(rate.perSecond(5000), 2);
    rate.add(1, 5100);
    assert.equal(rate.perSecond(5100), null);
  });
});
