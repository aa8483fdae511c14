import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256 } from '../../lib/src/core/hash.js';
import { experimentConfigSchema } from '../../lib/src/experiment/index.js';
import { readExport } from '../../lib/src/exports/index.js';
import type { PreferenceExample, TrainingExample } from '../../lib/src/schema/index.js';
import { runCommandLine, type CommandOutcome } from '../fixtures/command-line.js';
import { collect } from '../fixtures/scripted-endpoint.js';
import { embeddedIn } from '../fixtures/small-experiment.js';
import { inTemporaryFolder } from '../fixtures/temporary-folder.js';

const exportSet = (...args: string[]): Promise<CommandOutcome> => runCommandLine('export', ...args);

const supervised = (i: number): TrainingExample => ({
  pairId: `pair-${i}`,
  instructionId: `instruction-${i % 10}`,
  prompt: [{ role: 'user', content: `which of ${i}?` }],
  completion: `the first [[A]] ${i}`,
  verdict: i % 4 === 0 ? 'B' : 'A',
});

const preference = (i: number): PreferenceExample => {
  const { completion: chosen, ...rest } = supervised(i);
  return { ...rest, chosen, rejected: `the second [[B]] ${i}` };
};

async function writeSet(path: string, examples: readonly unknown[]): Promise<string> {
  await writeFile(path, examples.map((example) => `${JSON.stringify(example)}\n`).join(''));
  return path;
}

const twenty = <Example>(make: (i: number) => Example): Example[] =>
  Array.from({ length: 20 }, (_, i) => make(i));

