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
    ['no marker', stopped('A'), { ...same('no-marker'), lenient: 'A' }],
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
  ['so $\\boxed{\\text{Response B}}$', 'B'],
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
  ['[[A]] was my first thought.\nResponse B is better.', 'A'],
  ['[[A]] was my first thought.\nFinal verdict: B', 'B'],
  // Announced, but not to be read: nothing before it counts.
  ['[[A]] was my first thought.\nFinal verdict: both have merits.', 'no-marker'],
  ['Response A is better in depth, and Response B is better.\nFinal judgment: hard to say', 'no-marker'],
  ['Response A is better.\n**Verdict:** Response D', 'no-marker'],
  ['Final verdict: [[B>>A]]', 'B'],
  ['[[A=B]]', 'tie'],
  ['Final verdict: [[A]]\n\nI hope this helps.', 'A'],
  ['My first impression: [[B]].\n## Verdict\n\n[[A]]', 'A'],
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
  ['so the answer is (A).', 'no-marker'],
  ['Therefore, the final answer is **B**.', 'no-marker'],
  ['Answer: A', 'no-marker'],
  ['the best answer is (C)', 'no-marker'],
  ['So the result is $\\boxed{C}$', 'no-marker'],
  ['Response B is better.\n\nThe answer to the task is \\boxed{A}.', 'B'],
  // Too far from the end, and an end whose beginning is out of sight.
  [`Final verdict: A.\n${'Some more remarks. '.repeat(60)}`, 'no-marker'],
  [`${'x'.repeat(2000)} Response A is better.`, 'no-marker'],
  [`${'x. '.repeat(1000)} Response A is better.`, 'A'],
  [cut('Final verdict: A'), 'truncated'],
]);

describeRule('arena-hard', [
  ['My final verdict is: [[A>>B]]', 'A'],
  ['so [[A>B]], again [[A>B]]', 'A'],
  ['[[A=B]]', 'tie'],
  ['[[B>A]]', 'B'],
  ['[[B>>A]].', 'B'],
  // The grade of the same side is another label, as its source has it.
  ['[[A>B]] or rather [[A>>B]]', 'both-markers'],
  ['[[A>B]] or [[B>A]]', 'both-markers'],
  ['[[A<B]]', 'no-marker'],
  ['[[A]]', 'no-marker'],
  ['A>B', 'no-marker'],
  [cut('since'), 'truncated'],
]);

describeRule('result', [
  ['Feedback: the second is right. [RESULT] B', 'B'],
  ['[RESULT] (Either "A" or "B"): [RESULT] B', 'B'],
  // What runs on after the verdict is another one.
  ['[RESULT] A\n###Feedback: for B. [RESULT] B', 'A'],
  ['[Result] Response A', 'A'],
  ['[result]\nResponse B', 'B'],
  ['[RESULT: a]', 'A'],
  ['So [Response B] it is.', 'B'],
  ['The first is right.\nResult: A', 'A'],
  ['The result: A', 'no-marker'],
  ['[RESULT] **A**', 'no-marker'],
  ['[RESULT] Apart from', 'no-marker'],
  ['[RESULT] 4', 'no-marker'],
  [cut('[RESULT]'), 'truncated'],
]);

describeRule('auto-j', [
  ['So, the final decision is Response 1.', 'A'],
  ['a final decision is tie at first; the final decision is response 2</s>', 'B'],
  ['The final decision is\nTie', 'tie'],
  ['The final decision is Response 1. Or: the final decision is open.', 'no-marker'],
  ['The final decision is Response A', 'no-marker'],
  ['My decision is Response 1', 'no-marker'],
]);

describeRule('two-scores', [
  ['8 9\nThe second one is more precise.', 'B'],
  ['9.5, 9', 'A'],
  ['7\t7 \n', 'tie'],
  ['10 9 8\n', 'no-marker'],
  ['8 out of 10', 'no-marker'],
  ['Scores: 8 9', 'no-marker'],
  ['8\n9', 'no-marker'],
]);

describeRule('number', [
  ['[[2]] because of [[1]]', 'A'],
  ['Both are fine.\n2', 'B'],
  ['Output (1)', 'A'],
  ['**Verdict: Response 2**', 'B'],
  ['The better one:\nTie', 'tie'],
  ['Response 1 has 2 faults.', 'no-marker'],
  ['12', 'no-marker'],
  ['3', 'no-marker'],
]);

describeRule('json', [
  ['{"reason": "right", "verdict": "A"}', 'A'],
  ['```json\n{"winner": "Response B"}\n```', 'B'],
  ['{"better_response": 2}', 'B'],
  ['{"preference": "tie"}', 'tie'],
  ['{"winner": "A"} or {"winner": "model_b"}', 'B'],
  ['{"winner": null}', 'no-marker'],
  ['{"winner": "neither of A and B"}', 'no-marker'],
  ['{"winner": {"name": "A"}}', 'no-marker'],
  ['{"verdict": "A"', 'no-marker'],
  ['A', 'no-marker'],
]);

describe('thinking before a judgment', () => {
  const judged = (text: string): string => show(parseVerdict('strict', stopped(text)));
  const families: [string, string][] = [
    ['<think>', '</think>'],
    ['<thinking>', '</thinking>'],
    ['<thought>', '</thought>'],
    ['<reasoning>', '</reasoning>'],
    ['[THINK]', '[/THINK]'],
    ['<seed:think>', '</seed:think>'],
    ['◁think▷', '◁/think▷'],
    ['<|START_THINKING|>', '<|END_THINKING|>'],
    ['<|begin_of_thought|>', '<|end_of_thought|>'],
    ['<|channel|>analysis<|message|>', '<|end|><|start|>assistant<|channel|>final<|message|>'],
    ['Here is my thought process:', 'Here is my response:'],
  ];
  for (const [open, close] of families) {
    it(`is no verdict in ${open}`, () => {
      assert.equal(judged(`${open}[[A]] at first${close}\nSo [[B]]`), 'B');
      assert.equal(judged(`\n ${open}[[A]] at first, and`), 'truncated');
    });
  }

  it('is no verdict where the chat template has begun it, in several blocks, or in a rule of a publication', () => {
    assert.equal(judged('perhaps [[A]]\n</think>\n\n[[B]]'), 'B');
    assert.equal(judged('<think>[[A]]</think>\n<think>[[A]]</think>[[B]]'), 'B');
    assert.equal(judged('<think></think>[[A]]'), 'A');
    assert.equal(judged('<think>[[A]]</think>'), 'no-marker');
    for (const rule of ['rewardbench', 'mt-bench', 'last-marker', 'lenient'] as const)
      assert.equal(show(parseVerdict(rule, stopped('<think>[[A]]</think>[[B]]'))), 'B');
  });

  it('is not begun by a tag that a judgment mentions', () => {
    assert.equal(judged('Response A begins with <think> and never ends it. [[B]]'), 'B');
    assert.equal(judged('Response A has <think>x</think> in its text. [[B]]'), 'B');
  });
});

describe('the table of verdict rules', () => {
  it('says of every rule what it does and whose it is', () => {
    assert.deepEqual(Object.keys(VERDICT_RULES).sort(), [...verdictRuleSchema.options].sort());
    for (const { description, source } of Object.values(VERDICT_RULES)) {
      assert.match(description, /\.$/);
      assert.ok(source.length > 10);
    }
  });
});
