import assert from 'node:assert/strict';
import { rewardBenchFigures } from '../../lib/src/evaluate/benchmarks/rewardbench.js';
import {
  benchmarkNamed,
  figuresOverAll,
  REWARDBENCH_COUNTS,
  VerdictTable,
} from '../../lib/src/evaluate/index.js';
import {
  documentToMarkdown,
  reproductionFigures,
  reproductionBlocks,
  reproductionTable,
  runDocument,
  toMarkdown,
  type ReproductionPart,
} from '../../lib/src/report/index.js';
import {
  NO_USAGE,
  ourFigureSchema,
  type Estimate,
  type PublishedFigure,
} from '../../lib/src/schema/index.js';

const estimate = (value: number | null): Estimate => ({
  value,
  n: 2985,
  unscored: 0,
  low: value === null ? null : Math.max(0, value - 0.01),
  high: value === null ? null : Math.min(1, value + 0.01),
  method: '',
});

const OVERALL = { metric: 'overall', scale: 'four-sections', counts: 'before-2024-09-10' } as const;
const published = (system: string, others: Partial<PublishedFigure> = {}): PublishedFigure => ({
  system,
  benchmark: 'rewardbench',
  ...OVERALL,
  value: 88.3,
  support: 'A',
  source: 'a paper',
  ...others,
});

/** What RewardBench's summary gives for a judge that is right on every item but those of one subset. */
const REWARDBENCH_FIGURES = rewardBenchFigures(
  Object.fromEntries(
    Object.keys(REWARDBENCH_COUNTS).map((subset) => [
      subset,
      estimate(subset === 'xstest-should-respond' ? 0 : 1),
    ]),
  ),
);

describe('our figures under the names of the paper', () => {
  it('are the sections and the overall of RewardBench, on both counts where that makes a difference', () => {
    const figures = reproductionFigures({
      benchmark: 'rewardbench',
      iterations: [{ iteration: 3, figures: REWARDBENCH_FIGURES }],
    });
    for (const figure of figures) ourFigureSchema.parse(figure);
    // Safety has 740 items; with xstest-should-respond wrong it is 490 / 740 today and, with 154 for 250, was 586 / 740.
    assert.deepEqual(
      figures.map(({ system, metric, scale, counts, estimate: { value } }) => [
        system,
        metric,
        scale,
        counts,
        value?.toFixed(4),
      ]),
      [
        ['iteration-3', 'overall', 'four-sections', 'before-2024-09-10', ((3 + 586 / 740) / 4).toFixed(4)],
        ['iteration-3', 'overall', 'four-sections', 'current', ((3 + 490 / 740) / 4).toFixed(4)],
        ['iteration-3', 'Chat', undefined, undefined, '1.0000'],
        ['iteration-3', 'Chat Hard', undefined, undefined, '1.0000'],
        ['iteration-3', 'Safety', undefined, 'before-2024-09-10', (586 / 740).toFixed(4)],
        ['iteration-3', 'Safety', undefined, 'current', (490 / 740).toFixed(4)],
        ['iteration-3', 'Reasoning', undefined, undefined, '1.0000'],
      ],
    );
  });

  it('take accuracy and accuracy in both orders of HelpSteer2 as its benchmark summarises them', () => {
    const table = new VerdictTable();
    // Right in both orders, and right in one of two.
    for (const [itemId, given, swapped] of [
      ['x', 'A', 'B'],
      ['y', 'A', 'A'],
    ] as const) {
      table.addItem({ itemId, gold: 'first' });
      table.addVerdicts(itemId, 'given', { kind: given });
      table.addVerdicts(itemId, 'swapped', { kind: swapped });
    }
    const figures = figuresOverAll(benchmarkNamed('helpsteer2')!, new Map([['all', table]]));
    assert.deepEqual(
      reproductionFigures({ benchmark: 'helpsteer2', iterations: [{ iteration: 0, figures }] }).map(
        ({ system, metric, estimate: { value } }) => [system, metric, value],
      ),
      [
        ['seed', 'accuracy', 0.75],
        ['seed', 'position-consistent accuracy', 0.5],
      ],
    );
  });

  it('name the vote of the last iteration by its samples', () => {
    const figures = { Chat: estimate(0.9) };
    const systems = reproductionFigures({
      benchmark: 'rewardbench',
      iterations: [
        { iteration: 0, figures, vote: { nSamples: 32, figures } },
        { iteration: 1, figures, vote: { nSamples: 8, figures } },
      ],
    }).map(({ system }) => system);
    assert.deepEqual(systems, ['seed', 'iteration-1', 'majority-vote-8']);
  });

  it('are none of MT-Bench, whose agreement the paper may count otherwise, and none of other benchmarks', () => {
    const figures = { agreementWithTies: estimate(0.6), accuracy: estimate(0.6) };
    for (const benchmark of ['mt-bench', 'embedded', 'llmbar', 'constructor'])
      assert.deepEqual(reproductionFigures({ benchmark, iterations: [{ iteration: 0, figures }] }), []);
  });
});

