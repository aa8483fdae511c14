import assert from 'node:assert/strict';
import { benchmarkNamed, figuresOverAll, VerdictTable } from '../../../lib/src/evaluate/index.js';
import { orderFigures } from '../../../lib/src/evaluate/benchmarks/figures.js';
import type { Figures } from '../../../lib/src/schema/index.js';
import { brief, tableFrom } from '../tables.js';

const briefs = (figures: Figures): Record<string, unknown> =>
  Object.fromEntries(Object.entries(figures).map(([name, estimate]) => [name, brief(estimate)]));

describe('figures over both orders', () => {
  it('count what names another response, or none, as wrong', () => {
    const table = tableFrom({
      // As given the first is named, swapped the second.
      x: { gold: 'first', given: 'A', swapped: 'A' },
      y: { gold: 'second', given: '-', swapped: 'A' },
      // Two without a verdict agree, as in LLMBar's evaluate.py, where None equals None.
      z: { gold: 'first', given: '-', swapped: '-' },
      w: { gold: 'first', given: 'A', swapped: 'B' },
    });
    assert.deepEqual(briefs(orderFigures(table)), {
      accuracy: [0.5, 8, 0],
      accuracyGiven: [0.5, 4, 0],
      accuracySwapped: [0.5, 4, 0],
      correctInBoth: [0.25, 4, 0],
      agreement: [0.5, 4, 0],
    });
  });

  it('take the majority of the samples of an order', () => {
    const table = tableFrom({ x: { gold: 'first', given: 'AAB', swapped: 'AB' } });
    // Swapped, the samples are even, which is a tie and not the gold label.
    assert.deepEqual(briefs(orderFigures(table)), {
      accuracy: [0.5, 2, 0],
      accuracyGiven: [1, 1, 0],
      accuracySwapped: [0, 1, 0],
      correctInBoth: [0, 1, 0],
      agreement: [0, 1, 0],
    });
  });

  it('know of ties where gold is one, and leave out what was not asked or has no gold label', () => {
    const table = tableFrom({
      x: { gold: 'tie', given: 'C' },
      y: { gold: 'tie', swapped: 'B' },
      z: { gold: null, given: 'A', swapped: 'B' },
    });
    assert.deepEqual(briefs(orderFigures(table)), {
      accuracy: [0.5, 2, 0],
      accuracyGiven: [1, 1, 0],
      accuracySwapped: [0, 1, 0],
      correctInBoth: [null, 0, 0],
      agreement: [null, 0, 0],
    });
  });

  it('have no value for no items', () => {
    for (const estimate of Object.values(orderFigures(new VerdictTable())))
      assert.deepEqual(brief(estimate), [null, 0, 0]);
  });

  it('are pooled over subsets whose items have the same ids', () => {
    const subsets = new Map([
      ['one', tableFrom({ 0: { gold: 'first', given: 'A', swapped: 'B' } })],
      ['two', tableFrom({ 0: { gold: 'second', given: 'A', swapped: 'B' } })],
    ]);
    for (const name of ['llmbar', 'helpsteer2', 'pairs'])
      assert.deepEqual(
        brief(figuresOverAll(benchmarkNamed(name)!, subsets).correctInBoth),
        [0.5, 2, 0],
        name,
      );
    assert.deepEqual(brief(figuresOverAll(benchmarkNamed('judgebench')!, subsets).accuracy), [0.5, 2, 0]);
    assert.deepEqual(brief(figuresOverAll(benchmarkNamed('pandalm')!, subsets).accuracy), [0.5, 4, 0]);
  });
});
