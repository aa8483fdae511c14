import assert from 'node:assert/strict';
import { BENCHMARKS } from '../../../lib/src/evaluate/index.js';
import { tableFrom } from '../tables.js';

describe('the figures of a benchmark', () => {
  it('each say in a few words what counts as right', () => {
    const table = tableFrom({
      x: { gold: 'first', given: 'A', swapped: 'B', humanVotes: { first: 2, second: 0, tie: 1 } },
      y: { gold: 'second', given: 'C', swapped: '-', humanVotes: { first: 0, second: 2, tie: 1 } },
    });
    for (const benchmark of BENCHMARKS) {
      const { name } = benchmark;
      const figures = { ...benchmark.figuresOf(table), ...benchmark.summarise?.(new Map([['all', table]])) };
      assert.ok(Object.keys(figures).length > 0, name);
      for (const [figure, { convention = '' }] of Object.entries(figures))
        assert.match(convention, /^.{10,60}$/, `${name}: ${figure}`);
    }
  });
});