describe('the reproduction table', () => {
  it('sets a figure beside the published one of the same system, scale and counts', () => {
    const ours = (system: string, value: number, counts: 'current' | 'before-2024-09-10') =>
      ({ ...OVERALL, system, benchmark: 'rewardbench', counts, estimate: estimate(value) }) as const;
    const { rows } = reproductionTable(
      [
        published('iteration-5'),
        published('seed', { value: 75.4, scale: 'with-prior-sets' }),
        published('gpt-4-0125', { value: 86, support: 'B' }),
      ],
      [
        ours('iteration-5', 0.871, 'before-2024-09-10'),
        ours('iteration-5', 0.872, 'current'),
        ours('iteration-6', 0.9, 'before-2024-09-10'),
        ours('seed', 0.76, 'before-2024-09-10'),
      ],
    );
    const four = 'four sections, counts before 10 Sep 2024';
    const [prior, now] = [four.replace('four sections', 'with prior sets'), 'four sections, current counts'];
    const [none, ofPaper] = [
      ['', ''],
      ['', '', '', ''],
    ];
    assert.deepEqual(
      rows.map(([system, , , ...cells]) => [system, ...cells]),
      [
        // Another scale: neither is held against the other.
        ['seed', prior, '75.4', 'A', ...ofPaper],
        ['seed', four, ...none, '76.0 [75.0, 77.0]', '2,985', '0', ''],
        // 87.1 - 88.3
        ['iteration-5', four, '88.3', 'A', '87.1 [86.1, 88.1]', '2,985', '0', '-1.2'],
        ['iteration-5', now, ...none, '87.2 [86.2, 88.2]', '2,985', '0', ''],
        ['iteration-6', four, ...none, '90.0 [89.0, 91.0]', '2,985', '0', ''],
        ['gpt-4-0125', four, '86.0', 'B', ...ofPaper],
      ],
    );
  });

  it('holds an overall with prior sets, which has no interval, against that of the paper', () => {
    const name = 'overall with prior sets (counts before 10 September 2024)';
    const figures = { [name]: { ...estimate(0.75396), low: null, high: null } };
    const ours = reproductionFigures({ benchmark: 'rewardbench', iterations: [{ iteration: 0, figures }] });
    const { rows } = reproductionTable([published('seed', { value: 75.4, scale: 'with-prior-sets' })], ours);
    // 75.396 - 75.4 is nothing, not "-0.0"
    assert.deepEqual(rows[0]?.slice(4), ['75.4', 'A', '75.4', '2,985', '0', '+0.0']);
  });

  it('has a dash and no difference where ours could not be measured', () => {
    const { rows } = reproductionTable(
      [published('seed')],
      [{ ...OVERALL, system: 'seed', benchmark: 'rewardbench', estimate: { ...estimate(null), n: 0 } }],
    );
    assert.deepEqual(rows[0]?.slice(6), ['–', '0', '0', '']);
  });

  it('stays a table in Markdown, whatever the systems are called', () => {
    const table = reproductionTable([published('a | b <i>')], []);
    assert.match(toMarkdown(table).split('\n')[2] ?? '', /^\| a \\\| b \\<i\\> \|/);
  });
});

