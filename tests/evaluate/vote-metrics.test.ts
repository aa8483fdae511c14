import assert from 'node:assert/strict';
import { verdictMetrics, VerdictTable } from '../../lib/src/evaluate/index.js';
import { largestVote, voteMetrics } from '../../lib/src/evaluate/vote-metrics.js';
import { brief, tableFrom } from './tables.js';

describe('metrics of several samples', () => {
  it('grow from one sample to all of them', () => {
    const { voteAccuracyByK } = voteMetrics(tableFrom({ x: { gold: 'first', given: 'AAB' } }));
    assert.deepEqual(Object.keys(voteAccuracyByK), ['1', '2', '3']);
    // Of three single samples two are right. Of three pairs one is AA (1) and two are AB (a tie, 1/2): 2/3. All three say A.
    assert.deepEqual(brief(voteAccuracyByK['1']), [0.666667, 1, 0]);
    assert.deepEqual(brief(voteAccuracyByK['2']), [0.666667, 1, 0]);
    assert.deepEqual(brief(voteAccuracyByK['3']), [1, 1, 0]);
  });

  it('have for one sample the mean accuracy over samples', () => {
    const table = tableFrom({
      x: { gold: 'first', given: 'AABC', swapped: 'BBBB' },
      y: { gold: 'second', given: 'AAAB', swapped: 'AACC' },
      z: { gold: 'tie', given: 'CCCA', swapped: 'ABCB' },
    });
    // x: 2.5 + 4, y: 1 + 3, z: 3 + 1 of 24 samples.
    assert.deepEqual(brief(voteMetrics(table).voteAccuracyByK['1']), [0.604167, 6, 0]);
    assert.deepEqual(brief(verdictMetrics(table).accuracy), [0.604167, 24, 0]);
  });

  it('have for all samples the accuracy of the vote', () => {
    const table = tableFrom({
      x: { gold: 'first', given: 'AAB', swapped: 'BAA' },
      y: { gold: 'tie', given: 'ABC', swapped: 'CCA' },
    });
    const { voteAccuracy, voteAccuracyByK } = voteMetrics(table);
    // x is right and wrong; y is a tie both times, once since three labels have one vote each.
    assert.deepEqual(brief(voteAccuracy), [0.75, 4, 0]);
    assert.deepEqual(voteAccuracyByK['3'], voteAccuracy);
  });

  it('give an even vote, and a vote for a tie, half a point where gold names a side', () => {
    const { voteAccuracy } = voteMetrics(
      tableFrom({ x: { gold: 'first', given: 'AB', swapped: 'BB' }, y: { gold: 'second', given: 'CC' } }),
    );
    // 1/2, 1 and 1/2.
    assert.deepEqual(brief(voteAccuracy), [0.666667, 3, 0]);
  });

  it('do not depend on the order of the samples', () => {
    const one = voteMetrics(tableFrom({ x: { gold: 'first', given: 'ABAC-A', swapped: 'BBA' } }));
    const other = voteMetrics(tableFrom({ x: { gold: 'first', given: '-CAABA', swapped: 'ABB' } }));
    assert.deepEqual(one, other);
  });

  it('look at no more samples than every vote has, in powers of two', () => {
    const ks = (given: string): string[] =>
      Object.keys(
        voteMetrics(tableFrom({ x: { gold: 'first', given }, y: { gold: 'first', swapped: 'B'.repeat(40) } }))
          .voteAccuracyByK,
      );
    assert.deepEqual(ks('A'), ['1']);
    assert.deepEqual(ks('A'.repeat(4)), ['1', '2', '4']);
    assert.deepEqual(ks('A'.repeat(6)), ['1', '2', '4', '6']);
    assert.deepEqual(ks('A'.repeat(32)), ['1', '2', '4', '8', '16', '32']);
  });

  it('leave samples without a verdict out of the vote, and votes of nothing else out of every figure', () => {
    const table = tableFrom({
      x: { gold: 'first', given: 'A--', swapped: '---' },
      y: { gold: null, given: 'AAA' },
    });
    const { voteAccuracy, voteAccuracyByK } = voteMetrics(table);
    // x as given is right wherever a sample speaks; x swapped says nothing, and of y nothing is known.
    assert.deepEqual(brief(voteAccuracy), [1, 1, 2]);
    assert.deepEqual(brief(voteAccuracyByK['1']), [1, 1, 2]);
    assert.deepEqual(brief(voteAccuracyByK['3']), [1, 1, 2]);
  });

  it('have no value for no verdicts', () => {
    const metrics = voteMetrics(new VerdictTable());
    assert.deepEqual(brief(metrics.voteAccuracy), [null, 0, 0]);
    assert.deepEqual(metrics.voteAccuracyByK, {});
    assert.deepEqual(metrics.calibration, { n: 0, brier: null, expectedCalibrationError: null, bins: [] });
    assert.equal(largestVote(new VerdictTable()), 0);
    assert.equal(largestVote(tableFrom({ x: { gold: null, given: 'A', swapped: 'AB-' } })), 3);
  });
});

