import assert from 'node:assert/strict';
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  AnswerLog,
  answersOfRow,
  drawReviewItems,
  labelStudioInterface,
  readAnswers,
  reviewResult,
  toCsv,
  toLabelStudio,
  type ReviewCandidate,
} from '../../lib/src/review/index.js';
import type { ReviewAnswer, ReviewItem, ReviewWord } from '../../lib/src/schema/review.js';
import { inTemporaryFolder } from '../fixtures/temporary-folder.js';

async function* candidates(n: number): AsyncGenerator<ReviewCandidate> {
  for (let i = 0; i < n; i++) {
    await Promise.resolve();
    // Nine of ten are of one slice.
    const stratum = i % 10 === 0 ? 'math' : 'code';
    yield { recordId: String(i), stratum, instruction: `q${i}`, responses: ['good', 'bad'], better: 'A' };
  }
}

const drawn = (n: number, nItems: number) =>
  drawReviewItems(candidates(n), { stage: 'generate', iteration: 1, nItems, seed: 1 });

function item(itemId: string, hidden: ReviewItem['hidden'] = { better: 'A' }): ReviewItem {
  return {
    itemId,
    iteration: 1,
    stage: 'generate',
    stratum: 'math',
    instruction: 'q',
    responses: ['x', 'y'],
    hidden,
  };
}

/** The answers of a reviewer to the items 0, 1, 2, ... from a word with a letter for each: A, B, t, s or -, none. */
function answersOf(reviewer: string, word: string): ReviewAnswer[] {
  const words: Record<string, ReviewWord> = { A: 'A', B: 'B', t: 'tie', s: 'skip' };
  return [...word].flatMap((letter, i) => {
    const answer = words[letter];
    return answer ? [{ itemId: String(i), reviewer, answer }] : [];
  });
}

function itemsOf(judged: string): [ReviewItem, ...ReviewItem[]] {
  const [first, ...others] = [...judged].map((judge, i) =>
    item(String(i), { better: 'A', judge: judge === 'A' ? 'A' : 'B' }),
  );
  assert.ok(first);
  return [first, ...others];
}

describe('the draw of a review', () => {
  it('has equally many items of each slice, in a random order of responses, and is the same again', async () => {
    const items = await drawn(100, 12);
    assert.equal(items.filter(({ stratum }) => stratum === 'math').length, 6);
    assert.deepEqual(await drawn(100, 12), items);
    const isShownFirst = items.map(({ responses, hidden }) => {
      assert.equal(responses?.[hidden.better === 'A' ? 0 : 1], 'good');
      return hidden.better;
    });
    assert.ok(isShownFirst.includes('A') && isShownFirst.includes('B'));
  });

  it('keeps the items of a smaller draw in a larger one', async () => {
    const larger = new Set((await drawn(100, 30)).map(({ itemId }) => itemId));
    for (const { itemId } of await drawn(100, 12)) assert.ok(larger.has(itemId));
  });
});

describe('the file of answers', () => {
  it('keeps what was answered, whatever a killed process left in it', () =>
    inTemporaryFolder(async (folder) => {
      const path = join(folder, 'review', 'answers.jsonl');
      const answers = answersOf('ann', 'ABt');
      const log = await AnswerLog.open(path);
      await log.add(...answers.slice(0, 1));
      await appendFile(path, '{"itemId":"1","revie');
      await log.add(...answers.slice(1));
      await log.close();
      const read = await readAnswers(path);
      assert.deepEqual(read.answers, answers);
      assert.equal(read.damagedLines.length, 1);
      assert.deepEqual(await readAnswers(`${path}.none`), { answers: [], damagedLines: [] });
    }));
});