describe('the report section beside the paper', () => {
  const sectionOf = (part?: ReproductionPart): string =>
    documentToMarkdown({
      title: 'Comparison with the paper',
      lead: reproductionBlocks([part]),
      sections: [],
    });
  const iterations = [{ iteration: 0, figures: REWARDBENCH_FIGURES }];

  it('shows the rows of the benchmark alone, and says what support and scales mean', () => {
    const section = sectionOf({ benchmark: 'rewardbench', iterations });
    assert.match(section, /\| seed \| rewardbench \| Chat \| {2}\| 97\.6 \| A \| 100\.0 \[/);
    assert.match(section, /A stated in the abstract .*; B two independent notes agree; C one note/);
    assert.match(section, /two scales/);
    assert.doesNotMatch(section, /\| (helpsteer2|mt-bench) \||undefined|NaN|null/);
  });

  it('has several benchmarks side by side', () => {
    const parts = ['rewardbench', 'mt-bench', 'mine'].map((benchmark) => ({ benchmark, iterations }));
    const section = documentToMarkdown({ title: '', lead: reproductionBlocks(parts), sections: [] });
    assert.match(section, /\| seed \| rewardbench \| Chat \| {2}\| 97\.6 \| A \| 100\.0 \[/);
    assert.match(section, /\| iteration-5 \| mt-bench \| agreement \|/);
    assert.match(section, /two scales.*unknown whether the paper counts ties/);
  });

  it('says of MT-Bench why none of ours is there', () => {
    const section = sectionOf({ benchmark: 'mt-bench', iterations });
    assert.match(section, /\| iteration-5 \| mt-bench \| agreement \| {2}\| 78\.9 \| C \| {2}\| {2}\| {2}\|/);
    assert.match(section, /unknown whether the paper counts ties.*So none of ours/);
  });

  it('stands in the report of a run on such a benchmark, and of any other only says so', () => {
    const report = (reproduction?: ReproductionPart): string =>
      documentToMarkdown(
        runDocument({
          name: 'a run',
          description: '',
          config: {},
          iterations: [],
          manifests: [],
          manifest: {
            schemaVersion: 1,
            experiment: 'a',
            runId: 'b',
            configHash: '',
            inputs: { server: 's', promptVersion: '1', instructionsHash: null, benchmarkHash: null },
            benchmark: { nItems: 0, dropped: {} },
            seed: 1,
            git: null,
            versions: {},
            models: [],
            usage: NO_USAGE,
            spentByStage: [],
            finishedAt: '2024-01-01T00:00:00Z',
          },
          command: 'autodidact run a.yaml',
          reproduction,
        }),
      );
    const headings = (text: string): string[] => text.split('\n').filter((line) => line.startsWith('## '));
    const plain = report();
    assert.deepEqual(headings(report({ benchmark: 'rewardbench', iterations })), [...headings(plain)]);
    assert.equal(report({ benchmark: 'embedded', iterations }), plain);
    assert.doesNotMatch(plain, /\| seed \||\n\n\n/);
  });

  it('has no table for a benchmark that the paper does not report', () => {
    // 75.4 and 88.3: table 1 of Wang et al. 2024.
    const section = sectionOf({ benchmark: 'embedded', iterations });
    assert.match(section, /does not report this benchmark.*from 75\.4 to 88\.3 on RewardBench/);
    assert.doesNotMatch(section, /\|/);
    assert.equal(sectionOf(undefined), section);
  });
});
