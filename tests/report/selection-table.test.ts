import assert from 'node:assert/strict';
import { svgOf } from '../../lib/src/chart/index.js';
import { documentToMarkdown, selectionBlocks, selectionChartSpec } from '../../lib/src/report/index.js';
import type { SelectionSummary } from '../../lib/src/schema/index.js';

const summary: SelectionSummary = {
  rows: 1000,
  offered: 700,
  taken: 100,
  drops: { 'not-drawn': 600, duplicate: 300 },
  masked: { email: 2 },
  byFile: [],
  byCategory: [
    { name: 'Coding', offered: 400, taken: 25 },
    { name: 'Rewriting', offered: 300, taken: 75 },
  ],
  byComplexity: [{ name: '7', offered: 700, taken: 100 }],
  bySlice: [{ name: 'all', offered: 700, taken: 100 }],
};

const markdownOf = (of: SelectionSummary): string =>
  documentToMarkdown({ title: 'Selection', lead: selectionBlocks(of), sections: [] });

describe('the report of a selection', () => {
  it('shows what was there and what was taken, with shares of each whole', () => {
    const text = markdownOf(summary);
    assert.match(text, /\| Coding \| 400 \| 57\.1 \| 25 \| 25\.0 \|/);
    assert.match(text, /\| in all \| 700 \| {2}\| 100 \| {2}\|/);
    assert.match(text, /email in 2 instructions/);
  });

  it('shows drops by reason that add up to the rows', () => {
    const text = markdownOf(summary);
    assert.match(text, /\| dropped: duplicate \| 300 \| 30\.0 \|/);
    assert.match(text, /\| taken \| 100 \| 10\.0 \|/);
    assert.match(text, /\| in all \| 1,000 \| {2}\|/);
  });

  it('has no number where there is nothing', () => {
    const nothing = { ...summary, rows: 0, offered: 0, taken: 0, drops: {}, masked: {}, byCategory: [] };
    assert.doesNotMatch(markdownOf(nothing), /NaN|undefined|Infinity/);
  });

  it('draws a panel for each dimension that has more than one group', async () => {
    const spec = selectionChartSpec(summary, { title: 'A pool' });
    assert.ok('vconcat' in spec);
    assert.equal(spec.vconcat.length, 1);
    const svg = await svgOf(spec);
    for (const text of ['A pool', 'Coding', 'Rewriting', 'offered', 'taken', '1,000 rows'])
      assert.ok(svg.includes(text), text);
  });

  it('is drawn also where there is nothing to compare', async () => {
    const svg = await svgOf(selectionChartSpec({ ...summary, byCategory: [] }, { title: 'A pool' }));
    assert.match(svg, /A pool/);
  });
});
