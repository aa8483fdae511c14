import assert from 'node:assert/strict';
import { pngOf } from '../../lib/src/chart/index.js';
import { methodDiagram } from '../../lib/src/report/index.js';
import { NO_USAGE } from '../../lib/src/schema/usage.js';

describe('the diagram of the method', () => {
  it('names the steps of the loop and, without a run, no counts', () => {
    const svg = methodDiagram();
    for (const step of ['Select', 'Generate a pair', 'Judge', 'Filter', 'Fine-tune', 'Evaluate'])
      assert.ok(svg.includes(`>${step}</text>`), step);
    assert.doesNotMatch(svg, /kept<\/text>/);
  });

  it('holds the counts of the stages of an iteration, each in its box', () => {
    const filter = { stage: 'filter', nInput: 1200, nKept: 7, drops: {}, wallMs: 1, usage: NO_USAGE };
    const svg = methodDiagram([filter]);
    assert.deepEqual(svg.match(/>[^<]* kept<\/text>/g), ['>1,200 in, 7 kept</text>']);
    assert.ok(
      svg.indexOf('>Filter<') < svg.indexOf('1,200 in') &&
        svg.indexOf('1,200 in') < svg.indexOf('>Fine-tune<'),
    );
  });

  it('gives every colour that it uses another on dark pages', () => {
    const svg = methodDiagram([
      { stage: 'filter', nInput: 1, nKept: 1, drops: {}, wallMs: 1, usage: NO_USAGE },
    ]);
    const [style = ''] = /<style>.*<\/style>/.exec(svg) ?? [];
    assert.match(style, /prefers-color-scheme: dark/);
    const used = new Set(svg.replace(style, '').match(/(?:fill|stroke)="(?!none)[^"]+"/g));
    // The frame of a box changes with its fill.
    used.delete('stroke="#0072B2"');
    for (const colour of used) assert.ok(style.includes(`[${colour}]`), colour);
  });

  it('is a picture of its own size', async () => {
    const { width, height } = await pngOf(methodDiagram());
    assert.deepEqual([width, height], [660, 296]);
  });
});
