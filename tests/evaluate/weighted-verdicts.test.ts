import assert from 'node:assert/strict';
import { scored } from './scoring.js';

const said = (itemId: string, text: string, shown = 'given'): object => ({
  itemId,
  judge: 'j',
  gold: 'first',
  shown,
  text,
});

describe('accuracy by the weights of Arena-Hard', () => {
  it('counts a verdict of significantly better three times', async () => {
    const rows = [
      said('x', '[[A>>B]]'),
      said('x', '[[B>A]]', 'swapped'),
      said('y', '[[B>A]]'),
      said('y', '[[A=B]]', 'swapped'),
      said('z', 'none'),
    ];
    const { score } = await scored({ 'j.jsonl': rows }, { rule: 'arena-hard' });
    const [weighted] = score.weighted;
    assert.deepEqual([weighted?.judge, weighted?.nSignificant], ['j', 1]);
    // 3 + 1 of item x, 0 + 0.5 of item y, of 4 + 2; n are the four verdicts.
    assert.deepEqual(
      [weighted?.accuracy.value, weighted?.accuracy.n, weighted?.accuracy.unscored],
      [4.5 / 6, 4, 1],
    );
    assert.equal(score.sets[0]?.metrics.accuracy.value, 2.5 / 4);
  });

  it('takes recorded strengths, and is left out where none is known', async () => {
    const rows = [
      { itemId: 'x', gold: 'first', verdict: 'A', strength: 'significant' },
      { itemId: 'y', gold: 'first', verdict: 'B', strength: 'slight' },
      { itemId: 'z', gold: 'tie', verdict: 'tie', strength: 'slight' },
    ];
    const { score } = await scored({ 'j.jsonl': rows });
    assert.equal(score.weighted[0]?.accuracy.value, 4 / 5);
    const plain = await scored({ 'j.jsonl': [said('x', '[[A]]')] });
    assert.deepEqual(plain.score.weighted, []);
  });
});
