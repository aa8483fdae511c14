import assert from 'node:assert/strict';
import {
  growingPauseMs,
  jitteredPauseMs,
  withRetries,
  type Clock,
  type FailureKind,
  type RetryPolicy,
} from '../../lib/src/core/backoff.js';
import { deriveRandom } from '../../lib/src/core/random.js';
import { NEVER } from '../fixtures/scripted-endpoint.js';

const POLICY: RetryPolicy = { maxAttempts: 4, firstWaitMs: 100, longestWaitMs: 300 };

/** A clock that only pauses move, and the pauses. */
function fakeClock(): { clock: Clock; pauses: number[] } {
  const pauses: number[] = [];
  let nowMs = 0;
  return {
    pauses,
    clock: {
      now: () => nowMs,
      pause: (ms) => {
        pauses.push(ms);
        nowMs += ms;
        return Promise.resolve();
      },
    },
  };
}

/** Fails with each of these kinds, then succeeds. */
function failing(kinds: readonly FailureKind[], policy = POLICY, hasProgressed = (): boolean => false) {
  const { clock, pauses } = fakeClock();
  let nAttempts = 0;
  const result = withRetries(
    () => {
      const kind = kinds[nAttempts++];
      return kind === undefined ? Promise.resolve('done') : Promise.reject(new Kind(kind));
    },
    {
      policy,
      classify: (thrown) => (thrown as Kind).kind,
      random: deriveRandom('test'),
      signal: NEVER,
      hasProgressed,
      clock,
    },
  );
  return { result, pauses, nAttempts: () => nAttempts };
}

class Kind extends Error {
  constructor(readonly kind: FailureKind) {
    super('failed');
  }
}

const again = (retryAfterMs: number | null = null): FailureKind => ({ retry: true, retryAfterMs });

describe('back-off', () => {
  it('has pauses that grow to a bound, with jitter between the half and the whole', () => {
    assert.deepEqual(
      [1, 2, 3, 4].map((n) => growingPauseMs(POLICY, n)),
      [100, 200, 300, 300],
    );
    assert.equal(growingPauseMs({ ...POLICY, factor: 1.5 }, 2), 150);
    const random = deriveRandom('jitter');
    for (let i = 0; i < 100; i++) {
      const pauseMs = jitteredPauseMs(POLICY, 2, random);
      assert.ok(pauseMs >= 100 && pauseMs <= 200, String(pauseMs));
    }
  });

  it('gives up after the last attempt with its failure, and at once where a repeat is of no use', async () => {
    const many = failing(Array.from({ length: 10 }, () => again()));
    await assert.rejects(many.result, Kind);
    assert.deepEqual([many.nAttempts(), many.pauses.length], [4, 3]);
    const final = failing([{ retry: false }]);
    await assert.rejects(final.result, Kind);
    assert.deepEqual([final.nAttempts(), final.pauses], [1, []]);
  });

  it('draws its pauses from the stream that it is given', async () => {
    const [one, two] = [failing([again(), again()]), failing([again(), again()])];
    await Promise.all([one.result, two.result]);
    const random = deriveRandom('test');
    assert.deepEqual(
      one.pauses,
      [1, 2].map((n) => jitteredPauseMs(POLICY, n, random)),
    );
    assert.deepEqual(two.pauses, one.pauses);
  });

  it('waits as long as it is asked to, but no longer than two minutes', async () => {
    const asked = failing([again(7000)]);
    assert.equal(await asked.result, 'done');
    assert.deepEqual(asked.pauses, [7000]);
    const tooLong = failing([again(120_001)]);
    await assert.rejects(tooLong.result, Kind);
    assert.deepEqual(tooLong.pauses, []);
  });

  it('goes on beyond its attempts for as long as the policy says, and counts anew after progress', async () => {
    const kinds = Array.from({ length: 8 }, () => again());
    const late = failing(kinds, { ...POLICY, giveUpAfterMs: 60_000 });
    assert.equal(await late.result, 'done');
    const moving = failing(kinds, POLICY, () => true);
    assert.equal(await moving.result, 'done');
    assert.ok(moving.pauses.every((ms) => ms <= 100));
  });

  it('has fewer attempts for the kinds of failure that say so', async () => {
    const { result, nAttempts } = failing([
      { retry: true, retryAfterMs: null, maxAttempts: 2 },
      { retry: true, retryAfterMs: null, maxAttempts: 2 },
    ]);
    await assert.rejects(result, Kind);
    assert.equal(nAttempts(), 2);
  });
});
