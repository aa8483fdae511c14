import assert from 'node:assert/strict';
import {
  accuracyChart,
  duration,
  iterationTable,
  percentWithInterval,
  toMarkdown,
  toText,
} from '../../lib/src/report/index.js';
import { judgeMetrics } from '../../lib/src/evaluate/index.js';
import type { EvaluatedItem, IterationMetrics } from '../../lib/src/schema/index.js';

const evaluated = (right: boolean, i: number): EvaluatedItem => ({
  itemId: `i${i}`,
  slice: 'math',
  errorKind: 'random',
  orders: [
    { order: 'winner-first', text: '', verdict: { kind: right ? 'A' : 'B' } },
    { order: 'loser-first', text: '', verdict: { kind: 'B' } },
  ],
});
const iteration = (number: number, nRight: number): IterationMetrics => ({
  iteration: number,
  model: `m${number}`,
  metrics: judgeMetrics(Array.from({ length: 10 }, (_, i) => evaluated(i < nRight, i))),
  rule: 'strict',
});

describe('report', () => {
  it('shows every accuracy with its interval, n and unparsed', () => {
    const text = toText(iterationTable([iteration(0, 2), iteration(1, 8)]));
    assert.match(text, /0 \(seed\) +60\.0 \[\d+\.\d, \d+\.\d\]/);
    assert.match(text, /1 +90\.0 \[/);
    assert.match(text, / 20 +0$/m);
  });

  it('writes a dash where there is no value', () => {
    const nothing = { value: null, n: 0, unscored: 0, low: null, high: null, method: '' };
    assert.equal(percentWithInterval(nothing), '–');
    const empty = toMarkdown(
      iterationTable([{ iteration: 0, model: 'm', metrics: judgeMetrics([]), rule: 'strict' }]),
    );
    assert.doesNotMatch(empty, /NaN|null|undefined/);
  });

  it('keeps a table a table, whatever stands in a cell', () => {
    const table = toMarkdown({ header: ['a', 'b'], rows: [['x | y', '<script>']] });
    assert.equal(table.split('\n')[2], '| x \\| y | \\<script\\> |');
  });

  it('draws a chart with one line per measure that was taken', async () => {
    const svg = await accuracyChart([iteration(0, 2), iteration(1, 8)], { title: 'a <b> & c' });
    assert.match(svg, /^<svg[^>]*width="\d+/);
    assert.match(svg, /greedy, both orders/);
    assert.doesNotMatch(svg, /majority vote/);
    assert.match(svg, /a &lt;b&gt; &amp; c/);
    assert.doesNotMatch(svg, /NaN|undefined/);
  });

  it('writes durations as people read them', () => {
    assert.deepEqual([850, 12_345, 200_000].map(duration), ['850 ms', '12.3 s', '3 min 20 s']);
  });
});
