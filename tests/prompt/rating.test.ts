import assert from 'node:assert/strict';
import { parseRating, RATING_RULES, ratingRuleSchema, type RatingRule } from '../../lib/src/prompt/index.js';

const show = (rule: RatingRule, text: string, finishReason = 'stop'): number | string => {
  const parsed = parseRating(rule, { text, finishReason });
  return parsed.ok ? parsed.value : parsed.reason;
};

describe('the rating rule mt-bench', () => {
  const cases: [string, number | string][] = [
    ['Rating: [[7]]', 7],
    ['Rating: [[8.5]]', 8.5],
    ['Rating: [[9.]]', 9],
    ['first [[3]], then [[9]]', 3],
    // Double brackets go before single ones, wherever they stand.
    ['see [2]. Rating: [[6]]', 6],
    ['Rating: [6]', 6],
    ['Rating: [4.5] or [5]', 4.5],
    ['[[1]]', 1],
    ['[[10]]', 10],
    ['[[[5]]]', 5],
    ['[[0]]', 'out-of-range'],
    ['[[10.5]]', 'out-of-range'],
    ['[[11]]', 'out-of-range'],
    // The first one counts: a later one in range does not make up for it.
    ['[[11]] [[5]]', 'out-of-range'],
    ['Rating: 7', 'no-rating'],
    ['[[-5]]', 'no-rating'],
    ['[[ 5 ]]', 'no-rating'],
    ['[[.5]]', 'no-rating'],
    ['[[5/10]]', 'no-rating'],
    ['[[5,6]]', 'no-rating'],
    ['[[٧]]', 'no-rating'],
    ['[[rating]]', 'no-rating'],
    ['', 'no-rating'],
  ];
  for (const [text, expected] of cases) {
    it(`reads ${JSON.stringify(text)} as ${expected}`, () => {
      assert.equal(show('mt-bench', text), expected);
    });
  }

  it('tells a judgment that was cut before its rating from one that has none', () => {
    assert.equal(show('mt-bench', 'The response is', 'length'), 'truncated');
    assert.equal(show('mt-bench', '[[7]] The response is', 'length'), 7);
  });
});

describe('the rating rule last-rating', () => {
  it('takes the last number in double brackets, after the thinking', () => {
    assert.equal(show('last-rating', 'A [[10]] would have said why: [[6]]'), 6);
    assert.equal(show('last-rating', '<think>[[9]]</think> [[3.5]] of [4]'), 3.5);
    assert.equal(show('last-rating', 'x [[9]]</think> no grade'), 'no-rating');
    assert.equal(show('last-rating', '<think>[[9]]'), 'truncated');
    assert.equal(show('mt-bench', '<think>[[9]]</think> [[3]]'), 3);
    assert.equal(show('last-rating', '[[7]] or [[11]]'), 'out-of-range');
    assert.equal(show('last-rating', '[7]'), 'no-rating');
  });
});

describe('the rating rule whole-number', () => {
  // As Python 3.11 has it: int(text), or ValueError for no-rating.
  const cases: [string, number | string][] = [
    ['9', 9],
    ['0', 0],
    ['-3', -3],
    ['+4', 4],
    ['-0', 0],
    [' 7\n', 7],
    ['\u00a08\u0085', 8],
    ['8\u001f', 'no-rating'],
    ['007', 7],
    ['1_0', 10],
    ['1_000_000', 1_000_000],
    ['1__0', 'no-rating'],
    ['_1', 'no-rating'],
    ['1_', 'no-rating'],
    ['+ 4', 'no-rating'],
    ['--4', 'no-rating'],
    ['7.0', 'no-rating'],
    ['7/10', 'no-rating'],
    ['1e3', 'no-rating'],
    ['0x10', 'no-rating'],
    ['\ufeff7', 'no-rating'],
    ['Rating: 7', 'no-rating'],
    ['', 'no-rating'],
    ['9'.repeat(4301), 'no-rating'],
    // Python holds it, a double does not.
    ['9'.repeat(400), 'out-of-range'],
  ];
  for (const [text, expected] of cases) {
    it(`reads ${JSON.stringify(text).slice(0, 30)} (${text.length} characters) as ${expected}`, () => {
      assert.equal(show('whole-number', text), expected);
    });
  }
});

describe('the table of rating rules', () => {
  it('says of every rule what it does and whose it is', () => {
    assert.deepEqual(Object.keys(RATING_RULES).sort(), [...ratingRuleSchema.options].sort());
    for (const { description, source } of Object.values(RATING_RULES)) {
      assert.match(description, /\.$/);
      assert.ok(source.length > 10);
    }
  });
});
