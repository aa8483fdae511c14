// Graders of the method "reinforcement": string checks and formulas over them, and what is refused.
import assert from 'node:assert/strict';
import { verdictGrader } from '../../../lib/src/finetune/verdict-grader.js';
import { fieldsOf, graderSchema, gradeText } from '../../../lib/src/micro/server/grader.js';
import { calculate, namesIn } from '../../../lib/src/micro/server/grader-formula.js';
import { parseVerdict, type VerdictRule } from '../../../lib/src/prompt/verdict-rules.js';

const check = (operation: string, reference = '{{item.word}}') => ({
  type: 'string_check',
  name: 'check',
  input: '{{ sample.output_text }}',
  reference,
  operation,
});

describe('a string check', () => {
  for (const [operation, output, reward] of [
    ['eq', 'Four', 1],
    ['eq', 'four', 0],
    ['ne', 'four', 1],
    ['like', 'it is Four.', 1],
    ['like', 'it is four.', 0],
    ['ilike', 'it is FOUR.', 1],
  ] as const)
    it(`of ${operation} gives ${reward} to "${output}" where "Four" is asked for`, () => {
      assert.equal(gradeText(graderSchema.parse(check(operation)), { word: 'Four' }, output), reward);
    });

  it('fills templates once, so that no completion can name a field', () => {
    const grader = graderSchema.parse(check('eq'));
    assert.equal(gradeText(grader, { word: 'secret' }, '{{item.word}}'), 0);
    assert.deepEqual(fieldsOf(grader), ['word']);
  });
});

describe('a formula over graders', () => {
  it('is calculated with the usual precedence', () => {
    const scores = new Map([
      ['a', 2],
      ['b', 3],
    ]);
    for (const [formula, value] of [
      ['a + b * 2', 8],
      ['(a + b) * 2', 10],
      ['b - a - 1', 0],
      ['-a / 4', -0.5],
      ['max(a, b, 1) - min(0.5, a)', 2.5],
    ] as const) {
      assert.equal(calculate(formula, scores), value, formula);
      assert.equal(namesIn(formula).problem, null);
    }
  });

  for (const [formula, says] of [
    ['a +', /expected a number or a name, received its end/],
    ['a b', /expected its end, received b/],
    ['exec(a)', /expected min or max, received the function exec/],
    ['a; b', /received ; b/],
    ['('.repeat(1000), /at most 50 parentheses/],
    ['c', /names of its graders, a; received c/],
  ] as const)
    it(`is refused as ${formula.slice(0, 10)}`, () => {
      const multi = { type: 'multi', name: 'm', graders: { a: check('eq') }, calculate_output: formula };
      assert.throws(() => graderSchema.parse(multi), says);
    });

  it('is refused over graders that run code, and with templates that do not exist', () => {
    for (const [grader, says] of [
      [{ type: 'python', name: 'p', source: 'x' }, /"string_check", or \\"multi\\"|string_check/],
      [check('eq', '{{item.a.b}}'), /expected \{\{sample\.output_text\}\} or \{\{item\.<field>\}\}/],
    ] as const)
      assert.throws(() => graderSchema.parse(grader), says);
  });
});

describe('the grader of verdicts', () => {
  const grader = graderSchema.parse(verdictGrader());
  const endings = [
    '[[A]]',
    'B is worse. [[A]]',
    '[[B]]',
    '[[C]]',
    'not [[B]], but [[A]]',
    '[[A]] or [[C]]',
    'My final verdict is A',
    '',
    '[[A]] [[A]]',
    '[[a]]',
  ];
  const rewards = (rule: VerdictRule): number[] =>
    endings.map((text) => Number(parseVerdict(rule, { text, finishReason: 'stop' }).kind === 'A'));
  const found = endings.map((text) => gradeText(grader, { winner: 'A', loser: 'B' }, text));

  it('agrees with the rule "strict" on every ending', () => {
    assert.deepEqual(found, rewards('strict'));
  });

  it('differs from more generous rules only where there are several kinds of marker, or none', () => {
    for (const rule of ['last-marker', 'lenient', 'rewardbench', 'mt-bench'] as const) {
      const generous = rewards(rule);
      for (const [i, text] of endings.entries())
        if (found[i] !== generous[i])
          assert.notEqual(
            new Set([...text.matchAll(/\[\[[ABC]\]\]/g)].map(([marker]) => marker)).size,
            1,
            rule,
          );
    }
  });
});
