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

  it('hear once of whatever is waited for: a long pause, a model that is being loaded, a server that only limits', () => {
    const heard: string[] = [];
    const observers = new RunObservers((event) => {
      if (event.kind === 'warning') heard.push(event.message);
    });
    const server = 'http://one/v1';
    const paused = { kind: 'paused', server, reason: 'retry-after', header: 'retry-after: 3600' } as const;
    const failed = { kind: 'attempt-failed', server, request: 'r', message: '503 no', waitMs: 1 } as const;
    observers.onEngineEvent({ ...paused, ms: 9000 });
    for (const ms of [3_600_000, 3_600_001]) observers.onEngineEvent({ ...paused, ms });
    for (const code of ['http-503', 'loading', 'loading'])
      observers.onEngineEvent({ ...failed, code, attempt: 1 });
    for (const attempt of [5, 6, 7]) observers.onEngineEvent({ ...failed, code: 'http-429', attempt });
    observers.onEngineEvent({ ...failed, code: 'http-500', attempt: 6, waitMs: null });
    assert.equal(heard.length, 3);
    assert.match(heard[0]!, /one\/v1 asks for a pause of 3600 s \(retry-after: 3600\).* until \d{4}-/);
    assert.match(heard[1]!, /still loading its model, and is waited for: 503 no/);
    assert.match(heard[2]!, /has failed a request 6 times, and is waited for/);
  });
});
