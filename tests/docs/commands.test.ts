import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { datasetNamed } from '../../lib/src/datasets/index.js';
import { startEmbeddedServer } from '../../lib/src/experiment/index.js';
import { runCommandLine } from '../fixtures/command-line.js';
import { SMALL_EXPERIMENT, writeExperiment } from '../fixtures/small-experiment.js';
import { blocksOf, commandsOf, documentPaths, ROOT, wordsOf } from './documents.js';
import { parseCommandLine } from './parsed-command.js';

const execute = promisify(execFile);

/**
 * How a command is tested.
 * - `run`: it runs as it stands, in a folder with small experiments on the embedded model, and must succeed.
 * - `parse`: the command line reads it up to its action; files that it reads must be there, data sets must be known.
 * - `curl`: it runs against an embedded server on a port of its own, and must give a completion.
 * - `ci`: a script in `.ci` runs it.
 * - `script`: `package.json` has that script, and its file is there. What it opens (Jupyter, Chromium) is not on every machine.
 */
type How = 'run' | 'parse' | 'curl' | 'ci' | 'script';

/** The first that fits a command decides; a command that none fits fails. */
const HOW: readonly [RegExp, How][] = [
  [/^npm (ci|start|test)$/, 'ci'],
  [/^npm install autodidact$/, 'ci'],
  [/^npm run (notebooks|picture)\b/, 'script'],
  [/^curl /, 'curl'],
  // These download, serve until they are stopped, start a kernel, or need the recordings that `data pull` gets.
  [/^npx autodidact data (pull|verify)\b/, 'parse'],
  [/^npx autodidact (serve|view)\b/, 'parse'],
  [/^npx autodidact notebook\b/, 'parse'],
  [/^npx autodidact score pandalm\b/, 'parse'],
  // These end with a code of their own where nothing is accepted yet, or something is red; tests/experiment/run/gate.test.ts has both.
  [/^npx autodidact run \S+ --accept\b/, 'parse'],
  [/^npx autodidact (audit|compare) .*--fail-if\b/, 'parse'],
  // A file of the reader's; tests/audit/audit-pairs.test.ts has one.
  [/^npx autodidact audit \S+ --columns\b/, 'parse'],
  // These wait for a person, or for a sheet that one has filled in; tests/cli/review-command.test.ts does both.
  [/^npx autodidact review \S+ --(stage generate|import)\b/, 'parse'],
  // It plans every experiment behind the paper's tables; tests/experiment/plan/paper-plan.test.ts does so with small ones.
  [/^npx autodidact paper$/, 'parse'],
  // There are no answers to import before a cluster has given some; tests/experiment/batch-import.test.ts has both commands.
  [/^npx autodidact batch import\b/, 'parse'],
  [/^npx autodidact\b/, 'run'],
];

/** Makes the experiments of the workspace small. Nothing else of a command is changed. */
const SHORTENED = [
  'iterations=1',
  'instructions.perIteration=18',
  'evaluate.benchmark.pairs=6',
  'finetune.epochs=1',
];
const SHORTENED_MATRIX = [
  ...SHORTENED,
  'matrix.seeds=[11]',
  'matrix.axes={judge.samples: [1, 2]}',
  'matrix.baseline=',
];
const shortened = (words: readonly string[]): string[] => {
  const isMatrix = words.some((word) => word.endsWith('judgments-n.yaml'));
  const sets = isMatrix ? SHORTENED_MATRIX : [...SHORTENED, 'judge.samples=2', 'evaluate.vote='];
  if (!words.some((word) => word.startsWith('experiments/'))) return [...words];
  return [...words, ...sets.filter((set) => !words.includes(set)).flatMap((set) => ['--set', set])];
};

/** What commands read, by the name of their argument or option. */
const READ = [
  'config',
  'file',
  'folder',
  'run',
  'in',
  'pairs',
  'judgments',
  'items',
  'validation',
  'outputs',
];

