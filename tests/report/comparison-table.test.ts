import assert from 'node:assert/strict';
import {
  comparisonSentence,
  comparisonSentences,
  comparisonTable,
  toMarkdown,
  toText,
} from '../../lib/src/report/index.js';
import type { ComparisonReport, Estimate, JudgeComparison } from '../../lib/src/schema/index.js';

const share = (value: number | null): Estimate => ({
  value,
  n: 600,
  unscored: 0,
  low: value,
  high: value,
  method: '',
});

const COMPARISON: JudgeComparison = {
  judge: 'judge-b',
  baseline: 'judge-a',
  subset: null,
  finding: 'better',
  difference: 0.032,
  n: 600,
  unscored: 0,
  low: 0.01,
  high: 0.055,
  pValue: 0.004,
  pHolm: 0.012,
  mcNemarMidP: null,
  minimumDetectable: 0.023,
  method: 'a method',
  judgeAccuracy: share(0.832),
  baselineAccuracy: share(0.8),
  unscoredReasons: { oneJudgeOnly: 0, noGold: 0, noCommonOrder: 0, noVerdict: 0 },
};
const NOISE: JudgeComparison = {
  ...COMPARISON,
  finding: 'within-noise',
  difference: 0.004,
  low: -0.012,
  high: 0.02,
  pValue: 0.62,
  pHolm: 0.62,
};
const NOTHING: JudgeComparison = {
  ...COMPARISON,
  finding: 'not-compared',
  difference: null,
  low: null,
  high: null,
  n: 0,
  pValue: null,
  pHolm: null,
  minimumDetectable: null,
  judgeAccuracy: share(null),
  baselineAccuracy: share(null),
};

const report = (parts: Partial<ComparisonReport>): ComparisonReport => ({
  judges: [],
  baseline: 'judge-a',
  allPairs: false,
  seed: 1,
  nResamples: 1000,
  overall: [COMPARISON],
  bySubset: [],
  ...parts,
});

describe('a comparison in words', () => {
  it('says which judge is better or worse, by how much and how surely', () => {
    assert.equal(
      comparisonSentence(COMPARISON, 3),
      'judge-b is better than judge-a: +3.2 points [+1.0, +5.5], p = 0.012 (Holm over 3)',
    );
    const worse = { difference: -0.032, low: -0.055, high: -0.01, pHolm: 0.0001 };
    assert.equal(
      comparisonSentence({ ...COMPARISON, ...worse, finding: 'worse', subset: 'math' }, 1),
      'judge-b is worse than judge-a on math: -3.2 points [-5.5, -1.0], p < 0.001',
    );
  });

  it('says of noise what could not have been seen', () => {
    assert.equal(
      comparisonSentence(NOISE, 1),
      'judge-b against judge-a is within noise: +0.4 points [-1.2, +2.0], p = 0.620; with these 600 items, a true difference of 2.3 points is detected in 4 of 5 cases',
    );
    // Two judges that score every item alike: no spread, and so nothing to tell what could have been seen.
    for (const minimumDetectable of [0, 1e-9, null]) {
      assert.doesNotMatch(comparisonSentence({ ...NOISE, minimumDetectable }, 1), /unseen|alike/);
    }
    const same = { difference: 0, low: 0, high: 0, minimumDetectable: 0 };
    assert.match(
      comparisonSentence({ ...NOISE, ...same }, 1),
      /; the two score alike on each of these 600 items$/,
    );
  });

  it('says that nothing was scored by both', () => {
    assert.equal(comparisonSentence(NOTHING, 1), 'judge-b against judge-a: no item was scored by both');
  });

  it('shows nothing that a terminal would obey', () => {
    assert.doesNotMatch(comparisonSentence({ ...COMPARISON, judge: 'x\u001b[31m\ny' }, 1), /\p{Cc}/u);
    const table = comparisonTable(report({ overall: [{ ...COMPARISON, baseline: '\u001b]0;x' }] }));
    assert.doesNotMatch(table.rows.flat().join(''), /\p{Cc}/u);
  });

  it('follows a pair with its subsets, the clear ones in full, and with what is not in it', () => {
    const unscoredReasons = { oneJudgeOnly: 1200, noGold: 0, noCommonOrder: 0, noVerdict: 2 };
    const lines = comparisonSentences(
      report({
        judges: [
          { name: 'judge-a', source: 'a', nItems: 600, nDropped: 0 },
          { name: 'judge-b', source: 'b', nItems: 1800, nDropped: 4 },
        ],
        overall: [{ ...COMPARISON, unscored: 1202, unscoredReasons }],
        bySubset: [
          { ...COMPARISON, subset: 'code' },
          { ...NOISE, subset: 'math' },
          { ...NOTHING, subset: 'chat' },
        ],
      }),
    );
    assert.deepEqual(lines.slice(0, 5), [
      'judge-b is better than judge-a: +3.2 points [+1.0, +5.5], p = 0.012',
      '  judge-b is better than judge-a on code: +3.2 points [+1.0, +5.5], p = 0.012 (Holm over 2)',
      '  within noise on math',
      '  no item scored by both on chat',
      'items that judge-b could not judge: 4',
    ]);
    assert.match(
      lines[5] ?? '',
      /a method\. p \(Holm\): corrected for the 1 over all items and, apart from it, for the 2 by subset/,
    );
  });
});

describe('the table of a comparison', () => {
  it('shows difference, both p, what could be detected, both accuracies, n and unscored', () => {
    const { header, rows } = comparisonTable(report({ overall: [COMPARISON] }));
    assert.deepEqual(rows, [
      [
        'judge-b against judge-a',
        '+3.2 [+1.0, +5.5]',
        '0.004',
        '0.012',
        '2.3',
        '83.2 [83.2, 83.2]',
        '80.0 [80.0, 80.0]',
        '600',
        '0',
      ],
    ]);
    assert.equal(header.length, rows[0]?.length);
  });

  it('has a column of McNemar where a comparison has that test', () => {
    const { header, rows } = comparisonTable(
      report({ overall: [{ ...COMPARISON, mcNemarMidP: 0.006 }, NOISE] }),
    );
    assert.equal(header[4], 'McNemar mid-p');
    assert.deepEqual(
      rows.map((row) => row[4]),
      ['0.006', '–'],
    );
  });

  it('lists the subsets below their pair, but not a single one', () => {
    const code = { ...COMPARISON, subset: 'code' };
    const other = { ...COMPARISON, subset: 'math', judge: 'judge-c' };
    const titles = (bySubset: JudgeComparison[]): (string | undefined)[] =>
      comparisonTable(report({ bySubset })).rows.map(([title]) => title);
    assert.deepEqual(titles([code, other]), ['judge-b against judge-a']);
    assert.deepEqual(titles([code, { ...NOISE, subset: 'math' }, other]), [
      'judge-b against judge-a',
      '  code',
      '  math',
    ]);
  });

  it('writes dashes where there is no value', () => {
    const table = comparisonTable(report({ overall: [NOTHING] }));
    assert.deepEqual(table.rows[0]?.slice(1, 7), ['–', '–', '–', '–', '–', '–']);
    assert.doesNotMatch(toText(table) + toMarkdown(table), /NaN|null|undefined/);
  });
});
