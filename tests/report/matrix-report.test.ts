import assert from 'node:assert/strict';
import {
  armComparisonTable,
  matrixNotes,
  matrixRunTable,
  matrixTable,
  documentToMarkdown,
  matrixDocument,
} from '../../lib/src/report/index.js';
import { matrixReportSchema } from '../../lib/src/schema/matrix.js';
import { matrixReportOf } from '../fixtures/matrix-report.js';

describe('the report of a matrix', () => {
  const report = matrixReportOf({ plain: [0.7, 0.72, 0.71], better: [0.8, 0.83, 0.81] });

  it('is a record that round-trips', () => {
    assert.deepEqual(matrixReportSchema.parse(JSON.parse(JSON.stringify(report))), report);
  });

  it('has a row for each arm, with its interval over seeds', () => {
    const { header, rows } = matrixTable(report);
    assert.deepEqual(header.slice(0, 4), ['arm', 'accuracy % by iteration', 'last % [95%]', '± sd']);
    // 0.70, 0.72, 0.71: s = 0.01, ± 4.303 * 0.01 / sqrt(3) = ± 0.0248.
    assert.deepEqual(rows[0]!.slice(0, 5), [
      'plain (baseline)',
      '50.0 → 71.0',
      '71.0 [68.5, 73.5]',
      '1.0',
      '+21.0 [+18.5, +23.5]',
    ]);
    // 0.10, 0.11, 0.10: mean 0.1033, s = 0.0057735, t = 31, p = 1 - 31 / sqrt(963) = 0.00104.
    assert.deepEqual(armComparisonTable(report).rows, [
      ['better', '+10.3 [+8.9, +11.8]', '0.001', '0.001', '3', '10', 'better'],
    ]);
  });

  it('says of a single seed that there is no interval', () => {
    const single = matrixReportOf({ plain: [0.7], better: [0.8] });
    assert.equal(matrixTable(single).rows[0]![2], '70.0');
    assert.match(matrixNotes(single).join('\n'), /One loop seed: the spread between loop seeds is unknown/);
  });

  it('keeps what labels and failures say from being anything but text', () => {
    const hostile = matrixReportOf({ 'a|b <img>': [0.7, 0.7], '[x](y)': [0.8, 0.8] });
    hostile.arms[1]!.runs[0] = {
      ...hostile.arms[1]!.runs[0]!,
      state: 'failed',
      problem: '<script>\u001b[2J![x](http://example.invalid)',
    };
    const markdown = documentToMarkdown(matrixDocument(hostile), { arms: 'matrix.svg' });
    assert.doesNotMatch(markdown, /[^\\]<(img|script)|[^\\]\]\(http/);
    assert.ok(!markdown.includes('\u001b'));
    assert.match(markdown, /a\\\|b/);
  });

  it('shows what each arm is good at, over seeds', () => {
    const markdown = documentToMarkdown(matrixDocument(report));
    // As above, and a tenth lower on math.
    assert.match(markdown, /\| plain \| 71\.0 \[68\.5, 73\.5\] \| 61\.0 \[58\.5, 63\.5\] \| 3 \|/);
  });

  it('says of each run which verdicts its figures count', () => {
    const { rows, counted } = matrixRunTable({ ...report, benchmark: 'held' });
    assert.equal(rows.length, 6);
    for (const [i, [arm, seed]] of rows.entries()) {
      const run = report.arms
        .find(({ label }) => label === arm)
        ?.runs.find((each) => String(each.seed) === seed);
      const { accuracy, iteration } = run!.iterations.at(-1)!;
      const found = counted?.[i]?.[3];
      assert.equal(found?.run, `${report.experiment}/${run!.runId}`);
      assert.deepEqual(found.filter, {
        kind: 'held-out',
        iteration: [iteration],
        benchmark: ['held'],
        outcome: ['right', 'wrong', 'tie'],
      });
      assert.ok(found.inWords.startsWith(`${accuracy.n} verdicts of iteration ${iteration} on held`));
    }
  });
});
