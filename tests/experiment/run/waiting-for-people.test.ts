import assert from 'node:assert/strict';
import { appendFile, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { EXIT_CODES } from '../../../lib/src/cli/exit-codes.js';
import { GateError, ReviewError } from '../../../lib/src/core/errors.js';
import { makeReport, observeRun, readReview, reviewItems } from '../../../lib/src/experiment/index.js';
import { readRunConfig } from '../../../lib/src/experiment/config/run-config.js';
import { openBenchmark } from '../../../lib/src/experiment/open/benchmark-source.js';
import { assessRun } from '../../../lib/src/experiment/run/assess-run.js';
import { documentToHtml } from '../../../lib/src/report/index.js';
import { reviewItemSchema, type ReviewItem } from '../../../lib/src/schema/review.js';
import { RunFolder } from '../../../lib/src/store/index.js';
import { runCommandLine } from '../../fixtures/command-line.js';
import { embeddedIn, runIn, writeExperiment } from '../../fixtures/small-experiment.js';
import { inTemporaryFolder } from '../../fixtures/temporary-folder.js';

const endOf = (run: Promise<unknown>): Promise<unknown> =>
  run.then(
    () => assert.fail('it did not end'),
    (thrown: unknown) => thrown,
  );

async function itemsIn(run: string, name: string): Promise<ReviewItem[]> {
  const text = await readFile(join(run, 'review', `${name}.items.jsonl`), 'utf8');
  const lines = text.trim().split('\n');
  return lines.map((line) => reviewItemSchema.parse(JSON.parse(line)));
}

/** Exports a sheet by the command line, fills it in as a spreadsheet does, and imports it. */
async function answer(
  run: string,
  of: { stage: string; iteration: number; folder: string; reviewer: string; note?: string },
  answerTo: (item: ReviewItem, i: number) => string,
): Promise<void> {
  const { stage, iteration, folder, reviewer, note = '' } = of;
  const sheet = join(folder, 'sheet.csv');
  const place = ['--stage', stage, '--iteration', String(iteration)];
  assert.equal((await runCommandLine('review', run, ...place, '--export', sheet)).code, 0);
  const items = await itemsIn(run, `${iteration}-${stage}`);
  const rows = parse<Record<string, string>>(await readFile(sheet), { columns: true });
  assert.deepEqual(
    rows.map(({ item_id }) => item_id),
    items.map(({ itemId }) => itemId),
  );
  const filled = rows.map((row, i) => ({ ...row, reviewer, note, answer: answerTo(items[i]!, i) }));
  const lines = [Object.keys(filled[0] ?? {}), ...filled.map((row) => Object.values(row))];
  const quoted = lines.map((cells) => cells.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(','));
  const filledIn = join(folder, 'filled-in.csv');
  await writeFile(filledIn, quoted.join('\n'));
  const { code, err } = await runCommandLine('review', run, '--import', filledIn);
  assert.equal(code, 0, err);
}

const OTHER = { A: 'B', B: 'A', tie: 'A' } as const;
const HOSTILE = '=cmd()<img src=x onerror=alert(1)>\u001b[2J\u202e';

describe('a run that waits for people', function () {
  this.timeout(60_000);

  it('says before training what to type, and goes on once they have answered', () =>
    inTemporaryFolder(async (folder) => {
      const path = await writeExperiment(folder, {
        ...embeddedIn(folder),
        iterations: 1,
        instructions: { source: 'embedded', perIteration: 24 },
        review: { after: ['generate'], items: 8, need: { share: 0.5 }, wait: true },
      });
      const waiting = await endOf(runIn(folder, path));
      assert.ok(waiting instanceof ReviewError);
      // Wilson's lower end of n of n is n / (n + 1.96²), which is 0.5 from n = 3.84.
      const [, run = ''] =
        /received 0 of 8 items answered\. At least 4 answered items settle it\. Ask people with: npx autodidact review (\S+) --stage generate --iteration 1 and/.exec(
          waiting.message,
        ) ?? [];
      assert.equal((await observeRun(run))?.state, 'waiting');
      const place = { stage: 'generate', iteration: 1, folder };
      await answer(run, { ...place, reviewer: 'ann' }, ({ hidden }) => hidden.better ?? '');
      const { result } = await runIn(folder, path);
      const check = result.assessment.checks.find(({ id }) => id === 'people: generate');
      assert.equal(check?.level, 'green');
      assert.match(check.found, /% of 8 answers of 1 reviewer.*; needed: 50\.0%, met$/);
      // What a report shows is what the assessment was made of: the files are read once.
      const config = await readRunConfig(new RunFolder(run));
      const of = { config, iterations: result.iterations };
      const { reviews, trainingSets, ...assessed } = await assessRun(new RunFolder(run), of);
      const lostAnswers = { damagedLines: [], nStray: 0 };
      assert.deepEqual(assessed, { assessment: result.assessment, reviewNotes: [], lostAnswers });
      assert.deepEqual(reviews, (await readReview(run)).results);
      assert.deepEqual(
        trainingSets.map(({ iteration }) => iteration),
        [1],
      );
      const ofSeed = await assessRun(new RunFolder(run), {
        config,
        iterations: result.iterations.slice(0, 1),
      });
      assert.deepEqual(ofSeed.trainingSets, []);
    }));

  it('gives the known figures of two scripted reviewers, and stands at a gate where their approval is too low', () =>
    inTemporaryFolder(async (folder) => {
      const notice = join(folder, 'notice.json');
      const path = await writeExperiment(folder, {
        ...embeddedIn(folder),
        iterations: 0,
        evaluate: { benchmark: { source: 'embedded', split: 'dev', pairs: 12 }, maxTokens: 24 },
        review: { after: ['evaluate'], items: 8, need: { share: 0.99 }, wait: true },
        notify: { command: `cat > '${notice}'` },
      });
      // Nothing but a server that is away is waited for.
      const events: string[] = [];
      const onEvent = ({ kind }: { kind: string }): void => void events.push(kind);
      const waiting = await endOf(runIn(folder, path, { superviseMs: 3_600_000, onEvent }));
      assert.ok(waiting instanceof ReviewError);
      assert.equal(events.filter((kind) => kind === 'started').length, 1);
      const told = JSON.parse(await readFile(notice, 'utf8')) as { event: string; folder: string };
      assert.equal(told.event, 'waiting');
      const run = told.folder;
      const status = (await runCommandLine('status', run)).out.replaceAll(/\s+/g, ' ');
      assert.match(status, /: waiting, updated/);
      assert.match(status, /review \S+ --stage evaluate --iteration 0 --draw/);
      // After the last evaluation the report is there already.
      assert.match(await readFile(join(run, 'report.md'), 'utf8'), /## What people say/);
      const again = [
        'run',
        path,
        ...['--results', join(folder, 'results'), '--completions', join(folder, 'completions')],
      ];
      const ended = await runCommandLine(...again);
      assert.equal(ended.code, EXIT_CODES.waitingForPeople);
      assert.ok(ended.err.includes(`npx autodidact review ${run} --stage evaluate --iteration 0 --draw`));
      assert.equal((await runCommandLine(...again, '--accept', 'too early')).code, EXIT_CODES.wrongInput);

      // Both name the gold label, but the second, whose name and note are hostile, is wrong on the first two items.
      const place = { stage: 'evaluate', iteration: 0, folder };
      await answer(run, { ...place, reviewer: 'ann' }, ({ hidden: { better = 'A' } }) => better);
      await answer(run, { ...place, reviewer: HOSTILE, note: HOSTILE }, ({ hidden: { better = 'A' } }, i) =>
        i < 2 ? OTHER[better] : better,
      );
      const items = await itemsIn(run, '0-evaluate');
      const gold = items.map(({ hidden }) => hidden.better ?? 'A');
      const labels = [...gold, ...gold.map((label, i) => (i < 2 ? OTHER[label] : label))];
      const judged = items.map(({ hidden }) => hidden.judge);
      const { results } = await readReview(run);
      const [result] = results;
      assert.deepEqual([result?.approval.value, result?.approval.n, results.length], [14 / 16, 16, 1]);
      const share = (of: readonly (string | undefined)[], label: string): number =>
        of.filter((each) => each === label).length / of.length;
      const sum = (of: (label: string) => number): number => ['A', 'B', 'tie'].reduce((n, l) => n + of(l), 0);
      // Krippendorff: 2 of 8 items differ, each with two of the ordered pairs; n = 16 labels.
      const unlike = 16 * 16 - sum((label) => (16 * share(labels, label)) ** 2);
      near(result?.betweenReviewers?.chanceCorrected, 1 - (15 * 4) / unlike);
      // Cohen, of all answers to items that the judge has a verdict of.
      const pairs = labels.flatMap((label, i) => (judged[i % 8] ? [[label, judged[i % 8]!] as const] : []));
      const alike = pairs.filter(([label, verdict]) => label === verdict).length / pairs.length;
      const byChance = sum(
        (label) =>
          share(
            pairs.map(([l]) => l),
            label,
          ) *
          share(
            pairs.map(([, v]) => v),
            label,
          ),
      );
      near(result?.withJudge?.chanceCorrected, (alike - byChance) / (1 - byChance));

      // Wilson's upper end of 14 of 16 is below 0.99.
      const failed = await endOf(runIn(folder, path));
      assert.ok(failed instanceof GateError);
      assert.match(failed.message, /people: evaluate: 87\.5 .*needed: 99\.0%, not met;/);
      assert.equal((await runCommandLine(...again)).code, EXIT_CODES.gateClosed);
      const { result: accepted } = await runIn(folder, path, { accept: 'two labels are wrong' });
      const check = accepted.assessment.checks.find(({ id }) => id === 'people: evaluate');
      assert.deepEqual([check?.level, check?.accepted?.reason], ['red', 'two labels are wrong']);

      // Hostile texts stay texts, in the files of the run and in a report of later.
      const summary = await runCommandLine('review', run, '--summary');
      const page = await documentToHtml(await makeReport([run]));
      const report = await readFile(join(run, 'report.md'), 'utf8');
      for (const shown of [summary.out, page, report]) {
        assert.doesNotMatch(shown, /(?<!\\)<img src=x/);
        assert.ok(!shown.includes('\u001b') && !shown.includes('\u202e'));
      }
      assert.match(page, /8 notes of reviewers/);
      await answer(run, { ...place, reviewer: 'cal' }, () => 'tie');
      await appendFile(join(run, 'review', 'answers.jsonl'), '{"itemId":');
      const later = (await makeReport([run])).sections.find(({ title }) => title === 'What people say');
      assert.match(JSON.stringify(later), /"24"/);
      assert.match(JSON.stringify(later), /1 line of the file of answers could not be read: \d+/);
    }));

  it('draws and goes on where it does not wait, and its held-out pairs are found wherever its file is', () =>
    inTemporaryFolder(async (folder) => {
      const embedded = { source: 'embedded', split: 'dev', pairs: 6, seed: 1 } as const;
      const { items } = await openBenchmark(embedded, { configPath: '.', key: 'evaluate.benchmark' });
      await writeFile(join(folder, 'pairs.jsonl'), items.map((item) => JSON.stringify(item)).join('\n'));
      const path = await writeExperiment(folder, {
        ...embeddedIn(folder),
        iterations: 0,
        evaluate: { benchmark: { source: 'jsonl', path: 'pairs.jsonl' }, maxTokens: 24 },
        review: { after: ['evaluate'], items: 4, need: { share: 0.5 } },
      });
      const { result } = await runIn(folder, path);
      assert.equal((await itemsIn(result.folder, '0-evaluate')).length, 4);
      // As a run at work leaves it.
      await rm(join(result.folder, 'manifest.json'));
      const ask = { runFolder: result.folder, stage: 'evaluate', iteration: 0 } as const;
      assert.equal((await reviewItems(ask)).length, 4);
      const more = await reviewItems({ ...ask, nItems: 6 });
      assert.deepEqual(
        more.map(({ instruction }) => instruction).sort(),
        items.map(({ instruction }) => instruction).sort(),
      );
      // Those that were drawn are asked from now on, also without a number.
      assert.deepEqual(await reviewItems(ask), more);
    }));
});

function near(value: number | null | undefined, expected: number): void {
  assert.ok(Math.abs((value ?? Number.NaN) - expected) < 1e-12, `expected ${expected}, received ${value}`);
}
