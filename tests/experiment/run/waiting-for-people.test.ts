import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ReviewError } from '../../../lib/src/core/errors.js';
import { observeRun, readRun } from '../../../lib/src/experiment/index.js';
import { reviewItemSchema } from '../../../lib/src/schema/review.js';
import { runCommandLine } from '../../fixtures/command-line.js';
import { embeddedIn, runIn, writeExperiment } from '../../fixtures/small-experiment.js';
import { inTemporaryFolder } from '../../fixtures/temporary-folder.js';

const REVIEW = { after: ['generate'], items: 8, need: { share: 0.5 }, wait: true };

describe('a run that waits for people', function () {
  this.timeout(60_000);

  it('says what to type, and goes on once they have answered', () =>
    inTemporaryFolder(async (folder) => {
      const path = await writeExperiment(folder, { ...embeddedIn(folder), iterations: 1, review: REVIEW });
      const waiting = await runIn(folder, path).then(
        () => null,
        (thrown: unknown) => thrown,
      );
      assert.ok(waiting instanceof ReviewError);
      const [, run = ''] =
        /npx autodidact review (\S+) --stage generate --iteration 1/.exec(waiting.message) ?? [];
      assert.equal((await observeRun(run))?.state, 'waiting');
      const places = ['--results', join(folder, 'results'), '--completions', join(folder, 'completions')];
      const again = await runCommandLine('run', path, ...places);
      assert.equal(again.code, 7);
      assert.ok(again.err.includes(`npx autodidact review ${run} --stage generate --iteration 1`), again.err);
      // Two reviewers, one of whom is wrong once.
      const sheet = join(folder, 'sheet.csv');
      const exported = ['--stage', 'generate', '--iteration', '1', '--export', sheet];
      assert.equal((await runCommandLine('review', run, ...exported)).code, 0);
      const items = (await readFile(join(run, 'review', '1-generate.items.jsonl'), 'utf8'))
        .trim()
        .split('\n')
        .map((line) => reviewItemSchema.parse(JSON.parse(line)));
      assert.equal(items.length, 8);
      for (const reviewer of ['ann', 'bob']) {
        const rows = items.map(({ itemId, hidden }, i) => {
          const other = hidden.better === 'A' ? 'B' : 'A';
          return `${itemId},${reviewer === 'bob' && i === 0 ? other : hidden.better},<b>${reviewer}</b>`;
        });
        const filled = join(folder, `${reviewer}.csv`);
        await writeFile(filled, ['item_id,answer,note', ...rows, ''].join('\n'));
        const { err, code } = await runCommandLine('review', run, '--import', filled, '--reviewer', reviewer);
        assert.equal(code, 0, err);
      }
      const { result } = await runIn(folder, path);
      const check = result.assessment.checks.find(({ id }) => id === 'people: generate');
      assert.equal(check?.level, 'green');
      // 15 of 16 answers name the known winner.
      assert.match(check.found, /^93\.8 \[.*\] % of 16 answers of 2 reviewers/);
      const { parts } = await readRun(result.folder);
      assert.equal(parts.reviews?.[0]?.approval.value, 15 / 16);
      const report = await readFile(join(result.folder, 'report.md'), 'utf8');
      assert.match(report, /## What people say/);
      assert.doesNotMatch(report, /(?<!\\)<b>ann/);
    }));

  it('goes on where it does not wait', () =>
    inTemporaryFolder(async (folder) => {
      const review = { ...REVIEW, wait: false };
      const path = await writeExperiment(folder, { ...embeddedIn(folder), iterations: 1, review });
      const { result } = await runIn(folder, path);
      const text = await readFile(join(result.folder, 'review', '1-generate.items.jsonl'), 'utf8');
      assert.equal(text.trim().split('\n').length, 8);
    }));
});
