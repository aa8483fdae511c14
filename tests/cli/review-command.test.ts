import assert from 'node:assert/strict';
import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import os, { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { reviewItemSchema, type ReviewItem } from '../../lib/src/schema/review.js';
import { runCommandLine } from '../fixtures/command-line.js';
import { runIn, SMALL_EXPERIMENT, writeExperiment } from '../fixtures/small-experiment.js';

describe('autodidact review', function () {
  this.timeout(60_000);

  let folder: string;
  let run: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'autodidact-review-'));
    const { result } = await runIn(
      folder,
      await writeExperiment(folder, { ...SMALL_EXPERIMENT, iterations: 1 }),
    );
    run = result.folder;
  });
  after(() => rm(folder, { recursive: true, force: true }));

  const review = async (...args: string[]): Promise<string> => {
    const { code, out, err } = await runCommandLine('review', run, ...args);
    assert.equal(code, 0, err);
    return out;
  };

  async function itemsOf(stage: string): Promise<ReviewItem[]> {
    const text = await readFile(join(run, 'review', `1-${stage}.items.jsonl`), 'utf8');
    return text
      .trim()
      .split('\n')
      .map((line) => reviewItemSchema.parse(JSON.parse(line)));
  }

  it('draws items of every stage for a sheet, with the known winner in the file of items alone', async () => {
    for (const stage of ['select', 'generate', 'filter', 'evaluate']) {
      const sheet = join(folder, `${stage}.csv`);
      assert.match(await review('--stage', stage, '--draw', '8', '--export', sheet), /^8 items in /);
      const items = await itemsOf(stage);
      const rows = parse<Record<string, string>>(await readFile(sheet), { columns: true });
      assert.deepEqual(
        rows.map(({ item_id, response_a }) => [item_id, response_a]),
        items.map(({ itemId, responses }) => [itemId, responses?.[0] ?? '']),
      );
      assert.equal(
        items.every(({ hidden }) => hidden.better !== undefined),
        ['generate', 'evaluate'].includes(stage),
      );
      assert.ok(items.every(({ reasoning }) => (reasoning !== undefined) === (stage === 'filter')));
    }
    const larger = join(folder, 'larger.csv');
    const before = await itemsOf('generate');
    await review('--draw', '12', '--export', larger);
    assert.deepEqual((await itemsOf('generate')).slice(0, 8), before);
  });

  it('gives the known kappa of two scripted reviewers whose sheets are imported', async () => {
    await review('--stage', 'evaluate', '--draw', '8', '--export', join(folder, 'sheet.csv'));
    const items = await itemsOf('evaluate');
    // Both name the gold label, but the second is wrong on the first two items.
    const wrong = { A: 'B', B: 'A', tie: 'A' } as const;
    const answers = items.flatMap(({ itemId, hidden: { better = 'A' } }, i) => [
      { item_id: itemId, reviewer: 'ann', answer: better },
      { item_id: itemId, reviewer: 'bob', answer: i < 2 ? wrong[better] : better },
    ]);
    const filled = join(folder, 'filled.jsonl');
    await writeFile(
      filled,
      [...answers, { item_id: 'gone', reviewer: 'ann', answer: 'A' }]
        .map((row) => JSON.stringify(row))
        .join('\n'),
    );
    const { results } = JSON.parse(await review('--import', filled, '--need', '0.5', '--json')) as {
      results: Record<string, { value: number; n: number } & Record<string, number>>[];
    };
    const result = results.find(({ stage }) => (stage as unknown) === 'evaluate');
    assert.equal(result?.approval?.value, 14 / 16);
    assert.equal(result.approval.n, 16);
    // Alpha by hand: of 16 labels a are A; 2 of 8 items differ; 1 - 15 * 2 * 2 / (2 a (16 - a)).
    const a = answers.filter(({ answer }) => answer === 'A').length;
    assert.equal(result.betweenReviewers?.chanceCorrected, 1 - (15 * 4) / (2 * a * (16 - a)));
    await review('--stage', 'select', '--draw', '2', '--export', join(folder, 'unanswered.csv'));
    const summary = await review('--summary', '--need', '0.5');
    assert.match(summary, /evaluate of iteration 1: approval is at least 50\.0%/);
    assert.match(summary, /select of iteration 1: no answers yet, so that nothing is known of approval/);
  });

  it('shows the file, row and value of the first rows of each reason that give no answer, and columns that are others', async () => {
    await review('--stage', 'generate', '--draw', '8', '--export', join(folder, 'eight.csv'));
    const [{ itemId } = { itemId: '' }] = await itemsOf('generate');
    const file = join(folder, 'partly.csv');
    const blank = Array.from({ length: 20 }, () => `${itemId},`);
    const rows = [`${itemId},A`, ...blank, `${itemId},better\u001b[2J`, 'gone,A'];
    await writeFile(file, ['item_id,answer', ...rows].join('\n'));
    const { code, err } = await runCommandLine('review', run, '--import', file, '--reviewer', 'ann');
    assert.equal(code, 0, err);
    assert.match(err, /^1 answer added\nrows that could not be used: no-answer 20, /);
    assert.equal(err.split('no-answer: ').length - 1, 3);
    assert.ok(err.includes(`${file}:3 no-answer: ${itemId}\n`));
    assert.ok(err.includes(`${file}:23 unknown-answer: expected A, B, tie, skip, received better [2J\n`));
    assert.ok(err.includes(`${file}:24 unknown-item: gone\n`));
    await writeFile(file, `id,label\n${itemId},A\n`);
    const unknown = await runCommandLine('review', run, '--import', file);
    assert.equal(unknown.code, 2);
    assert.match(unknown.err, /unreadable 1 \(.*partly\.csv:2 .*item_id and answer, received id, label\)/);
  });

  it('never writes over a sheet that people may have filled in', async () => {
    const sheet = join(folder, 'kept.csv');
    const asked = ['--stage', 'select', '--draw', '8', '--export', sheet];
    await review(...asked);
    await review(...asked);
    await appendFile(sheet, 'filled in');
    const { code, err } = await runCommandLine('review', run, ...asked);
    assert.equal(code, 2);
    assert.match(err, /kept\.csv: expected a file that is not there yet, .* Name another file/);
    assert.match(await readFile(sheet, 'utf8'), /filled in$/);
  });

  it('adds an answer once, so that what was corrected since stands, and counts answers to items of others', async () => {
    await review('--stage', 'select', '--draw', '2', '--export', join(folder, 'two.csv'));
    const [{ itemId } = { itemId: '' }] = await itemsOf('select');
    const answered = join(run, 'review', 'answers.jsonl');
    const approvalOf = async (...args: string[]): Promise<{ value: number | null; n: number } | undefined> =>
      (
        JSON.parse(await review(...args, '--json')) as {
          results: { stage: string; approval: { value: number | null; n: number } }[];
        }
      ).results.find(({ stage }) => stage === 'select')?.approval;
    const sheet = join(folder, 'once.csv');
    await writeFile(sheet, `item_id,answer,reviewer\n${itemId},no,dot\n`);
    assert.equal((await approvalOf('--import', sheet))?.value, 0);
    const correction = { itemId, reviewer: 'dot', answer: 'yes', at: '2026-01-02T03:04:05.000Z' };
    const later = join(folder, 'later.jsonl');
    await writeFile(later, JSON.stringify(correction));
    await review('--import', later);
    const { code, err } = await runCommandLine('review', run, '--import', sheet);
    assert.deepEqual([code, err.trim()], [0, '0 answers added; 1 answer there already']);
    assert.equal((await approvalOf('--summary'))?.value, 1);
    // What was taken back in a file of answers is taken back here.
    await appendFile(later, `\n${JSON.stringify({ ...correction, answer: 'undo' })}\n`);
    assert.equal((await approvalOf('--import', later))?.n, 0);
    await appendFile(answered, `${JSON.stringify({ ...correction, itemId: 'of another run' })}\n`);
    assert.match(await review('--summary'), /1 answer to items that were not drawn, which do not count/);
  });

  it('asks for a name where the system has none for the user', async () => {
    const { userInfo } = os;
    os.userInfo = () => {
      throw new Error('uv_os_get_passwd returned ENOENT');
    };
    syncBuiltinESMExports();
    try {
      const { code, err } = await runCommandLine('review', run);
      assert.equal(code, 2, err);
      assert.match(err, /Name the reviewer, e\.g\. --reviewer ann/);
    } finally {
      os.userInfo = userInfo;
      syncBuiltinESMExports();
    }
  });

  it('answers wrong input with one message', async () => {
    for (const [args, code, message] of [
      [['--export', 'sheet.txt'], 2, /\.csv, \.argilla\.json or \.json, received sheet\.txt/],
      [['--iteration', '7', '--export', 'sheet.csv'], 1, /iteration 7/],
      [['--summary', '--draw', '9'], 2, /--draw.* cannot be used with .*--summary/],
      [['--import', 'filled.csv', '--export', 'sheet.csv'], 2, /--export.* cannot be used with .*--import/],
      [['--import', join(folder, 'gone.csv')], 1, /gone\.csv/],
      [['--import', join(folder, 'experiment.yaml'), '--stage', 'generate'], 1, /experiment\.yaml/],
    ] as const) {
      const outcome = await runCommandLine('review', run, ...args);
      assert.equal(outcome.code, code, outcome.err);
      assert.match(outcome.err, message);
      assert.equal(
        outcome.err.replace('\n(autodidact --help shows the commands)', '').trim().split('\n').length,
        1,
      );
    }
    const nowhere = await runCommandLine('review', folder, '--summary');
    assert.equal(nowhere.code, 1);
    assert.match(nowhere.err, /items that were drawn for review/);
  });
});
