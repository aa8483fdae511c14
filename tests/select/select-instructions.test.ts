import assert from 'node:assert/strict';
import type { Instruction } from '../../lib/src/schema/index.js';
import { selectInstructions } from '../../lib/src/select/index.js';
import { collect } from '../fixtures/scripted-endpoint.js';

const pool = (...items: [string, string][]): Instruction[] =>
  items.map(([text, slice], i) => ({ instructionId: `i${i}`, text, slice }));

describe('selection', () => {
  it('takes equally many of each slice, the first named getting the rest', async () => {
    const instructions = pool(
      ['a', 'math'],
      ['b', 'math'],
      ['c', 'math'],
      ['d', 'code'],
      ['e', 'code'],
      ['f', 'code'],
    );
    const outcomes = await collect(selectInstructions(instructions, { slices: ['code', 'math'], count: 3 }));
    const taken = outcomes.flatMap((outcome) => (outcome.kind === 'kept' ? [outcome.record.text] : []));
    assert.deepEqual(taken, ['a', 'd', 'e']);
  });

  it('counts everything that it reads as kept or dropped, with a reason', async () => {
    const instructions = pool(
      ['one', 'math'],
      [' ONE ', 'math'],
      ['x', 'poems'],
      ['two', 'math'],
      ['never read', 'math'],
    );
    const outcomes = await collect(selectInstructions(instructions, { slices: ['math'], count: 2 }));
    assert.deepEqual(
      outcomes.map((outcome) => (outcome.kind === 'kept' ? outcome.record.text : outcome.drop.reason)),
      ['one', 'duplicate', 'slice-not-selected', 'two'],
    );
  });

  it('ends with fewer when the pool has no more', async () => {
    const outcomes = await collect(selectInstructions(pool(['a', 'math']), { slices: ['math'], count: 5 }));
    assert.equal(outcomes.length, 1);
  });
});
