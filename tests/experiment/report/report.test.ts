import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { judgeMetrics, compareJudges } from '../../../lib/src/evaluate/index.js';
import { experimentConfigSchema } from '../../../lib/src/experiment/config/config.js';
import { drawSamples } from '../../../lib/src/experiment/report/draw-samples.js';
import { makeReport, readRun, writeGallery, writeReport } from '../../../lib/src/experiment/report/index.js';
import { differingSettings, labelsOf } from '../../../lib/src/experiment/report/run-labels.js';
import { matrixReportOf } from '../../fixtures/matrix-report.js';
import type { EvaluatedItem, IterationManifest, RunManifest } from '../../../lib/src/schema/index.js';
import { NO_USAGE } from '../../../lib/src/schema/index.js';

/** Item i, judged right in both orders or A both times. */
const evaluated = (i: number, isRight: boolean): EvaluatedItem => ({
  itemId: `i${i}`,
  slice: i % 2 ? 'math' : 'code',
  errorKind: 'random',
  orders: [
    { order: 'winner-first', text: `<b>${i}</b> [[A]]`, verdict: { kind: 'A' } },
    isRight
      ? { order: 'loser-first', text: `${i} [[B]]`, verdict: { kind: 'B' } }
      : { order: 'loser-first', text: `${i}`, verdict: { kind: 'unparsed', reason: 'no-marker' } },
  ],
});

const CONFIG = experimentConfigSchema.parse({
  name: 'small',
  description: 'Does it <i>work</i>?',
  iterations: 1,
  endpoint: { provider: 'openai', baseUrl: 'http://127.0.0.1:1/v1', apiKeyEnv: 'NONE' },
  model: 'm',
  pack: 'micro',
  instructions: { source: 'embedded', perIteration: 2 },
  evaluate: { benchmark: { source: 'jsonl', path: 'gone.jsonl' } },
});

/** A run's folder, as a run of one iteration leaves it. */
async function writeRun(
  folder: string,
  options: { samples: number; isFinished: boolean; nRight: number },
): Promise<void> {
  const evaluations = [2, options.nRight].map((nRight) =>
    Array.from({ length: 8 }, (_, i) => evaluated(i, i < nRight)),
  );
  const iterations = evaluations.map((evaluation, iteration) => ({
    iteration,
    model: `m${iteration}`,
    metrics: judgeMetrics(evaluation),
    rule: 'strict',
    ...(iteration > 0 ? { againstSeed: compareJudges(evaluations[0]!, evaluation, { seed: 1 }) } : {}),
  }));
  const manifests = evaluations.map((_, iteration): IterationManifest => ({
    schemaVersion: 1,
    iteration,
    judgeModel: 'm0',
    resultModel: `m${iteration}`,
    stages: [
      { stage: 'judge', nInput: 5, nKept: 3, drops: { 'request-failed': 2 }, wallMs: 1, usage: NO_USAGE },
    ],
  }));
  const config = { ...CONFIG, judge: { ...CONFIG.judge, samples: options.samples } };
  const manifest: RunManifest = {
    schemaVersion: 1,
    experiment: 'small',
    runId: `seed-1-${options.samples}`,
    configHash: 'abc',
    inputs: { server: 's', promptVersion: '1', instructionsHash: null, benchmarkHash: 'other' },
    benchmark: { nItems: 8, dropped: {} },
    seed: 1,
    git: null,
    versions: {},
    models: ['m0', 'm1'],
    usage: NO_USAGE,
    spentByStage: [],
    finishedAt: '2026-01-01T00:00:00Z',
  };
  const status = {
    experiment: 'small',
    runId: manifest.runId,
    process: { pid: 1, startedAt: null },
    nIterations: 1,
    updatedAt: '2026-01-01T00:00:00Z',
    progress: null,
    iterations,
  };
  for (const [i, evaluation] of evaluations.entries()) {
    const inside = join(folder, `iteration-${i}`);
    await mkdir(inside, { recursive: true });
    await writeFile(
      join(inside, 'evaluation.jsonl'),
      evaluation.map((item) => `${JSON.stringify(item)}\n`).join(''),
    );
    await writeFile(join(inside, 'manifest.json'), JSON.stringify(manifests[i]));
  }
  await writeFile(join(folder, 'config.json'), JSON.stringify(config));
  await writeFile(join(folder, 'status.json'), JSON.stringify(status));
  if (!options.isFinished) return;
  await writeFile(join(folder, 'metrics.json'), JSON.stringify(iterations));
  await writeFile(join(folder, 'manifest.json'), JSON.stringify(manifest));
}

