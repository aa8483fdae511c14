import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import Ajv from 'ajv';
import { parse } from 'yaml';
import {
  experimentJsonSchema,
  loadExperimentConfig,
  loadMatrix,
  matrixArms,
} from '../../../lib/src/experiment/index.js';
import { settingsPage } from '../../../scripts/settings-page.js';

const SCHEMA_FILE = 'experiments/experiment.schema.json';

/** Experiment files of this repository: those that name the schema or begin with a name. */
async function shippedExperiments(): Promise<string[]> {
  const names = await readdir('experiments', { recursive: true });
  const files: string[] = [];
  for (const name of names.filter((each) => each.endsWith('.yaml'))) {
    const path = join('experiments', name);
    if (/^iterations:/m.test(await readFile(path, 'utf8'))) files.push(path);
  }
  return files.sort();
}

interface Schema extends Record<string, unknown> {
  properties?: Record<string, Schema>;
}

/** Every setting with its path, as `matrix.seeds`, variants and items of lists included. */
function settingsOf(schema: Schema, path = ''): [string, Schema][] {
  const inside = [schema.anyOf, schema.oneOf, schema.items, schema.additionalProperties].flat();
  return [
    ...Object.entries(schema.properties ?? {}).flatMap(([key, inner]): [string, Schema][] => [
      [`${path}${key}`, inner],
      ...settingsOf(inner, `${path}${key}.`),
    ]),
    ...inside.flatMap((each) =>
      typeof each === 'object' && each !== null ? settingsOf(each as Schema, path) : [],
    ),
  ];
}

/** Whether what it holds is described inside it. */
function holdsSettings(schema: Schema): boolean {
  return settingsOf(schema).length > 0;
}

describe('the JSON Schema of experiment files', () => {
  it('describes every setting, and gives an example of every value', () => {
    const settings = settingsOf(experimentJsonSchema());
    assert.ok(settings.length > 300, String(settings.length));
    for (const [path, schema] of settings) {
      assert.match(String(schema.description), /^\S.*\S$/, `${path} has no description`);
      if (!holdsSettings(schema))
        assert.ok(Array.isArray(schema.examples) && schema.examples.length > 0, `${path} has no example`);
    }
  });

  it('gives examples that it takes itself', () => {
    for (const [path, schema] of settingsOf(experimentJsonSchema())) {
      const isValid = new Ajv().compile(schema);
      for (const example of (schema.examples ?? []) as unknown[])
        assert.ok(isValid(example), `${path}: ${JSON.stringify(example)}`);
    }
  });

  it('is what docs/settings.md is written from, with every setting in it: npm run schema', async () => {
    const page = await readFile('docs/settings.md', 'utf8');
    assert.equal(page, settingsPage(experimentJsonSchema()));
    for (const [path] of settingsOf(experimentJsonSchema())) {
      const name = path.split('.').at(-1) ?? '';
      const isShown =
        page.includes(`\n## ${path}\n`) || new RegExp(`\\| \\S*\\s?\\S*\\b${name}\` \\|`).test(page);
      assert.ok(isShown, path);
    }
  });

  it('is the one that the program would write: npm run schema', async () => {
    assert.deepEqual(
      JSON.parse(await readFile(SCHEMA_FILE, 'utf8')),
      JSON.parse(JSON.stringify(experimentJsonSchema())),
    );
  });

  it('takes every experiment of this repository, each of which names it for editors', async () => {
    const isValid = new Ajv({ allErrors: true }).compile(experimentJsonSchema());
    const files = await shippedExperiments();
    assert.ok(
      files.includes('experiments/quickstart.yaml') &&
        files.includes('experiments/questions/judgments-n.yaml'),
    );
    for (const file of files) {
      const text = await readFile(file, 'utf8');
      assert.ok(isValid(parse(text)), `${file}: ${JSON.stringify(isValid.errors)}`);
      const named = /^# yaml-language-server: \$schema=(\S+)\n/.exec(text)?.[1];
      assert.equal(named === undefined ? undefined : join(file, '..', named), SCHEMA_FILE, file);
    }
  });

  it('takes nothing that the program does not take', async () => {
    for (const file of await shippedExperiments()) {
      const matrix = await loadMatrix({ configPath: file });
      if (!matrix) await loadExperimentConfig(file);
    }
    const { arms } = await matrixArms({ configPath: 'experiments/ablations.yaml' });
    const same = await loadExperimentConfig('experiments/quickstart.yaml', ['seed=11']);
    const { description } = same;
    assert.deepEqual(
      { ...arms[0]!.config, description },
      same,
      'the arm that changes nothing is the quickstart',
    );
  });

  it('refuses unknown keys and wrong types, inside a matrix, too', async () => {
    const isValid = new Ajv().compile(experimentJsonSchema());
    const quickstart = parse(await readFile('experiments/quickstart.yaml', 'utf8')) as Record<
      string,
      unknown
    >;
    for (const wrong of [
      { judges: {} },
      { judge: { samples: 'many' } },
      { matrix: { axes: { N: [] } } },
      { matrix: { axes: { N: { path: 'judge.samples' } } } },
      { matrix: { arms: { 'a=b': {} } } },
      { matrix: { seeds: ['one'] } },
    ]) {
      assert.ok(!isValid({ ...quickstart, ...wrong }), JSON.stringify(wrong));
    }
    const matrix = {
      axes: {
        N: { path: 'judge.samples', values: [1] },
        filter: { 'off Cc': { 'filter.correctOnly': false } },
      },
    };
    assert.ok(isValid({ ...quickstart, matrix }), JSON.stringify(isValid.errors));
  });
});