describe('the commands of README and manual', function () {
  this.timeout(180_000);

  const workingFolder = process.cwd();
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'autodidact-docs-'));
    await symlink(join(ROOT, 'experiments'), join(folder, 'experiments'));
    await symlink(join(ROOT, 'notebooks'), join(folder, 'notebooks'));
    const instructions = { ...SMALL_EXPERIMENT.instructions, perIteration: 18 };
    const judge = { ...SMALL_EXPERIMENT.judge, samples: 2 };
    const evaluate = { ...SMALL_EXPERIMENT.evaluate, vote: { samples: 1 } };
    await writeExperiment(folder, { ...SMALL_EXPERIMENT, iterations: 1, instructions, judge, evaluate });
    await writeItems(folder);
    process.chdir(folder);
    for (const file of ['experiments/quickstart.yaml', 'experiments/questions/judgments-n.yaml'])
      await succeed('run', ...shortened([file]));
  });
  after(async () => {
    process.chdir(workingFolder);
    await rm(folder, { recursive: true, force: true });
  });

  /** The first name of that form in a folder of results. */
  async function firstOf(experiment: string, pattern: RegExp): Promise<string> {
    const names = await readdir(join(folder, 'results', experiment));
    return names.find((name) => pattern.test(name)) ?? '';
  }

  /** `<run>` and `<hash>` as the folder of runs has them. */
  async function filledIn(command: string): Promise<string> {
    return command
      .replaceAll('<run>', await firstOf('quickstart', /^seed-/))
      .replaceAll('matrix-<hash>', await firstOf('judgments-n', /^matrix-/));
  }

  const tests: Record<How, (command: string) => Promise<void>> = {
    run: async (command) =>
      succeed(...shortened(await wordsOf(command.replace(/^npx autodidact /, ''), folder))),
    parse: async (command) => {
      const words = await wordsOf(command.replace(/^npx autodidact /, ''), folder);
      const { name, values, err } = await parseCommandLine(...words);
      assert.ok(name, err);
      if (name.startsWith('data '))
        for (const dataset of (values.name ?? []) as string[]) datasetNamed(dataset);
      else await assertFilesExist(values);
    },
    curl: async (command) => {
      const server = await startEmbeddedServer({ stateFolder: join(folder, 'served') });
      try {
        const here = command.replace('http://127.0.0.1:8377/v1', server.baseUrl);
        assert.notEqual(here, command);
        const { stdout } = await execute('bash', ['-c', here]);
        const { choices } = JSON.parse(stdout) as { choices: { message: { content: string } }[] };
        assert.match(choices[0]!.message.content, /\[\[[AB]\]\]/);
      } finally {
        await server.close();
      }
    },
    ci: async (command) => {
      const scripts = (await readdir(join(ROOT, '.ci'))).map((name) =>
        readFile(join(ROOT, '.ci', name), 'utf8'),
      );
      const lines = (await Promise.all(scripts)).flatMap((text) => text.split('\n'));
      const isRun = lines.some(
        (line) => !line.startsWith('#') && line.includes(command.replace(/ autodidact$/, '')),
      );
      assert.ok(isRun, `.ci lacks ${command}`);
    },
    script: async (command) => {
      const { scripts } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as {
        scripts: Record<string, string>;
      };
      const script = scripts[command.split(' ')[2] ?? ''];
      assert.ok(script, `package.json lacks the script of ${command}`);
      await stat(join(ROOT, script.split(' ')[1] ?? ''));
    },
  };

  async function assertFilesExist(values: Record<string, unknown>): Promise<void> {
    const downloaded = datasetNamed('pandalm').source.files.map((file) =>
      join('.autodidact/datasets/pandalm', file.path),
    );
    for (const key of READ) {
      for (const path of [values[key] ?? []].flat().map(String)) {
        if (!downloaded.includes(path)) await stat(join(folder, path));
      }
    }
  }

  it('are found in README.md and docs/, each with a way in which it is tested', async () => {
    const found = await commandsOfAll();
    assert.ok(found.length > 30, `${found.length} commands`);
    const untested = found.filter(({ how }) => how === undefined).map(({ command }) => command);
    assert.deepEqual(untested, []);
  });

  it('work, each in the way that the list at the top of this test says', async () => {
    const failures: string[] = [];
    for (const { path, command, how } of await commandsOfAll()) {
      await tests[how!](await filledIn(command)).catch((error: unknown) => {
        failures.push(`${path}: ${command}\n${String(error)}`);
      });
    }
    assert.deepEqual(failures, []);
  });

  it('would not pass with an unknown option, a missing argument, a wrong value or a missing file', async () => {
    await assert.rejects(
      tests.parse('npx autodidact notebook html --sideways notebooks/01-the-method.ipynb'),
    );
    await assert.rejects(tests.parse('npx autodidact score'));
    await assert.rejects(tests.parse('npx autodidact serve --port many'));
    await assert.rejects(tests.parse('npx autodidact notebook run notebooks/none.ipynb'));
    await assert.rejects(tests.parse('npx autodidact data pull nothing-of-this-name'));
    await assert.rejects(tests.run('npx autodidact plan no-such.yaml'));
  });

  it('are all in the table of docs/commands.md', async () => {
    const { out } = await runCommandLine('--help');
    const known = [...out.matchAll(/^ {2}([a-z]+) /gm)]
      .map(([, name]) => name!)
      .filter((name) => name !== 'help');
    const table = await readFile(join(ROOT, 'docs/commands.md'), 'utf8');
    const rows = table.split('\n').filter((line) => line.startsWith('| `npx'));
    const named = rows.flatMap((row) =>
      [...row.split('|')[1]!.matchAll(/`(?:npx autodidact )?([a-z]+)[^`]*`/g)].map(([, name]) => name!),
    );
    assert.deepEqual(named.sort(), known.sort());
  });
});

/** Runs a command of the workspace's own, which must succeed. */
async function succeed(...args: string[]): Promise<void> {
  const { code, err, out } = await runCommandLine(...args);
  assert.equal(code, 0, `autodidact ${args.join(' ')}\n${err}${out}`);
}

async function commandsOfAll(): Promise<{ path: string; command: string; how: How | undefined }[]> {
  const found = [];
  for (const path of await documentPaths()) {
    for (const block of await blocksOf(path, 'sh')) {
      for (const command of commandsOf(block)) {
        found.push({ path, command, how: HOW.find(([pattern]) => pattern.test(command))?.[1] });
      }
    }
  }
  return found;
}

/** Pairs of one's own and recorded judgments of them. */
async function writeItems(folder: string): Promise<void> {
  const items = Array.from({ length: 6 }, (_, i) => ({
    itemId: `q${i}`,
    instruction: `Add ${i} and 2.`,
    winner: `${i + 2}`,
    loser: `${i + 3}`,
  }));
  const judgments = items.flatMap(({ itemId }, i) => [
    { itemId, shown: 'given', text: i < 4 ? 'So: [[A]]' : 'So: [[B]]', judge: 'my-judge', gold: 'first' },
    { itemId, shown: 'swapped', text: 'So: [[B]]', judge: 'my-judge', gold: 'first' },
  ]);
  const lines = (rows: object[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('');
  await writeFile(join(folder, 'my-pairs.jsonl'), lines(items));
  await writeFile(join(folder, 'my-judgments.jsonl'), lines(judgments));
  // As many that one of them has a verdict of the small judge; with none the command ends with a code of its own.
  const ranked = ['ann', 'bob', 'cal', 'dee'].map(
    (name) => `rank ${name} > eve eve > gus first highest,${name},gus\n`,
  );
  await writeFile(join(folder, 'mine.csv'), ['instruction,a,b\n', ...ranked].join(''));
  const ofOther = judgments.map((row) => ({ ...row, text: 'So: [[A]]', judge: 'other-judge' }));
  await writeFile(join(folder, 'other-judgments.jsonl'), lines(ofOther));
  const vote = { item: 'q1', first: 'model-a', second: 'model-b', winner: 'second' };
  await writeFile(join(folder, 'human-votes.jsonl'), lines([vote, { ...vote, rater: 'person_2' }]));
  await writeFile(join(folder, 'judge-votes.jsonl'), lines([vote]));
  const other = { question: { id: 1 }, models: ['m', 'n'], vote: 'model_a' };
  await writeFile(join(folder, 'arena.jsonl'), lines([other]));
  const scores = { model: 'rm', id: ['1'], subset: ['Math'], num_correct: [1], scores: [[3, 2, 1, 0]] };
  await writeFile(join(folder, 'my-reward-model.json'), JSON.stringify(scores, null, 4));
  const context = [{ role: 'user', content: 'q' }];
  const preference = { domain: 'code', context, response1: 'a', response2: 'b', overall_preference: -1 };
  await writeFile(join(folder, 'validation.jsonl'), lines([preference]));
  await writeFile(join(folder, 'my-preferences.jsonl'), lines([preference]));
}
