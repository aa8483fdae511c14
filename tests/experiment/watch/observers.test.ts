import assert from 'node:assert/strict';
import type { RunEvent } from '../../../lib/src/experiment/index.js';
import { RunObservers } from '../../../lib/src/experiment/watch/observers.js';

describe('the observers of a run', () => {
  it('receive warnings from before they were added, and everything after that', () => {
    const heard: RunEvent[] = [];
    const observers = new RunObservers((event) => heard.push(event));
    observers.warn('a server is left out');
    const later: RunEvent[] = [];
    observers.add({ onEvent: (event) => later.push(event), onEngineEvent: () => undefined });
    observers.warn('another one');
    const warnings = ['a server is left out', 'another one'].map((message) => ({ kind: 'warning', message }));
    assert.deepEqual(later, warnings);
    assert.deepEqual(heard, warnings);
  });
});
