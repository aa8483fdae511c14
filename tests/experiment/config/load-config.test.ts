import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { ConfigError } from '../../../lib/src/core/errors.js';
import { loadExperimentConfig } from '../../../lib/src/experiment/config/load-config.js';
import { plantedInWords } from '../../../lib/src/experiment/config/planted.js';
import { inTemporaryFolder } from '../../fixtures/temporary-folder.js';

const MINIMAL = `name: small
iterations: 1
endpoint:
  provider: embedded
model: micro-seed
pack: micro
instructions:
  source: embedded
  perIteration: 10
evaluate:
  benchmark:
    source: embedded
    pairs: 5
`;

const load = (text: string, overrides: string[] = []): ReturnType<typeof loadExperimentConfig> =>
  inTemporaryFolder(async (folder) => {
    await writeFile(join(folder, 'x.yaml'), text);
    return loadExperimentConfig(join(folder, 'x.yaml'), overrides);
  });

async function problemOf(text: string, overrides: string[] = []): Promise<string> {
  try {
    await load(text, overrides);
  } catch (thrown) {
    assert.ok(thrown instanceof ConfigError, String(thrown));
    return thrown.message;
  }
  throw new Error('expected a ConfigError');
}

describe('an experiment file', () => {
  it('gets the defaults of the paper where it says nothing', async () => {
    const config = await load(MINIMAL);
    const { samples, orders, temperature, topP, maxTokens } = config.judge;
    assert.deepEqual([samples, orders, temperature, topP, maxTokens], [15, 'both', 0.7, 0.9, 4096]);
    assert.equal(config.finetune.start, 'restart');
    assert.deepEqual(config.instructions?.slices, ['reasoning', 'code', 'math']);
    assert.equal(config.evaluate.vote, undefined);
  });

  it('of this repository is valid', async () => {
    for (const [file, name] of [
      ['quickstart.yaml', 'quickstart'],
      ['paper/rewardbench.yaml', 'paper-rewardbench'],
      ['paper/mt-bench.yaml', 'paper-mt-bench'],
      ['one-gpu/judge.yaml', 'one-gpu'],
    ] as const) {
      const path = join('experiments', file);
      assert.equal((await loadExperimentConfig(path)).name, name);
      assert.ok((await readFile(path, 'utf8')).startsWith('#'), 'it says what it is for');
    }
  });

  it('can be an object at hand, whose problems have no lines', async () => {
    const config = parse(MINIMAL) as Record<string, unknown>;
    assert.deepEqual(await loadExperimentConfig({ config, baseFolder: 'somewhere' }), await load(MINIMAL));
    const overridden = await loadExperimentConfig({ config: { ...config, seed: undefined } }, [
      'judge.samples=3',
    ]);
    assert.deepEqual([overridden.judge.samples, overridden.seed], [3, 1]);
    await assert.rejects(
      loadExperimentConfig({ config: { ...config, iterations: -1 }, baseFolder: 'somewhere' }),
      /somewhere\/\(settings\): .*1 problem:\n {2}iterations: Too small/,
    );
  });

  it('is told all its problems at once, each with line and path', async () => {
    const text = MINIMAL.replace('iterations: 1', 'iterations: many')
      .replace('perIteration: 10', 'perIteration: 0')
      .replace('pairs: 5', 'pears: 5');
    const message = await problemOf(text);
    assert.match(message, /line 2, iterations: .*expected number/);
    assert.match(message, /line 9, instructions\.perIteration: Too small/);
    assert.match(
      message,
      /line 12, evaluate\.benchmark: unknown key "pears"; did you mean "pairs"\? \(known here: source, split, pairs, seed, responses\)/,
    );
    assert.match(message, /evaluate\.benchmark\.pairs: /);
    assert.match(message, /4 problems/);
  });

  const cases: [string, string, RegExp][] = [
    [
      'an unknown key at the top',
      `${MINIMAL}judges: {}\n`,
      /unknown key "judges"; did you mean "judge"\? \(known here: name, .*judge/,
    ],
    [
      'a wrong provider',
      MINIMAL.replace('provider: embedded', 'provider: magic'),
      /endpoint\.provider: expected one of embedded, openai; received "magic" \(openai: every server of the OpenAI API/,
    ],
    [
      'a bad URL',
      MINIMAL.replace('provider: embedded', 'provider: openai\n  baseUrl: nowhere'),
      /endpoint\.baseUrl: expected an address that begins with http:\/\/ or https:\/\//,
    ],
    [
      'a file URL',
      MINIMAL.replace('provider: embedded', 'provider: openai\n  baseUrl: "file:///x"'),
      /endpoint\.baseUrl: expected an address that begins with http:\/\/ or https:\/\//,
    ],
    [
      'a key in place of its name',
      MINIMAL.replace(
        'provider: embedded',
        'provider: openai\n  baseUrl: "http://x/v1"\n  apiKeyEnv: sk-123',
      ),
      /expected the NAME of an environment variable/,
    ],
    [
      'more samples than a request can hold',
      `${MINIMAL}judge: { samples: 1000000 }\n`,
      /judge\.samples: Too big: expected number to be <=128/,
    ],
    [
      'more instructions than is possible',
      MINIMAL.replace('perIteration: 10', 'perIteration: 1e12'),
      /perIteration: Too big/,
    ],
    [
      'half an iteration',
      MINIMAL.replace('iterations: 1', 'iterations: 1.5'),
      /iterations: expected a whole number/,
    ],
    ['a negative temperature', `${MINIMAL}judge: { temperature: -1 }\n`, /judge\.temperature: Too small/],
    [
      'a slice that is not there',
      MINIMAL.replace('source: embedded\n  per', 'source: embedded\n  slices: [poetry]\n  per'),
      /instructions\.slices\.0: expected one of reasoning, code, math; received "poetry"/,
    ],
    [
      'a slice named twice',
      MINIMAL.replace('source: embedded\n  per', 'source: embedded\n  slices: [math, math]\n  per'),
      /expected every name once/,
    ],
    ['a missing name', MINIMAL.replace('name: small\n', ''), /name: missing; expected string/],
    [
      'a name that cannot be a folder',
      MINIMAL.replace('small', '../../etc'),
      /name: expected lower-case letters/,
    ],
    [
      'a list in place of a section',
      MINIMAL.replace('endpoint:\n  provider: embedded', 'endpoint: [1]'),
      /endpoint: expected/,
    ],
    ['nothing in it', '', /the whole file: expected/],
    ['text in place of YAML', 'name: [unclosed', /expected YAML/],
    ['the same key twice', `${MINIMAL}name: other\n`, /unique/],
  ];
  for (const [what, text, expected] of cases) {
    it(`is refused with ${what}`, async () => {
      assert.match(await problemOf(text), expected);
    });
  }

  it('that is missing, or is a folder, is named with what to do', () =>
    inTemporaryFolder(async (folder) => {
      await assert.rejects(loadExperimentConfig(join(folder, 'none.yaml')), /no file at .*none\.yaml/);
      await mkdir(join(folder, 'dir.yaml'));
      await assert.rejects(loadExperimentConfig(join(folder, 'dir.yaml')), ConfigError);
    }));
});

describe('a misspelt setting', () => {
  const cases: [string, string, RegExp][] = [
    ['a key', 'perIteraton: 10', /instructions: unknown key "perIteraton"; did you mean "perIteration"\?/],
    ['a key in another style', 'per_iteration: 10', /"per_iteration"; did you mean "perIteration"\?/],
    [
      'a kind of section',
      'source: embeded',
      /instructions\.source: .*received "embeded"; did you mean "embedded"\?/,
    ],
    ['a name in a list', 'slices: [maths]', /slices\.0: .*received "maths"; did you mean "math"\?/],
  ];
  for (const [what, line, expected] of cases) {
    it(`is answered with the nearest one: ${what}`, async () => {
      const text = MINIMAL.replace('  source: embedded\n  perIteration: 10', (found) => {
        const key = line.split(':')[0];
        return [...found.split('\n').filter((each) => !each.startsWith(`  ${key}:`)), `  ${line}`].join('\n');
      });
      assert.match(await problemOf(text), expected);
    });
  }

  it('is answered with the nearest one in a value of a switch and in --set', async () => {
    assert.match(
      await problemOf(`${MINIMAL}judge: { orders: balance }\n`),
      /judge\.orders: expected one of both, balanced, winner-first; received "balance"; did you mean "balanced"\?/,
    );
    assert.match(await problemOf(MINIMAL, ['jugde.samples=3']), /"jugde"; did you mean "judge"\?/);
    assert.match(
      await problemOf(MINIMAL, ['evalute.benchmark=']),
      /does not have; did you mean "evaluate"\?/,
    );
    assert.match(await problemOf(MINIMAL, ['evaluate.bench=']), /does not have\. /);
  });
});

describe('a planted position shortcut', () => {
  it('needs labels as they come, since every right judgment says A', async () => {
    assert.match(
      await problemOf(MINIMAL, ['judge.orders=winner-first']),
      /filter\.balanceLabels: expected false/,
    );
    const config = await load(MINIMAL, ['judge.orders=winner-first', 'filter.balanceLabels=false']);
    assert.equal(plantedInWords(config), 'the winner shown first in every pair');
  });

  it('and planted features are told in words; without any there is nothing to tell', async () => {
    const plant =
      '[{feature: length, texts: [x], winners: 0.905, slices: [math]}, {feature: list, texts: [y], losers: 1}]';
    assert.equal(
      plantedInWords(await load(MINIMAL, [`generate.plant=${plant}`])),
      'length on 90.5% of the winners and 0% of the losers of math; list on 100% of the winners and 100% of the losers',
    );
    assert.equal(plantedInWords(await load(MINIMAL)), null);
  });
});

describe('settings on the command line', () => {
  it('replace values of the file, and are checked like them', async () => {
    const config = await load(MINIMAL, [
      'judge.samples=3',
      'instructions.slices=[math]',
      'finetune.start=continue',
    ]);
    assert.equal(config.judge.samples, 3);
    assert.deepEqual(config.instructions?.slices, ['math']);
    assert.equal(config.finetune.start, 'continue');
    const withVote = `${MINIMAL}  vote: { samples: 3 }\n`;
    assert.equal((await load(withVote)).evaluate.vote?.samples, 3);
    assert.equal((await load(withVote, ['evaluate.vote='])).evaluate.vote, undefined);
    assert.match(
      await problemOf(MINIMAL, ['judge.sample=3']),
      /judge: unknown key "sample"; did you mean "samples"\?/,
    );
    assert.match(await problemOf(MINIMAL, ['judge.samples']), /expected key\.path=value/);
    assert.match(await problemOf(MINIMAL, ['judge.samples=[']), /--set judge\.samples=\[/);
    assert.match(await problemOf(MINIMAL, ['name.x=1']), /--set name\.x=1: expected key\.path=value/);
    assert.match(
      await problemOf(MINIMAL, ['evaluate.votes=']),
      /--set evaluate\.votes=.*a key that the file does not have/,
    );
  });
});
