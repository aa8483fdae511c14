import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readRows } from '../../lib/src/datasets/index.js';
import { answersOfRow, reviewResult, toCsv } from '../../lib/src/review/index.js';
import type { ReviewAnswer, ReviewItem } from '../../lib/src/schema/review.js';
import { inTemporaryFolder } from '../fixtures/temporary-folder.js';

const KNOWN = 'AAAAABBBBB';
const JUDGE = 'AAAABBBBBB';
const ANN = 'AAAAABBBBA';
const BOB = 'AAABABBBBB';
/** A text that a sheet has to quote, and that a spreadsheet would run. */
const AWKWARD = '=1+1, "quoted"\r\nsecond line; ünï';

const label = (said: string, i: number): 'A' | 'B' => (said[i] === 'A' ? 'A' : 'B');

const itemOf = (i: number): ReviewItem => ({
  itemId: `generate-1-${i}`,
  iteration: 1,
  stage: 'generate',
  stratum: 'math',
  instruction: `${AWKWARD} ${i}`,
  responses: ['one', AWKWARD],
  hidden: { better: label(KNOWN, i), judge: label(JUDGE, i) },
});
const ITEMS: [ReviewItem, ...ReviewItem[]] = [
  itemOf(0),
  ...Array.from({ length: 9 }, (_, i) => itemOf(i + 1)),
];

async function rowsOf(file: string): Promise<Record<string, unknown>[]> {
  const rows: Record<string, unknown>[] = [];
  for await (const row of readRows(file)) {
    assert.ok('row' in row);
    rows.push(row.row);
  }
  return rows;
}

/** Fills a sheet in, as a reviewer does, with a letter for each row, and reads it back. */
async function filledIn(folder: string, reviewer: string, said: string): Promise<ReviewAnswer[]> {
  const sheet = join(folder, 'sheet.csv');
  await writeFile(sheet, toCsv(ITEMS));
  const filled = (await rowsOf(sheet)).map((row, i) => ({ ...row, reviewer, answer: label(said, i) }));
  const quoted = (cell: unknown): string =>
    `"${(typeof cell === 'string' ? cell : '').replaceAll('"', '""')}"`;
  const lines = [Object.keys(filled[0] ?? {}), ...filled.map((row) => Object.values(row))];
  const back = join(folder, `${reviewer}.csv`);
  await writeFile(back, lines.map((cells) => `${cells.map(quoted).join(',')}\r\n`).join(''));
  const items = new Map(ITEMS.map((item) => [item.itemId, item]));
  return (await rowsOf(back)).flatMap((row) =>
    answersOfRow(row, { items }).map((read) => {
      assert.ok('answer' in read, JSON.stringify(read));
      return read.answer;
    }),
  );
}

const about = (value: number | null | undefined, expected: number): void => {
  assert.ok(value != null && Math.abs(value - expected) < 1e-12, `${value} is not ${expected}`);
};

describe('two reviewers of known agreement, through sheets', () => {
  it('have the approval, the kappa and the alpha that follow from their answers by hand', () =>
    inTemporaryFolder(async (folder) => {
      const answers = [...(await filledIn(folder, 'ann', ANN)), ...(await filledIn(folder, 'bob', BOB))];
      const result = reviewResult(ITEMS, answers, { need: { share: 0.5 } });
      assert.deepEqual(result.reviewers, [
        { reviewer: 'ann', nAnswers: 10 },
        { reviewer: 'bob', nAnswers: 10 },
      ]);
      // Ann is against the known winner on item 9, Bob on item 3: 18 of 20.
      about(result.approval.value, 0.9);
      assert.deepEqual([result.approval.n, result.approval.nClusters, result.nAnswered], [20, 10, 10]);
      assert.equal(result.need?.state, 'met');
      // Against the judge Ann differs on 4 and 9, Bob on 3 and 4: 16 of 20. People say A in 10 of 20, the judge in 8 of 20: chance is
      // 1/2 * 8/20 + 1/2 * 12/20 = 1/2, and kappa (0.8 - 0.5) / (1 - 0.5).
      about(result.withJudge?.agreement.value, 0.8);
      about(result.withJudge?.chanceCorrected, 0.6);
      // They differ on 3 and 9, so on 2 of 10; of 20 labels 10 are A: alpha = 1 - 19 * (2 * 2) / (2 * 10 * 10).
      about(result.betweenReviewers?.agreement.value, 0.8);
      about(result.betweenReviewers?.chanceCorrected, 0.62);
    }));

  it('have alpha 1 where they say the same, and below 0 where they never do', () =>
    inTemporaryFolder(async (folder) => {
      const ann = await filledIn(folder, 'ann', KNOWN);
      const same = reviewResult(ITEMS, [...ann, ...(await filledIn(folder, 'bob', KNOWN))]);
      about(same.betweenReviewers?.chanceCorrected, 1);
      about(same.approval.value, 1);
      // Of 20 labels 10 are A, and all 10 items differ: 1 - 19 * 20 / 200.
      const never = reviewResult(ITEMS, [...ann, ...(await filledIn(folder, 'bob', 'BBBBBAAAAA'))]);
      about(never.betweenReviewers?.chanceCorrected, -0.9);
      about(never.approval.value, 0.5);
    }));
});
