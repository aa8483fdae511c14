import assert from 'node:assert/strict';
import {
  parseVerdict,
  VERDICT_RULES,
  verdictRuleSchema,
  type VerdictRule,
} from '../../lib/src/prompt/index.js';
import type { Completion, Verdict } from '../../lib/src/schema/index.js';

const stopped = (text: string): Completion => ({ text, finishReason: 'stop' });
const cut = (text: string): Completion => ({ text, finishReason: 'length' });
const show = (verdict: Verdict): string => (verdict.kind === 'unparsed' ? verdict.reason : verdict.kind);

type MarkerRule = 'strict' | 'rewardbench' | 'mt-bench' | 'last-marker' | 'lenient';

describe('rules for markers', () => {
  const same = (verdict: string): Record<MarkerRule, string> => ({
    strict: verdict,
    rewardbench: verdict,
    'mt-bench': verdict,
    'last-marker': verdict,
    lenient: verdict,
  });
  const cases: [string, Completion, Record<MarkerRule, string>][] = [
    ['one marker', stopped('A is right. [[A]]'), same('A')],
    ['the other marker', stopped('[[B]]'), same('B')],
    ['a tie', stopped('[[C]]'), { ...same('tie'), rewardbench: 'no-marker' }],
    ['the same marker twice', stopped('[[B]] so [[B]]'), same('B')],
    [
      'both markers',
      stopped('not [[B]] but [[A]], no: [[B]]'),
      { strict: 'both-markers', rewardbench: 'A', 'mt-bench': 'A', 'last-marker': 'B', lenient: 'B' },
    ],
    [
      'a tie and a marker',
      stopped('[[C]]? No, [[B]]. Or [[C]]?'),
      { strict: 'both-markers', rewardbench: 'B', 'mt-bench': 'B', 'last-marker': 'tie', lenient: 'tie' },
    ],
    ['a marker in more brackets', stopped('[[[B]]]'), same('B')],
    [
      'markers without a gap',
      stopped('[[A]][[B]]'),
      { strict: 'both-markers', rewardbench: 'A', 'mt-bench': 'A', 'last-marker': 'B', lenient: 'B' },
    ],
    ['no marker', stopped('A'), same('no-marker')],
    ['nothing', stopped(''), same('no-marker')],
    ['an open marker', stopped('[[A] and ]]B[['), same('no-marker')],
    ['a cut chain', cut('let us see'), same('truncated')],
    ['a cut marker', cut('so [[A]'), same('truncated')],
    ['a verdict in a cut chain', cut('so [[A]]'), { ...same('A'), strict: 'truncated' }],
    ['single brackets', stopped('[A]'), { ...same('no-marker'), lenient: 'A' }],
    ['lower case', stopped('[[a]]'), { ...same('no-marker'), lenient: 'A' }],
  ];
  for (const [what, completion, expected] of cases) {
    for (const [rule, verdict] of Object.entries(expected)) {
      it(`read ${what} as ${verdict} (${rule})`, () => {
        assert.equal(show(parseVerdict(rule as MarkerRule, completion)), verdict);
      });
    }
  }
});

/** Checks texts against the verdicts that a rule must read from them. */
function describeRule(rule: VerdictRule, cases: readonly (readonly [string | Completion, string])[]): void {
  describe(`the rule ${rule}`, () => {
    for (const [given, expected] of cases) {
      const completion = typeof given === 'string' ? stopped(given) : given;
      it(`reads ${JSON.stringify(completion.text).slice(0, 80)}, ${completion.finishReason}, as ${expected}`, () => {
        assert.equal(show(parseVerdict(rule, completion)), expected);
      });
    }
  });
}

describeRule('llmbar-sentence', [
  ['Output (a) errs. Therefore, Output (b) is better.', 'B'],
  ['Output (a) is better. Not: Output (b) is better.', 'A'],
  ['Output (b) is better. Not: Output (a) is better.', 'A'],
  // The unescaped full stop of the source: re.search('Output \\(a\\) is better.', ...) wants a character that is no line feed.
  ['Output (a) is better, since it is right', 'A'],
  ['Output (a) is better\r', 'no-marker'],
  ['Output (a) is better\u2028so', 'A'],
  ['Output (a) is better\n', 'no-marker'],
  ['Output (a) is better\nOutput (b) is better.', 'B'],
  ['Output (a) is better ', 'no-marker'],
  ['Output (A) is better.', 'no-marker'],
  ['Output (a)', 'no-marker'],
  [cut('Output (a) is better.'), 'A'],
  [cut('Output (a) is'), 'truncated'],
]);

