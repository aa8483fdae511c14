import assert from 'node:assert/strict';
import { tagPrompts } from '../../../lib/src/experiment/plan/tagged-pack.js';
import { loadPack } from '../../../lib/src/prompt/index.js';

describe('a tagged pack', () => {
  it('tells what each of its prompts is for, worse answers among the losers', async () => {
    const { pack, kindOf, expectInstructions } = tagPrompts(await loadPack('mt-bench'));
    const { worseAnswer } = pack;
    assert.ok(worseAnswer);
    expectInstructions(['x']);
    assert.deepEqual(
      [
        pack.answer.render('x'),
        pack.answer.render('y'),
        pack.modifiedInstruction.render('x'),
        worseAnswer.render({ instruction: 'x', response: 'good' }),
      ].map(kindOf),
      ['winner', 'loser', 'modified-instruction', 'loser'],
    );
  });

  it('tells a classification apart', async () => {
    const { pack, kindOf } = tagPrompts(await loadPack('general'));
    assert.ok(pack.selection);
    assert.equal(kindOf(pack.selection.render('x')), 'classification');
  });

  it('has no prompt for worse answers where its pack has none', async () => {
    assert.equal(tagPrompts(await loadPack('micro')).pack.worseAnswer, null);
  });
});
