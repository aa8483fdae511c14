import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError } from '../../../lib/src/core/errors.js';
import { loadMatrix, matrixArms, type Matrix } from '../../../lib/src/experiment/index.js';
import { loadExperimentConfig } from '../../../lib/src/experiment/config/load-config.js';
import { orderArms } from '../../../lib/src/experiment/matrix/order-arms.js';
import { inTemporaryFolder } from '../../fixtures/temporary-folder.js';

const BASE = `name: small
iterations: 1
endpoint: { provider: embedded }
model: micro-seed
pack: micro
instructions: { source: embedded, perIteration: 10 }
evaluate: { benchmark: { source: embedded, pairs: 5 } }
matrix:
`;

const load = (matrix: string, overrides: string[] = []): Promise<Matrix> =>
  inTemporaryFolder(async (folder) => {
    const configPath = join(folder, 'x.yaml');
    await writeFile(configPath, BASE + matrix);
    return matrixArms({ configPath }, overrides);
  });

async function problemOf(matrix: string, overrides: string[] = []): Promise<string> {
  try {
    await load(matrix, overrides);
  } catch (thrown) {
    assert.ok(thrown instanceof ConfigError, String(thrown));
    return thrown.message;
  }
  throw new Error('expected a ConfigError');
}

const embedded = (n: number): string => `{ name: b${n}, benchmark: { source: embedded, pairs: ${n} } }`;

const labelsOf = ({ arms }: Matrix): string[] => arms.map(({ label }) => label);

const AXES = `  axes:
    judge.samples: [1, 5]
    how:
      plain: {}
      hot: { judge.temperature: 1, evaluate.vote: { samples: 3 } }
`;

