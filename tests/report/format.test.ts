import assert from 'node:assert/strict';
import { byReason, headline, NO_VALUE, unscored, usd } from '../../lib/src/report/index.js';

describe('what is unscored', () => {
  it('is shown with its reasons, the largest first, and in the headline of a judge', () => {
    assert.equal(
      byReason({ 'no-marker': 3, truncated: 1200, 'a\nb': 1 }),
      'truncated 1,200, no-marker 3, a b 1',
    );
    assert.equal(unscored({ unscored: 4 }), '4');
    assert.equal(unscored({ unscored: 1200, unscoredReasons: { truncated: 1200 } }), 'truncated 1,200');
    const unscoredReasons = { truncated: 3, refusal: 1 };
    assert.equal(unscored({ unscored: 4, unscoredReasons }), '4: truncated 3, refusal 1');
    assert.equal(
      headline({ value: 0.5, n: 10, unscored: 4, unscoredReasons, low: 0.2, high: 0.8, method: 'x' }),
      '50.0 [20.0, 80.0] % of 10 verdicts right, ties counted half, unscored 4: truncated 3, refusal 1',
    );
  });
});

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