describeRule('llmbar-label', [
  ['Output (a)', 'A'],
  ['  Output (b)  ', 'B'],
  ['I choose:\nOutput (b)', 'B'],
  ['I choose:\n Output (b)', 'B'],
  ['I choose:\n  Output (b)', 'no-marker'],
  ['I choose Output (b)', 'no-marker'],
  ['Output (b)\nOutput (a)', 'A'],
  ['I choose:\rOutput (b)', 'no-marker'],
  [cut('Output (a'), 'truncated'],
]);

describeRule('pandalm', [
  ['1', 'A'],
  ['2\n\n### Reason: 1 is wrong', 'B'],
  ['Tie', 'tie'],
  ['  tIE\n', 'tie'],
  // Python's str.strip() takes U+001F, which trim() leaves, and leaves U+FEFF, which trim() takes.
  ['\u001f1', 'A'],
  ['\ufeff1', 'no-marker'],
  ['1 is better', 'no-marker'],
  ['2 \nReason', 'no-marker'],
  ['3', 'no-marker'],
  ['garbage\n1', 'no-marker'],
  [cut('Ti'), 'truncated'],
]);

describeRule('lenient', [
  ['Both have merits.\n\n**[B]**', 'B'],
  ['**Final Verdict:** **A**', 'A'],
  ['## Final verdict\n\n**B**', 'B'],
  ['The winner is Response B.', 'B'],
  ['final verdict: a', 'A'],
  ['My choice: B', 'B'],
  ['{"verdict": "A"}', 'A'],
  ['so $\\boxed{\\text{B}}$', 'B'],
  ['<verdict>\nA\n</verdict>', 'A'],
  ['Therefore, Response B is clearly better.', 'B'],
  ['assistant a wins.', 'A'],
  ['Output A is preferred because it is right.', 'A'],
  ['I think A is better.', 'A'],
  ["I'd go with B.", 'B'],
  ['I choose response A over response B.', 'A'],
  ["It's a tie.", 'tie'],
  ['Both responses are equally good.', 'tie'],
  ['Neither is better.', 'tie'],
  ['Neither Response A nor Response B is better.', 'tie'],
  ['Final verdict: C', 'tie'],
  ['Response A is better.\nOn reflection, Response B is better.', 'B'],
  ['Final verdict: A\n\nLet me know if you need more.', 'A'],
  ['While Response A is longer, Response B is better overall.', 'B'],
  ['Response A is better, and yet: Response B is better.', 'both-markers'],
  ['[[A]] was my first thought.\nFinal verdict: B', 'A'],
  // The article.
  ['A better answer would have said why.', 'no-marker'],
  ['Verdict: A better answer would have said why.', 'no-marker'],
  ['I choose a response that works.', 'no-marker'],
  // Denied, conditional, asked, or about one criterion.
  ['Response A is not better.', 'no-marker'],
  ["I don't think that Response A is better.", 'no-marker'],
  ['If you want brevity, Response A is better.', 'no-marker'],
  ['Is Response A better?', 'no-marker'],
  ['Clarity: Response A is better.', 'no-marker'],
  ['In terms of style, Response B is better.', 'no-marker'],
  ['Response A is better for beginners.', 'no-marker'],
  ['Response A is better.\nBut I am not sure that Response A is better.', 'no-marker'],
  ['This is not a tie.', 'no-marker'],
  // The answer to the task that was judged is no verdict.
  ['The correct answer is \\boxed{B}.', 'no-marker'],
  ['The correct answer is B.', 'no-marker'],
  // Too far from the end, and an end whose beginning is out of sight.
  [`Final verdict: A.\n${'Some more remarks. '.repeat(60)}`, 'no-marker'],
  [`${'x'.repeat(2000)} Response A is better.`, 'no-marker'],
  [`${'x. '.repeat(1000)} Response A is better.`, 'A'],
  [cut('Final verdict: A'), 'truncated'],
]);

describe('the table of verdict rules', () => {
  it('says of every rule what it does and whose it is', () => {
    assert.deepEqual(Object.keys(VERDICT_RULES).sort(), [...verdictRuleSchema.options].sort());
    for (const { description, source } of Object.values(VERDICT_RULES)) {
      assert.match(description, /\.$/);
      assert.ok(source.length > 10);
    }
  });
});