describe('a matrix', () => {
  it('has an arm for each combination of its axes, the last one fastest', async () => {
    const matrix = await load(AXES);
    assert.deepEqual(labelsOf(matrix), [
      'judge.samples=1, how=plain',
      'judge.samples=1, how=hot',
      'judge.samples=5, how=plain',
      'judge.samples=5, how=hot',
    ]);
    const { config, settings, combination } = matrix.arms[3]!;
    assert.deepEqual(
      [config.judge.samples, config.judge.temperature, config.evaluate.vote?.samples],
      [5, 1, 3],
    );
    assert.deepEqual(combination, { 'judge.samples': '5', how: 'hot' });
    assert.equal(settings['judge.samples'], 5);
    assert.equal(matrix.arms[2]!.config.judge.temperature, 0.7);
    assert.deepEqual([matrix.baseline, matrix.seeds], ['judge.samples=1, how=plain', [1]]);
  });

  it('leaves combinations out, has single arms beside them, and knows its baseline', async () => {
    const rest = `  seeds: [3, 4]
  exclude: [{ judge.samples: 1, how: hot }, { judge.samples: 5, how: plain }]
  arms: { no vote: { evaluate.vote: null, filter.perPair: 2 } }
  baseline: { how: hot, judge.samples: 5 }
`;
    const matrix = await load(AXES + rest);
    assert.deepEqual(labelsOf(matrix), ['judge.samples=1, how=plain', 'judge.samples=5, how=hot', 'no vote']);
    assert.deepEqual([matrix.baseline, matrix.seeds], ['judge.samples=5, how=hot', [3, 4]]);
    assert.equal(matrix.arms[0]!.config.seed, 3);
  });

  it('names an axis of one setting', async () => {
    assert.deepEqual(labelsOf(await load('  axes: { N: { path: judge.samples, values: [1, 15] } }\n')), [
      'N=1',
      'N=15',
    ]);
  });

  it('takes what the command line sets for all arms, its own seeds too, but nothing that it varies', async () => {
    const matrix = await load(AXES, ['iterations=2', 'matrix.seeds=[7, 8]']);
    assert.deepEqual(
      [matrix.seeds, matrix.arms.map(({ config }) => config.iterations)],
      [
        [7, 8],
        [2, 2, 2, 2],
      ],
    );
    for (const override of ['judge.samples=3', 'judge={}', 'evaluate.vote.samples=2'])
      assert.match(await problemOf(AXES, [override]), /settings that the matrix does not vary/, override);
    assert.match(await problemOf(`  seeds: [1, 2]\n${AXES}`, ['seed=4']), /the matrix varies seed/);
  });

  it('can be taken away, so that the plain experiment with its own identity is left', () =>
    inTemporaryFolder(async (folder) => {
      const configPath = join(folder, 'x.yaml');
      await writeFile(configPath, BASE + AXES);
      assert.equal(await loadMatrix({ configPath }, ['matrix=']), null);
      const plain = await loadExperimentConfig(configPath, ['matrix=', 'judge.samples=5']);
      const { arms } = await matrixArms({ configPath });
      assert.deepEqual(plain, arms[2]!.config);
      await assert.rejects(loadExperimentConfig(configPath), /expected one experiment here/);
      await assert.rejects(matrixArms({ configPath }, ['matrix=']), /expected an experiment with a matrix/);
    }));

  it('is told all problems of all arms at once, each once and with its line', async () => {
    const message = await problemOf(`  axes:
    N: { path: judge.sample, values: [1, 5] }
    orders:
      one: { judge.orders: neither }
      both: {}
  arms:
    far: { filter.perPair: 0 }
    deep: { model.size: 3 }
`);
    assert.match(
      message,
      /line 10, matrix\.axes\.N\.values\.0: judge: unknown key "sample"; did you mean "samples"\?/,
    );
    assert.match(
      message,
      /line 12, matrix\.axes\.orders\.one\.judge\.orders: judge\.orders: expected one of both, balanced, winner-first; received "neither"/,
    );
    assert.match(message, /line 15, matrix\.arms\.far\.filter\.perPair: filter\.perPair: Too small/);
    assert.match(message, /line 16, matrix\.arms\.deep\.model\.size: model\.size: model holds no keys/);
    assert.equal(
      message.match(/judge\.orders: expected one of both, balanced, winner-first; received "neither"/g)
        ?.length,
      1,
    );
    assert.match(message, /5 problems/);
  });

  const cases: [string, string, RegExp][] = [
    ['nothing that varies', '  seeds: [1]\n', /expected at least one arm/],
    [
      'an axis without values',
      '  axes: { N: { path: judge.samples, values: [] } }\n',
      /matrix\.axes\.N\.values: Too small/,
    ],
    ['an axis that is none', '  axes: { N: 5 }\n', /matrix\.axes\.N: expected values of the setting/],
    ['an unknown key', '  axis: {}\n', /unknown key "axis"; did you mean "axes"\? \(known here: seeds, axes/],
    [
      'a misspelt setting as an axis',
      '  axes: { judge.smaples: [1, 2] }\n',
      /line 9, .*judge: unknown key "smaples"; did you mean "samples"\?/,
    ],
    [
      'a misspelt label to leave out',
      `${AXES}  exclude: [{ how: plian }]\n`,
      /expected one of plain, hot; received plian; did you mean "plain"\?/,
    ],
    ['a value that comes twice', '  axes: { judge.samples: [1, 1] }\n', /line 9, .*1 comes twice/],
    [
      'seeds that come twice',
      '  seeds: [1, 1]\n  axes: { judge.samples: [1, 2] }\n',
      /expected every seed once/,
    ],
    ['the seed as an axis', '  axes: { seed: [1, 2] }\n', /seed cannot be varied: .*matrix\.seeds/],
    ['the name as a setting', '  arms: { other: { name: other } }\n', /name cannot be varied/],
    [
      'two axes of one setting',
      '  axes: { judge.samples: [1, 2], b: { x: { judge: {} } } }\n',
      /sets judge, which the axis judge\.samples sets, too/,
    ],
    [
      'two arms that are the same',
      '  arms: { a: { judge.samples: 15 }, b: {}, c: { endpoint.workers: 1 } }\n',
      /the arms a and b have the same settings: take one out[^]*the arms a and c are one .* \(judge\.samples, endpoint\.workers\) is no part\. Take one out/,
    ],
    [
      'two arms that differ in a later benchmark alone',
      `  arms:
    one: { evaluate: { benchmarks: [${embedded(1)}] } }
    two: { evaluate: { benchmarks: [${embedded(1)}, ${embedded(2)}] } }
`,
      /the arms one and two are one and the same run, .* \(evaluate\) is no part\. Let one arm list all benchmarks/,
    ],
    [
      'an unknown axis to leave out',
      `${AXES}  exclude: [{ N: 1 }]\n`,
      /expected an axis: judge\.samples, how/,
    ],
    [
      'an unknown label to leave out',
      `${AXES}  exclude: [{ how: cold }]\n`,
      /expected one of plain, hot; received cold/,
    ],
    [
      'all left out',
      '  axes: { judge.samples: [1] }\n  exclude: [{ judge.samples: 1 }]\n',
      /at least one arm/,
    ],
    [
      'an unknown baseline',
      `${AXES}  baseline: { how: hot }\n`,
      /expected one of the arms: .*; received how=hot/,
    ],
    ['a label that breaks others', '  arms: { "a=b": {} }\n', /expected a label of words/],
    [
      'too many arms',
      `  axes: { judge.samples: [${Array.from({ length: 501 }, (_, i) => i).join()}] }\n`,
      /at most 500/,
    ],
  ];
  for (const [what, matrix, expected] of cases) {
    it(`refuses ${what}`, async () => assert.match(await problemOf(matrix), expected));
  }
});

describe('the order of arms', () => {
  it('begins with the baseline and keeps arms together that share most stages', async () => {
    const { arms, baseline } = await load(`  axes:
    evaluate.benchmark.pairs: [5, 6]
    judge.samples: [1, 2]
  baseline: { evaluate.benchmark.pairs: 6, judge.samples: 2 }
`);
    assert.deepEqual(
      orderArms(arms, baseline).map(({ config }) => [config.judge.samples, config.evaluate.benchmark]),
      [
        [2, 6],
        [2, 5],
        [1, 5],
        [1, 6],
      ].map(([samples, pairs]) => [samples, { source: 'embedded', split: 'test', pairs, seed: 1 }]),
    );
  });
});
