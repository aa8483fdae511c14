import assert from 'node:assert/strict';
import { svgOf } from '../../lib/src/chart/index.js';
import {
  accuracyChartSpec,
  biasTable,
  documentToMarkdown,
  duration,
  iterationTable,
  percentWithInterval,
  pointsWithInterval,
  runDocument,
  toMarkdown,
  toText,
  voteTable,
} from '../../lib/src/report/index.js';
import { judgeMetrics } from '../../lib/src/evaluate/index.js';
import { NO_USAGE, type EvaluatedItem, type IterationMetrics } from '../../lib/src/schema/index.js';

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
  it('begins with each judge’s accuracy, n, convention and what is unscored, and says how labels were read', () => {
    const stage = { stage: 'generate', nInput: 2, nKept: 2, drops: {}, wallMs: 1, usage: NO_USAGE };
    const cut = iteration(0, 2);
    cut.metrics.accuracy = {
      ...cut.metrics.accuracy,
      unscored: 3,
      unscoredReasons: { truncated: 2, refusal: 1 },
    };
    const labels = [{ value: '1', readAs: 'first' as const, n: 12 }];
    const text = documentToMarkdown(
      runDocument({
        name: 'a run',
        description: '',
        config: {},
        iterations: [cut],
        manifests: [
          {
            schemaVersion: 1,
            iteration: 0,
            judgeModel: 'm',
            resultModel: 'm',
            stages: [{ ...stage, thinkingRemoved: { n: 3, of: 1310 } }],
          },
        ],
        manifest: {
          schemaVersion: 1,
          experiment: 'a run',
          runId: 'r',
          configHash: '',
          inputs: { server: 's', promptVersion: 'p', instructionsHash: null, benchmarkHash: null },
          benchmark: { nItems: 10, dropped: {}, labels },
          seed: 1,
          git: null,
          versions: {},
          models: [],
          usage: NO_USAGE,
          spentByStage: [],
          finishedAt: '2026-01-01T00:00:00Z',
        },
        command: 'npx autodidact run',
      }),
    );
    assert.match(
      text,
      /60\.0 \[.*\] % of 20 verdicts right, ties counted half, unscored 3: truncated 2, refusal 1\./,
    );
    assert.match(text, /\| 20 \| 3: truncated 2, refusal 1 \|/);
    assert.match(text, /labels read as: "1" first \(12\)/);
    assert.match(text, /\| thinking removed \|.*\n.*\n.*\| 3 of 1,310 \|/);
  });

  it('shows every accuracy with its interval, n and unparsed', () => {
    const text = toText(iterationTable([iteration(0, 2), iteration(1, 8)]));
    assert.match(text, /0 \(seed\) +60\.0 \[\d+\.\d, \d+\.\d\]/);
    assert.match(text, /1 +90\.0 \[/);
    assert.match(text, / 20 +0$/m);
  });

  it('writes a dash where there is no value', () => {
    const nothing = { value: null, n: 0, unscored: 0, low: null, high: null, method: '' };
    assert.equal(percentWithInterval(nothing), '–');
    assert.equal(percentWithInterval({ ...nothing, value: 0.6 }), '60.0');
    assert.equal(pointsWithInterval({ difference: 0.05, low: null, high: null }), '+5.0');
    const empty = toMarkdown(
      iterationTable([{ iteration: 0, model: 'm', metrics: judgeMetrics([]), rule: 'strict' }]),
    );
    assert.doesNotMatch(empty, /NaN|null|undefined/);
  });

  it('shows biases with their n, and nothing where nothing is known of lengths or votes', () => {
    const plain = toMarkdown(biasTable([iteration(0, 2)])).split('\n');
    // Eight pairs of ten contradict themselves, "B" both times: whatever stood second won.
    assert.match(plain[2]!, /^\| 0 \(seed\) \| 0\.0 \[0\.0, \d+\.\d\] \| 8 \|$/);
    const known = Array.from({ length: 4 }, (_, i) => ({
      ...evaluated(i < 2, i),
      winner: { nCharacters: i % 2 },
      loser: { nCharacters: 1 - (i % 2) },
    }));
    const [row] = biasTable([
      { iteration: 1, model: 'm', metrics: judgeMetrics(known), rule: 'strict' },
    ]).rows;
    // Of eight verdicts two go wrong, one for and one against the longer response.
    assert.match(row![3]!, /^50\.0 \[/);
    assert.equal(row![4], '8');
  });

  it('shows how the majority vote grows, where votes were taken', () => {
    assert.deepEqual(voteTable([iteration(0, 2)]).rows, []);
    const voted: EvaluatedItem = {
      ...evaluated(true, 0),
      orders: evaluated(true, 0).orders.map((order) => ({
        ...order,
        votes: { A: 1, B: 2, tie: 0, unparsed: 0 },
      })),
    };
    const { header, rows } = voteTable([
      { iteration: 1, model: 'm', metrics: judgeMetrics([voted]), rule: 'strict' },
    ]);
    assert.deepEqual(header, ['iteration', '1 sample %', '2 samples %', '3 samples %', 'n', 'unscored']);
    // One order has 1 of 3 right, the other 2 of 3: half of single samples. Of two samples, BB (1 in 3) or a tie (2 in 3) give
    // 1/3 x 0 + 2/3 x 1/2 and 1/3 x 1 + 2/3 x 1/2: 0.5. All three: wrong and right.
    assert.deepEqual(rows, [['1', '50.0', '50.0', '50.0', '2', '0']]);
  });

  it('keeps a table a table, whatever stands in a cell', () => {
    const table = toMarkdown({ header: ['a', 'b'], rows: [['x | y', '<script>']] });
    assert.equal(table.split('\n')[2], '| x \\| y | \\<script\\> |');
  });

  it('lets no name in a table move the cursor or turn the text around', () => {
    const hostile = '\u001b]0;title\u0007\u202ejudge\nforged row';
    const table = {
      header: ['a', 'b'],
      rows: [
        [hostile, '1'],
        ['x'.repeat(1000), '2'],
      ],
    };
    for (const text of [toText(table), toMarkdown(table)]) {
      assert.ok(['\u001b', '\u0007', '\u202e'].every((sign) => !text.includes(sign)));
      assert.equal(text.split('\n').length, 4);
    }
    assert.ok(
      toText(table)
        .split('\n')
        .every((line) => line.length < 120),
    );
  });

  it('draws a chart with one line per measure that was taken', async () => {
    const svg = await svgOf(accuracyChartSpec([iteration(0, 2), iteration(1, 8)], { title: 'a <b> & c' }));
    assert.match(svg, /^<svg[^>]*width="\d+/);
    assert.match(svg, />both orders right</);
    assert.doesNotMatch(svg, />vote</);
    assert.match(svg, /a &lt;b&gt; &amp; c/);
    assert.doesNotMatch(svg, /NaN|undefined/);
  });

  it('writes durations as people read them', () => {
    assert.deepEqual([850, 12_345, 200_000].map(duration), ['850 ms', '12.3 s', '3 min 20 s']);
  });
});