describe('calibration of vote shares', () => {
  it('holds the share of the winner against 1, and the share of the majority against how often it is right', () => {
    const { calibration } = voteMetrics(
      tableFrom({
        x: { gold: 'first', given: 'AAAB' },
        y: { gold: 'first', swapped: 'AAAB' },
      }),
    );
    // Shares of the winner 3/4 and 1/4: ((1/4)^2 + (3/4)^2) / 2. Both majorities have 3/4, one of them is right: |1/2 - 3/4|.
    assert.equal(calibration.n, 2);
    assert.equal(calibration.brier, 0.3125);
    assert.equal(calibration.expectedCalibrationError, 0.25);
    assert.deepEqual(calibration.bins, [{ n: 2, meanConfidence: 0.75, shareRight: 0.5 }]);
  });

  it('weighs bins by what they hold', () => {
    const { calibration } = voteMetrics(
      tableFrom({
        sure: { gold: 'first', given: 'AAAA', swapped: 'BBBB' },
        unsure: { gold: 'second', given: 'BBA' },
      }),
    );
    // Two at confidence 1, both right; one at 2/3, right: (0 + 0 + 1/3) / 3.
    assert.ok(Math.abs(calibration.expectedCalibrationError! - 1 / 9) < 1e-12);
    assert.deepEqual(
      calibration.bins.map(({ n, shareRight }) => [n, shareRight]),
      [
        [1, 1],
        [2, 1],
      ],
    );
  });

  it('has an even vote in the Brier score, and not in the bins', () => {
    const { calibration } = voteMetrics(tableFrom({ x: { gold: 'first', given: 'ABC-' } }));
    assert.deepEqual(calibration, { n: 1, brier: 0.25, expectedCalibrationError: null, bins: [] });
  });

  it('leaves out items whose gold label is a tie or not known, and votes that name no side', () => {
    const { calibration } = voteMetrics(
      tableFrom({
        x: { gold: 'tie', given: 'AAB' },
        y: { gold: null, given: 'AAB' },
        z: { gold: 'first', given: 'CC-' },
      }),
    );
    assert.equal(calibration.n, 0);
    assert.equal(calibration.brier, null);
  });
});

describe('a vote of k samples with unread ones among them', () => {
  it('weighs a prompt by its chance of a verdict, and leaves the rest unscored', () => {
    // x: 1 right and 31 unread of 32; y: 32 wrong. One sample: 1 right of 1 + 32 read, 31/32 of a prompt unscored.
    const { voteAccuracyByK } = voteMetrics(
      tableFrom({
        x: { gold: 'first', given: `A${'-'.repeat(31)}` },
        y: { gold: 'first', given: 'B'.repeat(32) },
      }),
    );
    const { value, n, unscored } = voteAccuracyByK['1']!;
    assert.ok(Math.abs(value! - 1 / 33) < 1e-12, String(value));
    assert.deepEqual([n, unscored], [1, 1]);
  });
});
