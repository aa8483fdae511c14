import assert from 'node:assert/strict';
import { ServerHabits, type Habit } from '../../lib/src/model/server-habits.js';
import type { SampleRequest } from '../../lib/src/model/index.js';

const REQUEST: SampleRequest = {
  model: 'm',
  messages: [{ role: 'user', content: 'a' }],
  sampling: { temperature: 0.7, topP: 0.9, maxTokens: 16 },
  nSamples: 3,
  seed: 1,
  promptVersion: 'v',
};
const refusal = (): Error => Object.assign(new Error('400 bad request'), { code: 'http-400' });
const given = (n: number): Promise<{ completions: readonly string[] }> =>
  Promise.resolve({ completions: Array.from({ length: n }, () => 'yes') });

describe('what is known of n', () => {
  it('is that it is not honoured when a request was refused with it and answered without', async () => {
    const n = new ServerHabits();
    const sent: (number | undefined)[] = [];
    const { answer, refusals } = await n.ask(REQUEST, ({ nSamples }) => {
      sent.push(nSamples);
      return nSamples === 1 ? given(1) : Promise.reject(refusal());
    });
    assert.deepEqual([answer.completions.length, refusals.length, sent], [1, 1, [undefined, 1]]);
    assert.equal(n.honoursN, false);
  });

  it('is nothing when the request is refused alone as well', async () => {
    const n = new ServerHabits();
    await assert.rejects(
      n.ask(REQUEST, () => Promise.reject(refusal())),
      { code: 'http-400' },
    );
    assert.equal(n.honoursN, null);
  });

  it('stays that it is not honoured, whatever was under way, and changes are reported once', async () => {
    const reported: Habit[] = [];
    const n = new ServerHabits({ onChange: (habit) => void reported.push(habit) });
    for (const nGiven of [3, 1, 3]) await n.ask(REQUEST, () => given(nGiven));
    assert.equal(n.honoursN, false);
    assert.deepEqual(
      reported.flatMap((habit) => (habit.kind === 'capability' ? [habit.isOffered] : [])),
      [true, false],
    );
  });

  it('does not let a request be lost that was under way with n when it became known', async () => {
    const n = new ServerHabits();
    const { answer } = await n.ask(REQUEST, async ({ nSamples }) => {
      if (nSamples === 1) return given(1);
      await n.ask(REQUEST, () => given(1));
      throw refusal();
    });
    assert.equal(answer.completions.length, 1);
  });
});
