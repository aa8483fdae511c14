import assert from 'node:assert/strict';
import { LineLimit } from '../../../lib/src/experiment/watch/line-limit.js';

describe('a limit on lines', () => {
  it('counts each kind by itself, from its first line on', () => {
    const limit = new LineLimit<string>({ most: 2, periodMs: 100 });
    const taken = [0, 1, 2, 3].map((ms) => limit.take('a', 'kind a', ms));
    assert.deepEqual(taken, [true, true, false, false]);
    assert.equal(limit.take('b', 'kind b', 50), true);
    assert.deepEqual(limit.end(99), []);
    assert.deepEqual(limit.end(100), [{ kind: 'kind a', nLeftOut: 2, periodMs: 100 }]);
    assert.equal(limit.take('a', 'kind a', 100), true);
    assert.deepEqual(limit.end(120, { all: true }), []);
  });
});