describe('reports of runs', () => {
  let results: string;
  const signal = new AbortController().signal;
  const run = (name: string): string => join(results, 'small', name);

  before(async () => {
    results = await mkdtemp(join(tmpdir(), 'report-'));
    await writeRun(run('seed-1-15'), { samples: 15, isFinished: true, nRight: 8 });
    await writeRun(run('seed-1-1'), { samples: 1, isFinished: false, nRight: 5 });
  });
  after(() => rm(results, { recursive: true }));

  it('hold question, set-up, figures with n, drops by reason, judgments and how to reproduce', async () => {
    const [path = ''] = await writeReport(
      join(results, 'out', 'report.html'),
      await makeReport([run('seed-1-15')], { signal }),
    );
    const page = await readFile(path, 'utf8');
    // 16 verdicts of the last iteration; of the seed's 8 items six have an unread one.
    for (const part of [
      'Does it &lt;i&gt;work&lt;/i&gt;?',
      'N = 15, in each order',
      'Sample judgments',
      'request-failed 2',
      '<th scope="row">0 (seed)</th>',
      'npx autodidact run',
      'The texts of this pair are not available.',
    ])
      assert.ok(page.includes(part), part);
    assert.match(page, /&lt;b&gt;\d&lt;\/b&gt; \[\[A\]\]/);
    assert.doesNotMatch(page.replace(/<script[\s\S]*?<\/script>/g, ''), /<b>\d|NaN|undefined/);
  });

  it('are made of unfinished runs, too, and say so', async () => {
    const { parts } = await readRun(run('seed-1-1'));
    assert.equal(parts.manifest, null);
    const document = await makeReport([run('seed-1-1')], { signal });
    assert.match(JSON.stringify(document.lead), /The run is not finished/);
  });

  it('set several side by side by what differs, with a paired comparison', async () => {
    const path = join(results, 'comparison.md');
    const written = await writeReport(
      path,
      await makeReport([run('seed-1-15'), run('seed-1-1')], { signal }),
    );
    const markdown = await readFile(path, 'utf8');
    assert.match(markdown, /\| setting \| judge\.samples = 15 \| judge\.samples = 1 \|/);
    assert.match(markdown, /\| judge\.samples \| 15 \| 1 \|/);
    assert.match(markdown, /judge\.samples = 1 against judge\.samples = 15/);
    assert.deepEqual(
      written.map((file) => file.slice(results.length + 1)),
      ['comparison.md', 'comparison-curves.png', 'comparison-slices.png'],
    );
    assert.deepEqual([...(await readFile(written[1]!)).subarray(1, 4)], [...Buffer.from('PNG')]);
  });

  it('refuse a file of an unknown kind and a folder that is no run', async () => {
    const document = await makeReport([run('seed-1-15')], { signal });
    await assert.rejects(writeReport(join(results, 'report.pdf'), document), /\.html, \.md, \.png, \.svg/);
    await assert.rejects(makeReport([results], { signal }), /the folder of a run/);
  });

  it('are linked from a gallery that shows every run and tells what it left out', async () => {
    await writeReport(
      join(run('seed-1-15'), 'report.html'),
      await makeReport([run('seed-1-15')], { signal }),
    );
    await mkdir(run('broken'), { recursive: true });
    await writeFile(join(run('broken'), 'status.json'), '{');
    const { path, nRuns } = await writeGallery(results);
    const page = await readFile(path, 'utf8');
    assert.equal(nRuns, 2);
    assert.match(page, /<a href="small\/seed-1-15\/report\.html">report<\/a>/);
    assert.match(page, /not finished/);
    assert.match(page, /<code>small\/broken<\/code>/);
    assert.doesNotMatch(page, /<script/);
  });
});

