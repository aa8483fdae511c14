import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { scoreSchema } from '../../lib/src/schema/index.js';
import { unwrapped, runCommandLine, type CommandOutcome } from '../fixtures/command-line.js';
import { inTemporaryFolder } from '../fixtures/temporary-folder.js';

const score = (...args: string[]): Promise<CommandOutcome> => runCommandLine('score', ...args);

/** Two items in both orders: one right twice, one unread. */
async function writeJudgments(folder: string): Promise<string> {
  const path = join(folder, 'judgments.jsonl');
  const rows = [
    { itemId: 'a', judge: 'me', subset: 'math', gold: 'first', text: '[[A]]', verdict: 'A' },
    {
      itemId: 'a',
      judge: 'me',
      subset: 'math',
      gold: 'first',
      shown: 'swapped',
      text: '[[B]]',
      verdict: 'A',
    },
    { itemId: 'b', judge: 'me', subset: 'math', gold: 'second', text: 'hm' },
    { itemId: 'b' },
  ];
  await writeFile(path, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  return path;
}

describe('autodidact score', () => {
  it('prints accuracy with interval, n and unscored, what differs and what was dropped', () =>
    inTemporaryFolder(async (folder) => {
      const { code, out } = await score('pairs', '--judgments', await writeJudgments(folder));
      assert.equal(code, 0);
      assert.match(out, /me +math +100\.0 .* 2 +2 +no-marker 1 +strict/);
      assert.match(out, /3 judgments; 2 compared with the verdict recorded beside them, 1 differ/);
      assert.match(out, /judgments\.jsonl:2 me a swapped: recorded A, read B/);
      assert.match(
        out,
        /rows that could not be used: wrong-shape 1\n.*judgments\.jsonl:4 wrong-shape: .*text/,
      );
    }));

  it('shows the items of all subsets together, and which were judged in one order alone', () =>
    inTemporaryFolder(async (folder) => {
      const path = join(folder, 'two.jsonl');
      const row = (subset: string, itemId: string, text: string, shown = 'given'): string =>
        `${JSON.stringify({ itemId, subset, gold: 'first', text, shown })}\n`;
      const math = [row('math', 'a', '[[A]]'), row('math', 'a', '[[B]]', 'swapped')];
      const rows = [...math, row('math', 'b', '[[A]]'), row('code', 'a', '[[B]]')];
      await writeFile(path, rows.join(''));
      const { out } = await score('pairs', '--judgments', path);
      assert.match(out, /\ntwo +all items +75\.0 .* 3 +4 +0 +strict\ntwo +code +0\.0 .*\ntwo +math +100\.0/);
      assert.match(out, /^all items: of all subsets together, in which each item counts alike$/m);
      assert.match(unwrapped(out), /^two: 2 of 3 items judged in one order alone, where a preference/m);
      await writeFile(path, math.join(''));
      assert.doesNotMatch((await score('pairs', '--judgments', path)).out, /all items|one order alone/);
    }));

  it('ends with a code of its own where no text of any judge can be read, and names the rule that reads them', () =>
    inTemporaryFolder(async (folder) => {
      const path = join(folder, 'graded.jsonl');
      const row = { itemId: 'a', gold: 'first', text: 'so [[A>>B]]' };
      await writeFile(path, `${JSON.stringify(row)}\n`);
      const unread = await score('pairs', '--judgments', path);
      assert.equal(unread.code, 3);
      assert.match(
        unwrapped(unread.out),
        /graded: 1 of 1 text hold no verdict by the rule strict; the first ends with "so \[\[A>>B\]\]"; try --rule arena-hard/,
      );
      assert.doesNotMatch(unread.out, / 0\.0/);
      const read = await score('pairs', '--judgments', path, '--rule', 'arena-hard');
      assert.equal(read.code, 0);
      assert.match(read.out, / 100\.0 .* ties and no verdict count wrong/);
    }));

  it('prints every figure as JSON, and saves what compare reads', () =>
    inTemporaryFolder(async (folder) => {
      const saved = join(folder, 'scored.jsonl');
      const args = ['pairs', '--judgments', await writeJudgments(folder), '--save', saved, '--json'];
      const { code, out } = await score(...args);
      assert.equal(code, 0);
      assert.equal(scoreSchema.parse(JSON.parse(out)).nDiffering, 1);
      assert.equal((await readFile(saved, 'utf8')).trim().split('\n').length, 2);
    }));

  it('names foreign ids, repeated items and judgments, and ends with code 2 where no judged id is an item', () =>
    inTemporaryFolder(async (folder) => {
      const [items, judged] = [join(folder, 'items.jsonl'), join(folder, 'j.jsonl')];
      const itemOf = (itemId: string): object => ({
        itemId,
        instruction: itemId,
        winner: 'yes',
        loser: 'no',
      });
      const write = (path: string, rows: readonly object[]): Promise<void> =>
        writeFile(path, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
      await write(items, ['q1', 'q2', 'q3', 'q1'].map(itemOf));
      const say = (itemId: string, text = '[[A]]'): object => ({ itemId, text });
      await write(judged, [say('q1'), say('q1'), say('q2'), say('q3', '<think>'), say('zz')]);
      const { code, out } = await score('pairs', '--judgments', judged, '--items', items);
      assert.equal(code, 0);
      assert.match(out, / 2: (?:unknown-id 1, truncated 1|truncated 1, unknown-id 1) +strict/);
      assert.match(
        out,
        /rows of the benchmark that are not items: repeated-id 1; first: "q1" more than once/,
      );
      assert.match(unwrapped(out), /j, all: 1 item with several verdicts in one order, .*: q1$/m);
      assert.match(unwrapped(out), /1 judged id not among the items: zz \(.*j\.jsonl:5\)$/m);
      assert.doesNotMatch(out, /with no gold label|accuracySwapped/);
      await write(judged, [say('x1'), say('x2')]);
      const foreign = await score('pairs', '--judgments', judged, '--items', items);
      assert.equal(foreign.code, 2);
      assert.match(
        unwrapped(foreign.out),
        /judged 0 of 3 items; .*; compare them with the itemId of the items/,
      );
    }));

  it('says how gold labels are got where there are none', () =>
    inTemporaryFolder(async (folder) => {
      const path = join(folder, 'x.jsonl');
      await writeFile(path, '{"itemId":"a","text":"[[A]]"}\n');
      const cache = ['--cache', join(folder, 'cache')];
      const { out } = await score('pandalm', '--judgments', path, ...cache);
      assert.match(
        unwrapped(out),
        /1 item with no gold label, .*--items, or run: autodidact data pull pandalm/,
      );
      assert.doesNotMatch((await score('pairs', '--judgments', path)).out, /data pull/);
    }));

  it('names the columns of a file that is in none of the formats, and those that it should have', () =>
    inTemporaryFolder(async (folder) => {
      const path = join(folder, 'mine.jsonl');
      await writeFile(path, '{"question_id":"a","output":"[[A]]"}\n');
      const { code, err } = await score('pairs', '--judgments', path);
      assert.equal(code, 1);
      assert.match(err, /mine\.jsonl:1: .* received the columns question_id, output\. Rename .*itemId, text/);
    }));

  it('scores published accuracies of RewardBench', () =>
    inTemporaryFolder(async (folder) => {
      const path = join(folder, 'results.json');
      const chat = [
        'alpacaeval-easy',
        'alpacaeval-length',
        'alpacaeval-hard',
        'mt-bench-easy',
        'mt-bench-med',
      ];
      const subsets = Object.fromEntries(chat.map((subset) => [subset, 0.5]));
      await writeFile(path, JSON.stringify({ model: 'm', subsets }));
      const { code, out } = await score('rewardbench', '--subset-accuracies', path);
      assert.equal(code, 0);
      assert.match(out, /m +Chat +50\.0 \[/);
      assert.match(out, /m +overall +–/);
    }));

  it('ends with code 2 for what does not go together, and one line', () =>
    inTemporaryFolder(async (folder) => {
      const path = await writeJudgments(folder);
      for (const args of [
        ['pairs'],
        ['bench', '--judgments', path],
        ['pairs', '--judgments', path, '--save', path],
        ['pairs', '--judgments', path, '--file-format', 'xml'],
        ['pairs', '--judgments', path, '--columns', 'no'],
        ['rewardbench', '--subset-accuracies', path, '--save', join(folder, 'y')],
        ['rewardbench', '--judgments', path, '--prior-sets', '70'],
      ]) {
        const { code, err } = await score(...args);
        assert.equal(code, 2, args.join(' '));
        assert.doesNotMatch(err, /\n\s+at /);
      }
    }));
});
