import assert from 'node:assert/strict';
import { NO_VALUE, usd } from '../../lib/src/report/index.js';

describe('an amount in US dollars', () => {
  it('has cents, and thousands set apart', () => {
    assert.equal(usd(0.5), '$0.50');
    assert.equal(usd(1234.567), '$1,234.57');
  });

  it('keeps what is small from looking like nothing', () => {
    assert.equal(usd(0), '$0.00');
    assert.equal(usd(0.0042), '$0.0042');
    assert.equal(usd(0.00004), '< $0.0001');
  });

  it('is not claimed where it is not known', () => {
    assert.equal(usd(null), NO_VALUE);
  });
});
