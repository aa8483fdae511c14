import assert from 'node:assert/strict';
import { answerPrompt, judgePrompt, modifyPrompt } from '../../lib/src/micro/world/prompts.js';
import { loadPack } from '../../lib/src/prompt/index.js';

describe('the pack of the embedded model', () => {
  it('says exactly what the embedded model was taught to read', async () => {
    const pack = await loadPack('micro');
    const x = 'compute 7 + 2 * 6 - 3 * 4';
    assert.deepEqual(pack.answer.render(x), [{ role: 'user', content: answerPrompt(x) }]);
    assert.deepEqual(pack.modifiedInstruction.render(x), [{ role: 'user', content: modifyPrompt(x) }]);
    assert.deepEqual(pack.judge.render({ instruction: x, responseA: '4', responseB: '7' }), [
      { role: 'user', content: judgePrompt(x, '4', '7') },
    ]);
  });

  it('takes the answer behind the work as a response, or as micro-worked the work too', async () => {
    const [short, worked] = [await loadPack('micro'), await loadPack('micro-worked')];
    const completion = { text: '9 4 1 = 4', finishReason: 'stop' } as const;
    assert.deepEqual(short.answer.parse(completion), { ok: true, value: '4' });
    assert.deepEqual(worked.answer.parse(completion), { ok: true, value: '9 4 1 = 4' });
    const pair = { instruction: 'compute 1', responseA: '4', responseB: '7' };
    assert.deepEqual(worked.judge.render(pair), short.judge.render(pair));
  });
});
