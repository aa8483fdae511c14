import assert from 'node:assert/strict';
import { FirstTries } from '../../lib/src/model/first-tries.js';
import { NEVER } from '../fixtures/scripted-endpoint.js';

/** A piece of work that ends when the test says so. */
function held(): { work: () => Promise<string>; begun: Promise<void>; end: () => void; fail: () => void } {
  let end = (): void => undefined;
  let fail = (): void => undefined;
  let begin = (): void => undefined;
  const begun = new Promise<void>((resolve) => (begin = resolve));
  const done = new Promise<string>((resolve, reject) => {
    end = () => resolve('first');
    fail = () => reject(new Error('refused'));
  });
  const work = (): Promise<string> => {
    begin();
    return done;
  };
  return { work, begun, end: () => end(), fail: () => fail() };
}

const second = (): Promise<string> => Promise.resolve('second');

describe('the first request of a kind', () => {
  it('goes alone; those of its kind follow when it was answered, or failed, and other kinds do not wait', async () => {
    for (const outcome of ['end', 'fail'] as const) {
      const tries = new FirstTries();
      const { work, begun, ...first } = held();
      const of = { kind: 'a', signal: NEVER };
      const answers: string[] = [];
      const one = tries.run(of, work).then(
        () => answers.push('first'),
        () => answers.push('first'),
      );
      await begun;
      const two = tries.run(of, second).then((answer) => answers.push(answer));
      answers.push(await tries.run({ ...of, kind: 'b' }, () => Promise.resolve('other kind')));
      first[outcome]();
      await Promise.all([one, two]);
      assert.deepEqual(answers.sort(), ['first', 'other kind', 'second'], outcome);
      assert.equal(await tries.run(of, second), 'second');
    }
  });

  it('does not hold those that are called off, nor any for long where it is not answered', async () => {
    const tries = new FirstTries();
    const { work, begun, end } = held();
    const first = tries.run({ kind: 'a', signal: NEVER }, work);
    await begun;
    const stop = new AbortController();
    const stopped = tries.run({ kind: 'a', signal: stop.signal }, second);
    stop.abort(new Error('stopped'));
    await assert.rejects(stopped, /stopped/);
    // Nothing ends the first one before.
    assert.equal(await tries.run({ kind: 'a', signal: NEVER }, second), 'second');
    end();
    assert.equal(await first, 'first');
  });
});
