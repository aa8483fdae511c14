import assert from 'node:assert/strict';
import { mapOrdered } from '../../lib/src/model/index.js';
import { collect, NEVER } from '../fixtures/scripted-endpoint.js';

describe('the ordered map', () => {
  it('stops what is under way with the first failure, and throws that one', async () => {
    const started: number[] = [];
    const aborted: number[] = [];
    const results = mapOrdered(
      [0, 1, 2, 3, 4, 5, 6, 7],
      (input, signal) => {
        started.push(input);
        return new Promise<number>((_resolve, reject) => {
          if (input === 2) setImmediate(() => reject(new Error('the disk is full')));
          signal.addEventListener('abort', () => {
            aborted.push(input);
            reject(new Error('aborted'));
          });
        });
      },
      { lookAhead: 4, signal: NEVER },
    );
    await assert.rejects(collect(results), /the disk is full/);
    assert.deepEqual(started, [0, 1, 2, 3]);
    assert.deepEqual(aborted, [0, 1, 2, 3]);
  });

  it('answers in input order, whatever finishes first', async () => {
    const waits = [30, 1, 20, 1];
    const results = mapOrdered(waits, (ms) => new Promise<number>((resolve) => setTimeout(resolve, ms, ms)), {
      lookAhead: 3,
      signal: NEVER,
    });
    assert.deepEqual(await collect(results), waits);
  });

  it('pulls no further ahead than it may', async () => {
    let pulled = 0;
    const inputs = (function* () {
      for (;;) yield pulled++;
    })();
    const results = mapOrdered(inputs, (x) => Promise.resolve(x), { lookAhead: 5, signal: NEVER });
    await results.next();
    assert.ok(pulled <= 6, `pulled ${pulled}`);
    await results.return(undefined);
  });
});
