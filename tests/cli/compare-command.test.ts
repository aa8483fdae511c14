import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EXIT_CODES } from '../../lib/src/cli/exit-codes.js';
import { comparisonReportSchema, type ScoredItem } from '../../lib/src/schema/index.js';
import { unwrapped, runCommandLine, type CommandOutcome } from '../fixtures/command-line.js';
import { inTemporaryFolder } from '../fixtures/temporary-folder.js';

const compare = (...args: string[]): Promise<CommandOutcome> => runCommandLine('compare', ...args);

/** `1` right, `0` wrong: one verdict for each item, half of the items in each of two subsets. */
async function writeScored(
  folder: string,
  verdictsByJudge: Record<string, string>,
  name = 'scored.jsonl',
): Promise<string> {
  const none = { A: 0, B: 0, tie: 0, unparsed: 0 };
  const items = Object.entries(verdictsByJudge).flatMap(([judge, verdicts]) =>
    [...verdicts].map((verdict, i): ScoredItem => ({
      judge,
      subset: i < verdicts.length / 2 ? 'code' : 'math',
      itemId: `i${i}`,
      gold: 'first',
      given: { ...none, [verdict === '1' ? 'A' : 'B']: 1 },
      swapped: none,
    })),
  );
  const file = join(folder, name);
  await writeFile(file, items.map((item) => `${JSON.stringify(item)}\n`).join(''));
  return file;
}

describe('autodidact compare', () => {
  it('prints a table and a sentence for each judge', () =>
    inTemporaryFolder(async (folder) => {
      const file = await writeScored(folder, { a: '000000000000', b: '111111111111', c: '000000000001' });
      const { code, out } = await compare(file, '--resamples', '200');
      assert.equal(code, 0);
      assert.match(out, /^judge +difference \[95%\] +p +p +McNemar +detectable/);
      // All differences are alike, so that there is no interval.
      assert.match(out, /^b against a +\+100\.0 +< 0\.001/m);
      // 2 / 2^12 = 0.0005, twice that by Holm.
      assert.match(out, /^b is better than a: \+100\.0 points, p < 0\.001 \(Holm over 2\)$/m);
      const [, notes = ''] = out.split('\n\n');
      // A table may be wider.
      assert.deepEqual(
        notes.split('\n').filter((line) => line.length > 100),
        [],
      );
      assert.match(
        unwrapped(notes),
        /^c against a is within noise: \+8\.3 points .*p = 1\.000 \(Holm over 2\); with these 12 items/m,
      );
      assert.match(
        unwrapped(notes),
        /baseline: no interval: 12 clusters, all alike; .*, or paired bootstrap 95%, 12 clusters, t adjustment; /,
      );
    }));

  it('fails where a judge is shown to be worse, or not shown to be better, as asked', () =>
    inTemporaryFolder(async (folder) => {
      const file = await writeScored(folder, { a: '000000000000', b: '111111111111', c: '100000000000' });
      const codeOf = async (...args: string[]): Promise<number> =>
        (await compare(file, '--resamples', '200', ...args)).code;
      assert.equal(await codeOf(), EXIT_CODES.done);
      assert.equal(await codeOf('--fail-if', 'worse'), EXIT_CODES.done);
      assert.equal(await codeOf('--fail-if', 'not-better'), EXIT_CODES.gateClosed);
      assert.equal(await codeOf('--baseline', 'b', '--fail-if', 'worse', '--json'), EXIT_CODES.gateClosed);
      assert.equal(await codeOf('--fail-if', 'ugly'), EXIT_CODES.wrongInput);
    }));

  it('prints every figure as JSON, of all pairs and with another baseline', () =>
    inTemporaryFolder(async (folder) => {
      const file = await writeScored(folder, { a: '0011', b: '0111' });
      const other = await writeScored(folder, { c: '1111' }, 'other.jsonl');
      const options = ['--json', '--all-pairs', '--baseline', 'c', '--seed', '7', '--resamples', '300'];
      const { code, out } = await compare(file, other, ...options);
      assert.equal(code, 0);
      const report = comparisonReportSchema.parse(JSON.parse(out));
      assert.deepEqual(
        report.overall.map(({ judge, baseline, difference }) => [judge, baseline, difference]),
        [
          ['a', 'c', -0.5],
          ['b', 'c', -0.25],
          ['b', 'a', 0.25],
        ],
      );
      assert.deepEqual([report.seed, report.nResamples, report.baseline], [7, 300, 'c']);
    }));

  it('answers wrong input with one message and a code that is not 0', () =>
    inTemporaryFolder(async (folder) => {
      const file = await writeScored(folder, { a: '01', b: '11' });
      const alone = await writeScored(folder, { a: '01' }, 'alone.jsonl');
      for (const [args, expectedCode, expected] of [
        [[], 2, /missing required argument 'input'/],
        [[alone], 2, /error: compare: expected at least two judges/],
        [[file, '--baseline', 'z'], 2, /--baseline: expected one of a, b, received z/],
        [[file, '--resamples', '5'], 2, /whole number from 100/],
        [[folder], 1, /expected the folder of a run/],
        [[join(folder, 'nowhere')], 1, /nowhere.*ENOENT/],
      ] as [string[], number, RegExp][]) {
        const { code, out, err } = await compare(...args);
        assert.deepEqual([code, out], [expectedCode, ''], args.join(' '));
        assert.match(err, expected);
        assert.doesNotMatch(err, /\n\s+at /);
      }
    }));
});
