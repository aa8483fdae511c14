import assert from 'node:assert/strict';
import { parseText } from '../../lib/src/prompt/index.js';
import type { Completion } from '../../lib/src/schema/index.js';

const stopped = (text: string): Completion => ({ text, finishReason: 'stop' });
const cut = (text: string): Completion => ({ text, finishReason: 'length' });

describe('text rules', () => {
  it('read the whole completion, what follows a marker, or what stands in a tag', () => {
    assert.deepEqual(parseText({ rule: 'whole' }, stopped('  a b \n')), { ok: true, value: 'a b' });
    assert.deepEqual(parseText({ rule: 'after-last', marker: '=' }, stopped('9 = 4 1 = 4')), {
      ok: true,
      value: '4',
    });
    assert.deepEqual(parseText({ rule: 'tag', tag: 'x' }, stopped('so <x>1</x> or <x> 2 </x>.')), {
      ok: true,
      value: '2',
    });
  });

  it('say why there is nothing', () => {
    assert.deepEqual(parseText({ rule: 'whole' }, stopped(' ')), { ok: false, reason: 'empty' });
    assert.deepEqual(parseText({ rule: 'whole' }, cut('half')), { ok: false, reason: 'truncated' });
    assert.deepEqual(parseText({ rule: 'after-last', marker: '=' }, stopped('4')), {
      ok: false,
      reason: 'marker-missing',
    });
    assert.deepEqual(parseText({ rule: 'tag', tag: 'x' }, stopped('<x>1')), {
      ok: false,
      reason: 'marker-missing',
    });
  });

  it('leave thinking out, and take no text whose server went on past the end of a turn', () => {
    const whole = (text: string): unknown => parseText({ rule: 'whole' }, stopped(text));
    assert.deepEqual(whole('<think>hm</think>\n\nYes.'), { ok: true, value: 'Yes.', thinkingRemoved: true });
    assert.deepEqual(whole('hm</think>Yes.'), { ok: true, value: 'Yes.', thinkingRemoved: true });
    assert.deepEqual(whole('<think>hm'), { ok: false, reason: 'truncated' });
    assert.deepEqual(whole('<think>hm</think> '), { ok: false, reason: 'empty' });
    for (const token of [
      '<|im_end|>',
      '<|eot_id|>',
      '<｜end▁of▁sentence｜>',
      '</s>',
      '<end_of_turn>',
      '[/INST]',
    ])
      assert.deepEqual(whole(`Yes.${token}`), { ok: false, reason: 'template-token' }, token);
    assert.deepEqual(whole('Yes.<|im_end|>\n<|im_start|>user\nNo'), { ok: false, reason: 'template-token' });
    for (const text of ['a <| b |> c', '<s>old</s> new', 'x <|y|', '[INSTALL]'])
      assert.deepEqual(whole(text), { ok: true, value: text });
  });
});
