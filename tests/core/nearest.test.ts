import assert from 'node:assert/strict';
import { didYouMean, nearestNames } from '../../lib/src/core/nearest.js';

const KEYS = ['samples', 'orders', 'temperature', 'topP', 'maxTokens'];

describe('the names nearest to a misspelt one', () => {
  it('are those with the fewest insertions, deletions, replacements and swaps', () => {
    assert.deepEqual(nearestNames('smaples', KEYS), ['samples']);
    assert.deepEqual(nearestNames('sample', KEYS), ['samples']);
    assert.deepEqual(nearestNames('temprature', KEYS), ['temperature']);
    assert.deepEqual(nearestNames('cat', ['bat', 'hat', 'tree']), ['bat', 'hat']);
  });

  it('do not differ by case, hyphens and underscores alone', () => {
    assert.deepEqual(nearestNames('max_tokens', KEYS), ['maxTokens']);
    assert.deepEqual(nearestNames('top-p', KEYS), ['topP']);
  });

  it('are none for a word that is far from all, very short or very long', () => {
    assert.deepEqual(nearestNames('patience', KEYS), []);
    assert.deepEqual(nearestNames('x', ['a', 'b']), []);
    assert.deepEqual(nearestNames('s'.repeat(65), ['s'.repeat(64)]), []);
  });

  it('are suggested in words', () => {
    assert.equal(didYouMean('order', KEYS), '; did you mean "orders"?');
    assert.equal(didYouMean('cat', ['bat', 'hat']), '; did you mean "bat" or "hat"?');
    assert.equal(didYouMean('patience', KEYS), '');
  });
});
