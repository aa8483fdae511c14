// Stop texts over a toy language whose words are letters.
import assert from 'node:assert/strict';
import { checkStopTexts } from '../../lib/src/micro/stop-texts.js';

const decodeTokens = (tokens: readonly number[]): string => tokens.map((token) => 'abcdef'[token]).join(' ');

describe('stop texts', () => {
  it('keep everything while none is near', () => {
    assert.deepEqual(checkStopTexts([0, 1, 2], [], decodeTokens), { stopped: false, nKept: 3 });
    assert.deepEqual(checkStopTexts([0, 1, 2], ['f'], decodeTokens), { stopped: false, nKept: 3 });
  });

  it('end the completion before the first of them', () => {
    assert.deepEqual(checkStopTexts([0, 1, 2], ['c', 'b c'], decodeTokens), { stopped: true, nKept: 1 });
    assert.deepEqual(checkStopTexts([0], ['a'], decodeTokens), { stopped: true, nKept: 0 });
  });

  it('hold tokens back that may become the beginning of one', () => {
    assert.deepEqual(checkStopTexts([0, 1], ['b c d'], decodeTokens), { stopped: false, nKept: 1 });
    assert.deepEqual(checkStopTexts([0, 1, 2], ['b c d'], decodeTokens), { stopped: false, nKept: 1 });
    assert.deepEqual(checkStopTexts([0, 1, 2, 4], ['b c d'], decodeTokens), { stopped: false, nKept: 4 });
  });
});
