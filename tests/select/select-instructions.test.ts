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
    const outcomes = await collect(
      selectInstructions(instructions, { slices: ['code', 'math'], count: 3, round: 0 }),
    );
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
    const outcomes = await collect(
      selectInstructions(instructions, { slices: ['math'], count: 2, round: 0 }),
    );
    assert.deepEqual(
      outcomes.map((outcome) => (outcome.kind === 'kept' ? outcome.record.text : outcome.drop.reason)),
      ['one', 'duplicate', 'slice-not-selected', 'two'],
    );
  });

  it('ends with fewer when the pool has no more', async () => {
    const outcomes = await collect(
      selectInstructions(pool(['a', 'math']), { slices: ['math'], count: 5, round: 0 }),
    );
    assert.equal(outcomes.length, 1);
  });

  it('gives every round its own, as many as it asked for, also where the slices do not divide it', async () => {
    const slices = ['a', 'b', 'c'];
    const instructions = pool(
      ...Array.from({ length: 60 }, (_, i): [string, string] => [`text ${i}`, slices[i % 3]!]),
    );
    const rounds = await Promise.all(
      [0, 1, 2, 3, 4].map((round) => collect(selectInstructions(instructions, { slices, count: 10, round }))),
    );
    const taken = rounds.map((outcomes) =>
      outcomes.flatMap((outcome) => (outcome.kind === 'kept' ? [outcome.record.text] : [])),
    );
    assert.deepEqual(
      taken.map(({ length }) => length),
      [10, 10, 10, 10, 10],
    );
    assert.equal(new Set(taken.flat()).size, 50);
  });

  it('passes over what earlier rounds took in a pool whose slices are not alike', async () => {
    const instructions = pool(
      ...Array.from({ length: 40 }, (_, i): [string, string] => [
        `text ${i}`,
        i % 5 === 0 ? 'rare' : 'common',
      ]),
    );
    const rounds = await Promise.all(
      [0, 1].map((round) =>
        collect(selectInstructions(instructions, { slices: ['rare', 'common'], count: 8, round })),
      ),
    );
    const taken = rounds.flat().flatMap((outcome) => (outcome.kind === 'kept' ? [outcome.record.text] : []));
    assert.equal(new Set(taken).size, 16);
  });
});
