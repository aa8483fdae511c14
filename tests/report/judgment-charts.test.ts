import assert from 'node:assert/strict';
import { svgOf } from '../../lib/src/chart/index.js';
import { reliabilityChartSpec, tokenChartSpec } from '../../lib/src/report/index.js';

describe('the reliability diagram', () => {
  it('has a point for each bin of each judge, with an interval that its n decides', async () => {
    const calibration = (n: number) => ({
      n,
      brier: 0.1,
      expectedCalibrationError: 0.1,
      bins: [{ n, meanConfidence: 0.9, shareRight: 0.5 }],
    });
    const spec = reliabilityChartSpec(
      [
        { label: 'few', calibration: calibration(4) },
        { label: 'many', calibration: calibration(400) },
      ],
      { title: 'T' },
    );
    const { values } = (
      spec as unknown as { data: { values: { judge: string; low: number; high: number }[] } }
    ).data;
    // Wilson, z = 1.96, p = 0.5: half-width z / (2 sqrt(n + z²)), so 0.350 of 4 and 0.049 of 400.
    assert.deepEqual(
      values.map(({ judge, low, high }) => [judge, low.toFixed(3), high.toFixed(3)]),
      [
        ['few', '0.150', '0.850'],
        ['many', '0.451', '0.549'],
      ],
    );
    const svg = await svgOf(spec);
    for (const text of ['T', 'few', 'many']) assert.ok(svg.includes(`>${text}</text>`), text);
  });
});

describe('the chart of tokens', () => {
  it('shows each token with how probable it was, and markup of a model as text', async () => {
    const tokens = [
      { text: '<b>', logprob: Math.log(0.25), alternatives: [] },
      { text: ' [[A]]\u0007', logprob: 0, alternatives: [] },
    ];
    const svg = await svgOf(tokenChartSpec([{ label: 'seed', tokens }], { title: 'T' }));
    for (const text of ['&lt;b&gt;', '25%', '[[A]]', '100%', 'seed'])
      assert.ok(svg.includes(`>${text}</text>`), text);
    assert.ok(!svg.includes('<b>') && !svg.includes('\u0007'));
  });
});