describe('reports of matrices', () => {
  it('are made of their folder, and stand in the gallery before their runs', async () => {
    const results = await mkdtemp(join(tmpdir(), 'matrix-report-'));
    const folder = join(results, 'small', 'matrix-1');
    await mkdir(folder, { recursive: true });
    const matrix = { ...matrixReportOf({ plain: [0.7, 0.72], better: [0.8, 0.82] }), experiment: 'small' };
    await writeFile(join(folder, 'matrix.json'), JSON.stringify(matrix));
    await writeRun(join(results, 'small', 'seed-1-15'), { samples: 15, isFinished: true, nRight: 8 });
    const document = await makeReport([folder], { signal: new AbortController().signal });
    const [path = ''] = await writeReport(join(folder, 'report.html'), document);
    assert.match(await readFile(path, 'utf8'), /<th scope="row">plain \(baseline\)<\/th>/);
    const gallery = await readFile((await writeGallery(results)).path, 'utf8');
    assert.match(gallery, /small\/matrix-1\/report\.html[\s\S]*<summary>1 run<\/summary>/);
    await rm(results, { recursive: true });
  });
});

describe('judgments to read', () => {
  it('are some of each outcome, with how many there are and what the first judge said of the same', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'samples-'));
    const write = async (name: string, items: EvaluatedItem[]): Promise<string> => {
      await writeFile(join(folder, name), items.map((item) => `${JSON.stringify(item)}\n`).join(''));
      return join(folder, name);
    };
    const first = {
      judge: 'seed',
      path: await write(
        'a',
        [0, 1, 2, 3].map((i) => evaluated(i, false)),
      ),
    };
    const last = {
      judge: 'last',
      path: await write(
        'b',
        [0, 1, 2, 3].map((i) => evaluated(i, i > 0)),
      ),
    };
    const { groups } = await drawSamples(last, first, { perOutcome: 2, seed: 1 });
    assert.deepEqual(
      groups.map(({ outcome, n, pairs }) => [outcome, n, pairs.length]),
      [
        ['right', 7, 2],
        ['unparsed', 1, 1],
      ],
    );
    assert.deepEqual(groups[1]?.pairs[0], {
      itemId: 'i0',
      slice: 'code',
      errorKind: 'random',
      order: 'loser-first',
      texts: null,
      judgments: ['seed', 'last'].map((judge) => ({
        judge,
        text: '0',
        verdict: { kind: 'unparsed', reason: 'no-marker' },
        outcome: 'unparsed',
      })),
    });
    assert.deepEqual(groups, (await drawSamples(last, first, { perOutcome: 2, seed: 1 })).groups);

    // Where neither response is better, a tie is right and anything else wrong, as in the list that the count leads to.
    const ties = [0, 1].map((i): EvaluatedItem => {
      const item = { ...evaluated(i, true), goldTie: true as const };
      return i === 0
        ? item
        : { ...item, orders: item.orders.map((each) => ({ ...each, verdict: { kind: 'tie' } })) };
    });
    const ofTies = { judge: 'last', path: await write('c', ties) };
    const drawn = await drawSamples(ofTies, null, { perOutcome: 2, seed: 1 });
    assert.deepEqual(
      drawn.groups.map(({ outcome, n, pairs }) => [outcome, n, pairs[0]?.judgments[0]?.outcome]),
      [
        ['right', 2, 'right'],
        ['wrong', 2, 'wrong'],
      ],
    );
    await rm(folder, { recursive: true });
  });
});

describe('labels of runs', () => {
  it('tell the settings that differ, a section that some lack as one', () => {
    const settings = differingSettings([
      { seed: 1, judge: { samples: 1, topP: 1 } },
      { seed: 1, judge: { samples: 15, topP: 1 }, dpo: { beta: 0.1 } },
    ]);
    assert.deepEqual(settings, [
      { 'judge.samples': '1', dpo: 'absent' },
      { 'judge.samples': '15', dpo: '{"beta":0.1}' },
    ]);
  });

  it('are never the same twice', () => {
    const runs = [
      { runId: 'a', settings: { seed: '1' } },
      { runId: 'b', settings: { seed: '1' } },
      { runId: 'c', settings: {} },
    ];
    assert.deepEqual(labelsOf(runs), ['seed = 1 (a)', 'seed = 1 (b)', 'c']);
    const copies = [{ runId: 'c', settings: {} }, ...runs, { runId: 'c', settings: {} }];
    assert.deepEqual(labelsOf(copies), ['c (c)', 'seed = 1 (a)', 'seed = 1 (b)', 'c (c), 2', 'c (c), 3']);
  });
});