describe('two reviewers at once', () => {
  it('lose no answer, however many are added at a time', () =>
    inTemporaryFolder(async (folder) => {
      const path = join(folder, 'answers.jsonl');
      const note = 'n'.repeat(50_000);
      const logs = [await AnswerLog.open(path), await AnswerLog.open(path)];
      const many = answersOf('ann', 'A'.repeat(60)).map((answer) => ({ ...answer, note }));
      await Promise.all(logs.flatMap((log) => [log.add(...many), log.add(...many)]));
      for (const log of logs) await log.close();
      const { answers, damagedLines } = await readAnswers(path);
      assert.deepEqual([answers.length, damagedLines], [240, []]);
    }));
});

describe('the result of a review', () => {
  it('counts approval of the known winner, with n, what was skipped, and an interval', () => {
    const { approval, nAnswered, nSkipped } = reviewResult(itemsOf('AAAAA'), answersOf('ann', 'AABts'));
    // 1, 1, 0 and a half of 4.
    assert.equal(approval.value, 2.5 / 4);
    assert.deepEqual([approval.n, nAnswered, nSkipped], [4, 4, 1]);
    assert.ok(approval.low !== null && approval.high !== null && approval.low < 0.625);
  });

  it('gives the known kappa with the judge, and the known alpha of two reviewers', () => {
    // Against the judge AABB AABB: AABB ABBB. 7 of 8 alike; chance: A 3/8 * 4/8 + B 5/8 * 4/8 = 1/2; kappa = (7/8 - 1/2) / (1/2).
    const one = reviewResult(itemsOf('AABBAABB'), answersOf('ann', 'AABBABBB'));
    assert.equal(one.withJudge?.agreement.value, 7 / 8);
    assert.equal(one.withJudge.chanceCorrected, 0.75);
    assert.equal(one.betweenReviewers, undefined);
    // Two reviewers, alike on 6 of 8; of 16 labels 8 A and 8 B: alpha = 1 - 15 * 2 * 2 / (2 * 8 * 8).
    const two = reviewResult(itemsOf('AABBAABB'), [
      ...answersOf('ann', 'AAAABBBB'),
      ...answersOf('bob', 'AAABABBB'),
    ]);
    assert.equal(two.betweenReviewers?.agreement.value, 6 / 8);
    assert.equal(two.betweenReviewers.chanceCorrected, 1 - (15 * 4) / 128);
  });

  it('counts the last answer of a reviewer, and none that was taken back', () => {
    const { approval } = reviewResult(itemsOf('AA'), [
      ...answersOf('ann', 'BB'),
      ...answersOf('ann', 'A'),
      { itemId: '1', reviewer: 'ann', answer: 'undo' },
      { itemId: 'of another stage', reviewer: 'ann', answer: 'B' },
    ]);
    assert.deepEqual([approval.value, approval.n], [1, 1]);
  });

  it('says whether what is needed is met, and how many more items would tell', () => {
    const needs = (word: string, need: number) =>
      reviewResult(itemsOf('A'.repeat(word.length)), answersOf('ann', word), { need: { share: need } }).need;
    // Wilson's lower end of 50 of 50 is 50 / (50 + 1.96²) = 0.929.
    assert.deepEqual(needs('A'.repeat(50), 0.9), { share: 0.9, state: 'met', nMoreItems: 0 });
    assert.equal(needs('B'.repeat(10), 0.9)?.state, 'failed');
    // n / (n + 1.96²) >= 0.9 from n = 34.6.
    assert.deepEqual(needs('A'.repeat(20), 0.9), { share: 0.9, state: 'open', nMoreItems: 15 });
    assert.deepEqual(needs('AB', 0.5), { share: 0.5, state: 'open', nMoreItems: null });
  });

  it('makes the alternative annotator test where two reviewers have answered enough', () => {
    const word = 'AB'.repeat(20);
    const people = ['ann', 'bob', 'cal'].flatMap((reviewer) => answersOf(reviewer, word));
    const { altTest } = reviewResult(itemsOf(word), people);
    assert.deepEqual([altTest?.winningRate, altTest?.advantageProbability], [1, 1]);
    assert.equal(reviewResult(itemsOf(word), answersOf('ann', word)).altTest, undefined);
  });
});

