// What people say of a run, and for which judge it counts.
import assert from 'node:assert/strict';
import { assessJudge } from '../../lib/src/assess/index.js';
import { reviewResult } from '../../lib/src/review/index.js';
import type { ReviewItem, ReviewResult } from '../../lib/src/schema/review.js';
import { checkIn, estimate, figures, ground } from './grounds.js';

const seed = figures(0, 60);

describe('the check of people', () => {
  /** Of 40 items, the first `nFor` answers name the known winner. */
  const said = (nFor: number, share?: number, iteration = 1): ReviewResult => {
    const items = Array.from({ length: 40 }, (_, i): ReviewItem => ({
      itemId: String(i),
      iteration,
      stage: 'generate',
      stratum: 'math',
      instruction: 'q',
      responses: ['x', 'y'],
      hidden: { better: 'A' },
    }));
    const [first, ...others] = items;
    assert.ok(first);
    const answers = items.map(({ itemId }, i) => ({
      itemId,
      reviewer: 'ann',
      answer: i < nFor ? ('A' as const) : ('B' as const),
    }));
    return reviewResult([first, ...others], answers, share === undefined ? {} : { need: { share } });
  };
  const checkOf = (id: string, reviews: ReviewResult[]) =>
    checkIn(id, ground([seed, figures(1, 20)], { reviews }));
  const check = (...reviews: ReviewResult[]) => checkOf('people: generate', reviews);
  const approvedIn = (low: number, high: number): ReviewResult => {
    const value = (low + high) / 2;
    return { ...said(20), approval: { ...estimate(value), low, high } };
  };

  it('goes by what is needed, or by more than half', () => {
    assert.deepEqual(
      [said(40, 0.55), said(2, 0.55), said(24, 0.55), said(40), said(2), said(20)].map(
        (result) => check(result)?.level,
      ),
      ['green', 'red', 'unknown', 'green', 'red', 'amber'],
    );
    assert.match(check(said(40, 0.55))?.found ?? '', /of 40 answers of 1 reviewer .*; needed: 55\.0%, met$/);
    assert.match(check(said(24, 0.55))?.found ?? '', /still open; about \d+ more items would tell$/);
  });

  it('is amber where the interval shows that opinions are divided, and not known from too few answers', () => {
    // Two answers, one of each kind: Wilson's interval is from 9.5 to 90.5%.
    const few = check(approvedIn(0.0945, 0.9055));
    assert.equal(few?.level, 'unknown');
    assert.match(few.found, /^too few answers to tell: 50\.0 \[9\.[45], 90\.[56]\] % of/);
    assert.match(few.remedy ?? '', /^ask for more answers/);
    const levels = [approvedIn(0.25, 0.75), approvedIn(0.24, 0.6), approvedIn(0.4, 0.76)].map(
      (result) => check(result)?.level,
    );
    assert.deepEqual(levels, ['amber', 'unknown', 'unknown']);
  });

  it('is of the assessed iteration alone', () => {
    for (const reviews of [
      [said(40), said(2, undefined, 5)],
      [said(2, undefined, 5), said(40), said(2, undefined, 0)],
    ])
      assert.equal(check(...reviews)?.level, 'green');
    const other = check(said(2, undefined, 5), said(2, undefined, 2));
    assert.deepEqual(
      [other?.level, other?.found, other?.remedy],
      [
        'unknown',
        'people have answered about iteration 5, not about iteration 1',
        'ask about it: autodidact review <run> --stage generate --iteration 1',
      ],
    );
    // The seed model is made of no pairs.
    const ofSeed = assessJudge(ground([seed], { reviews: [said(2)] })).checks;
    assert.equal(ofSeed.find(({ id }) => id === 'people: generate')?.remedy, null);
  });

  it('is not known before anybody has answered', () => {
    const unanswered = { ...said(40, 0.5), nAnswered: 0 };
    const nobody = checkOf('people', [unanswered]);
    assert.deepEqual([nobody?.level, nobody?.found], ['unknown', 'nobody has answered yet']);
  });

  it('is amber where people approve, but the judge may not stand in for them', () => {
    const altTest = { epsilon: 0.2, advantageProbability: 0.7, annotators: [], leftOut: [] };
    const levels = [0, 0.5].map(
      (winningRate) => check({ ...said(40), altTest: { ...altTest, winningRate } })?.level,
    );
    assert.deepEqual(levels, ['amber', 'green']);
  });
});
