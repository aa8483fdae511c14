import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { pause } from '../../lib/src/core/pause.js';

describe('a pause', () => {
  it('ends after its time', async () => {
    const begunMs = performance.now();
    await pause(20, new AbortController().signal);
    assert.ok(performance.now() - begunMs >= 19);
  });

  it('ends at once with the reason of its signal, before or while it waits', async () => {
    const reason = new Error('called off');
    await assert.rejects(pause(60_000, AbortSignal.abort(reason)), reason);
    const stop = new AbortController();
    const waiting = assert.rejects(pause(60_000, stop.signal), reason);
    stop.abort(reason);
    await waiting;
  });

  it('adds one listener to a signal that a thousand pauses share', async () => {
    const { signal } = new AbortController();
    const pauses = Array.from({ length: 1000 }, () => pause(5, signal));
    assert.equal(getEventListeners(signal, 'abort').length, 1);
    await Promise.all(pauses);
  });
});