describe('a sheet for reviewers', () => {
  const hostile = '=cmd|\' /C calc\'!A0", "x"\n</Text><Choice value="A"/>';
  const asked = { ...item('1', { better: 'B', judge: 'A' }), instruction: hostile };
  const items = new Map([['1', asked]]);

  it('shows nothing that is hidden, and no formula to a spreadsheet', () => {
    const csv = toCsv([asked]);
    assert.ok(csv.includes(`"'=cmd|' /C calc'!A0"", ""x""`));
    for (const instruction of ['\n=1+1', ' @SUM(1)', '\u0000+1', '＝1+1'])
      assert.match(
        toCsv([{ ...asked, instruction }]).split('skip,')[1] ?? '',
        /^"?'/,
        JSON.stringify(instruction),
      );
    assert.match(toCsv([{ ...asked, instruction: 'a\u001b[2Jb\u0000' }]), /a␛\[2Jb␀/);
    assert.equal(toCsv([{ ...asked, hidden: {} }]), csv);
    // Excel takes a file without it for one of another encoding.
    assert.deepEqual([csv[0], toCsv([{ ...asked, instruction: 'größer' }])[0]], ['i', '\uFEFF']);
    assert.equal(toLabelStudio([{ ...asked, hidden: {} }]), toLabelStudio([asked]));
    assert.ok(!labelStudioInterface([asked]).includes('calc'));
  });

  it('is read back, row by row, with a reason for every row that gives no answer', () => {
    const read = (row: Record<string, unknown>, reviewer?: string) => answersOfRow(row, { items, reviewer });
    const row = { item_id: '1', answer: ' b ', reviewer: 'ann', note: 'shorter' };
    assert.deepEqual(read(row), [{ answer: { itemId: '1', reviewer: 'ann', answer: 'B', note: 'shorter' } }]);
    // Of a file of answers; numbers are names, too.
    assert.deepEqual(read({ itemId: '1', answer: 'undo', reviewer: 7 }, 'bob'), [
      { answer: { itemId: '1', reviewer: '7', answer: 'undo' } },
    ]);
    assert.deepEqual(read({ ...row, reviewer: '' }, 'bob'), [
      { answer: { itemId: '1', reviewer: 'bob', answer: 'B', note: 'shorter' } },
    ]);
    const drops = [
      { ...row, answer: '' },
      { ...row, item_id: '2' },
      { ...row, answer: 'yes' },
      { ...row, reviewer: '' },
      { some: 'row' },
    ].flatMap((bad) => read(bad));
    assert.deepEqual(drops, [
      { drop: 'no-answer', detail: '1' },
      { drop: 'unknown-item', detail: '2' },
      { drop: 'unknown-answer', detail: 'expected A, B, tie, skip, received yes' },
      { drop: 'no-reviewer', detail: '1' },
      { drop: 'unreadable', detail: 'expected the columns item_id and answer, received some' },
    ]);
  });

  it('is read from an export of Label Studio', () => {
    const annotation = {
      completed_by: { id: 1, email: 'ann@example.org' },
      created_at: '2026-01-02T03:04:05.000000Z',
      result: [
        { from_name: 'answer', value: { choices: ['tie'] } },
        { from_name: 'note', value: { text: ['both are wrong'] } },
      ],
    };
    const at = '2026-01-02T03:04:05.000Z';
    assert.deepEqual(
      answersOfRow(
        {
          data: { item_id: '1' },
          annotations: [annotation, { ...annotation, completed_by: 2, was_cancelled: true, result: [] }],
        },
        { items },
      ),
      [
        { answer: { itemId: '1', reviewer: 'ann@example.org', answer: 'tie', note: 'both are wrong', at } },
        { answer: { itemId: '1', reviewer: '2', answer: 'skip', at } },
      ],
    );
    const ofNobody = { data: { item_id: '1' }, annotations: [{ ...annotation, completed_by: ' ' }] };
    assert.deepEqual(answersOfRow(ofNobody, { items }), [{ drop: 'no-reviewer', detail: '1' }]);
  });
});