describe('autodidact export', () => {
  it('writes a format with a validation share, and prints files, sums, labels and tokens', () =>
    inTemporaryFolder(async (folder) => {
      const file = await writeSet(join(folder, 'examples.jsonl'), twenty(supervised));
      const out = join(folder, 'my-set');
      const args = ['--in', file, '--format', 'trl', '--out', out];
      const outcome = await exportSet(...args, '--kind', 'sft', '--validation-share', '0.2');
      assert.equal(outcome.code, 0, outcome.err);
      assert.match(outcome.out, /^sft examples for trl in /);
      // Two of ten instructions, each with two examples.
      assert.match(outcome.out, /^train +16 +16 +8 +\d+ +\d+ +\d+ /m);
      assert.match(outcome.out, /^validation +4 +4 +2 /m);
      assert.match(outcome.out, /^tokens: characters \/ \d+, about$/m);
      const train = await readFile(join(out, 'train.jsonl'));
      assert.match(outcome.out, new RegExp(`^train\\.jsonl +16 +\\S+ \\S+ +${sha256(train)}$`, 'm'));
      const card = await readFile(join(out, 'README.md'), 'utf8');
      assert.match(card, /^pretty_name: my-set$/m);
      assert.match(card, new RegExp(sha256(await readFile(file))));
      assert.doesNotMatch(card, /without any human label|judgments of each pair/);
      const of = { format: 'trl', kind: 'sft' } as const;
      const read = [
        ...(await collect(readExport(join(out, 'train.jsonl'), of))),
        ...(await collect(readExport(join(out, 'validation.jsonl'), of))),
      ];
      assert.deepEqual(
        new Set(read.map(({ completion }) => completion)),
        new Set(twenty(supervised).map(({ completion }) => completion)),
      );
    }));

  it('tells preference examples by themselves, and takes a validation set from a file', () =>
    inTemporaryFolder(async (folder) => {
      const all = twenty(preference);
      const isHeld = ({ instructionId }: PreferenceExample): boolean => instructionId === 'instruction-3';
      const train = await writeSet(
        join(folder, 'train.jsonl'),
        all.filter((example) => !isHeld(example)),
      );
      const validation = await writeSet(join(folder, 'validation.jsonl'), all.filter(isHeld));
      const files = ['--in', train, '--validation', validation, '--out', join(folder, 'out')];
      const { code, out, err } = await exportSet(...files, '--format', 'openai', '--json');
      assert.equal(code, 0, err);
      const result = JSON.parse(out) as { kind: string; nTrain: number; nValidation: number };
      assert.deepEqual([result.kind, result.nTrain, result.nValidation], ['preference', 18, 2]);
    }));

  it('tells in the card how a run made the set, and refuses a set that the run did not make', () =>
    inTemporaryFolder(async (folder) => {
      const run = join(folder, 'run');
      const iteration = join(run, 'iteration-1');
      await mkdir(iteration, { recursive: true });
      const config = experimentConfigSchema.parse({ ...embeddedIn(folder), description: 'A small one.' });
      await writeFile(join(run, 'config.json'), JSON.stringify(config));
      const made = await writeSet(join(iteration, 'training-examples.jsonl'), twenty(supervised));
      const judgments = ['A', 'B', 'unparsed'].map((kind, sampleIndex) => ({
        pairId: 'pair-1',
        order: 'winner-first',
        sampleIndex,
        text: 'so',
        verdict: kind === 'unparsed' ? { kind, reason: 'no-marker' } : { kind },
      }));
      await writeSet(join(iteration, 'judgments.jsonl'), [{ pairId: 'pair-1', judgments }]);
      const base = ['--format', 'openai', '--run', run, '--license', 'mit'];
      const outcome = await exportSet('--in', made, '--out', join(folder, 'a'), ...base);
      assert.equal(outcome.code, 0, outcome.err);
      const card = await readFile(join(folder, 'a', 'README.md'), 'utf8');
      assert.match(card, /^license: mit$/m);
      assert.match(card, /^A small one\.$/m);
      assert.match(card, /^5 judgments of each pair in one order, each order equally often; seed 3\.$/m);
      assert.match(card, /^\| 1 \| 3 \| 1 \| 20 \|$/m);
      assert.match(card, /^\| balanceLabels \| true \|$/m);
      assert.match(card, /without any human label/);
      const other = await writeSet(join(folder, 'other.jsonl'), twenty(supervised).slice(1));
      const refused = await exportSet('--in', other, '--out', join(folder, 'b'), ...base);
      assert.equal(refused.code, 1);
      assert.match(refused.err, /other\.jsonl: expected a training set that an iteration of .*run made/);
    }));

  it('answers wrong input with one message and a code that is not 0', () =>
    inTemporaryFolder(async (folder) => {
      const file = await writeSet(join(folder, 'examples.jsonl'), twenty(supervised));
      const mixed = await writeSet(join(folder, 'mixed.jsonl'), [supervised(1), preference(2)]);
      const to = ['--out', join(folder, 'out'), '--format', 'openai'];
      for (const [args, expectedCode, expected] of [
        [
          ['--in', file, ...to, '--kind', 'preference'],
          2,
          /expected preference examples, received supervised/,
        ],
        [['--in', mixed, ...to], 1, /mixed\.jsonl:2: expected a record/],
        [['--in', file, ...to, '--validation', file], 1, /instruction/],
        [['--in', file, ...to, '--validation-share', '1'], 2, /above 0 and below 1/],
        [['--in', file, ...to, '--validation-share', '0.1', '--validation', file], 2, /cannot be used with/],
        [['--in', file, '--out', join(folder, 'out'), '--format', 'word'], 2, /Allowed choices are openai/],
        [['--in', file, ...to, '--run', folder], 1, /expected the folder of a run/],
        [['--in', file, ...to, '--name', 'a b'], 2, /the name of the data set/],
      ] as [string[], number, RegExp][]) {
        const { code, out, err } = await exportSet(...args);
        assert.deepEqual([code, out], [expectedCode, ''], `${args.join(' ')}: ${err}`);
        assert.match(err, expected);
        assert.doesNotMatch(err, /\n\s+at /);
      }
    }));
});
