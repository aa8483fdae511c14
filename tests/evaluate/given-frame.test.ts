import assert from 'node:assert/strict';
import { asListed, goldOf, shownOf } from '../../lib/src/evaluate/given-frame.js';

const winner = { model: 'w' };
const loser = { model: 'l' };

describe('a pair as its benchmark lists it', () => {
  it('has the winner first unless it is said that the loser is', () => {
    assert.equal(goldOf({}), 'first');
    assert.equal(goldOf({ givenFirst: 'winner' }), 'first');
    assert.equal(goldOf({ givenFirst: 'loser' }), 'second');
    assert.deepEqual(asListed({ winner, loser }, {}), [winner, loser]);
    assert.deepEqual(asListed({ winner, loser }, { givenFirst: 'loser' }), [loser, winner]);
  });

  it('has no better response where gold is a tie', () => {
    assert.equal(goldOf({ goldTie: true }), 'tie');
    assert.deepEqual(asListed({ winner, loser }, { goldTie: true }), [winner, loser]);
  });

  it('is shown as given when the response listed first is shown first', () => {
    assert.equal(shownOf('winner-first', {}), 'given');
    assert.equal(shownOf('loser-first', {}), 'swapped');
    assert.equal(shownOf('winner-first', { givenFirst: 'loser' }), 'swapped');
    assert.equal(shownOf('loser-first', { givenFirst: 'loser' }), 'given');
  });
});
