import assert from 'node:assert/strict';
import { ServerHabits } from '../../lib/src/model/server-habits.js';
import type { SampleRequest } from '../../lib/src/model/index.js';

const of = (content: string): SampleRequest => ({
  model: 'm',
  messages: [{ role: 'user', content }],
  sampling: { temperature: 0.7, topP: 0.9, maxTokens: 16 },
  nSamples: 3,
  seed: 1,
  promptVersion: 'v',
});
const alone = (request: SampleRequest): SampleRequest => ({ ...request, nSamples: 1 });

describe('what is known of n', () => {
  it('is that it is not honoured when a request was refused with it and answered without', () => {
    const n = new ServerHabits();
    const request = of('a');
    assert.equal(n.onRefusal(request), true);
    n.onAnswer(alone(request), 1);
    assert.equal(n.honoursN, false);
  });

  it('is nothing when another request is answered, or the same is refused alone', () => {
    const n = new ServerHabits();
    const [refused, other] = [of('a'), of('b')];
    n.onRefusal(refused);
    n.onAnswer(alone(other), 1);
    assert.equal(n.honoursN, null);
    assert.equal(n.onRefusal(alone(refused)), false);
    n.onAnswer(alone(refused), 1);
    assert.equal(n.honoursN, null);
  });

  it('stays that it is not honoured, whatever was under way, and changes are reported once', () => {
    const reported: boolean[] = [];
    const n = new ServerHabits({
      onChange: (habit) => {
        if (habit.kind === 'capability') reported.push(habit.isOffered);
      },
    });
    n.onAnswer(of('a'), 3);
    n.onAnswer(of('b'), 1);
    n.onAnswer(of('c'), 3);
    assert.equal(n.honoursN, false);
    assert.deepEqual(reported, [true, false]);
  });

  it('does not let a request be lost that was under way with n when it became known', () => {
    const n = new ServerHabits();
    n.onAnswer(of('a'), 1);
    assert.equal(n.onRefusal(of('b')), true);
  });
});
