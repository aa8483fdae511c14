import assert from 'node:assert/strict';
import { parseVerdict, type VerdictRule } from '../../lib/src/prompt/index.js';
import { ENDINGS } from './endings.js';

const read = (rule: VerdictRule, text: string, finishReason = 'stop'): string => {
  const verdict = parseVerdict(rule, { text, finishReason });
  return verdict.kind === 'unparsed' ? verdict.reason : verdict.kind;
};

describe('endings of judgments, by the lenient rule', () => {
  for (const [expected, endings] of Object.entries(ENDINGS)) {
    it(`are ${expected} in ${endings.length} texts`, () => {
      const wrong = endings.filter((text) => read('lenient', text) !== expected);
      assert.deepEqual(
        wrong.map((text) => [text, read('lenient', text)]),
        [],
      );
    });
  }

  it('are no verdict where they were cut at the limit, unless a whole marker stands before', () => {
    for (const text of ENDINGS.A!.filter((each) => !each.includes('[[')))
      assert.equal(read('lenient', text, 'length'), 'truncated', text);
    assert.equal(read('lenient', 'Final verdict: [[A]]\n\nIn det', 'length'), 'A');
  });

  it('take linear time, however hostile', () => {
    for (const part of [
      'response says "',
      '{"',
      '{"verdict": {',
      '[[A',
      'response A is better, ',
      '> verdict: ',
      '【',
      'A>',
    ])
      read('lenient', part.repeat(20_000));
  });
});

describe('JSON in judgments', () => {
  const cases: [text: string, expected: string][] = [
    ['```json\n{"verdict": "A"}\n```\nLet me know if {you} need more.', 'A'],
    ['{"winner": "A"}\n{"winner": "B"}', 'B'],
    ['{"analysis": {"A": "ok", "B": "bad"}, "winner": "A"}', 'A'],
    ['{"winner": "B", "scores": {"A": 1, "B": 2}}', 'B'],
    ['{"verdict": {"winner": "Response 2"}}', 'B'],
    ['{"reason": "A has {x} and \\"}\\"", "verdict": "A"}', 'A'],
    ['{"winner": "neither"} after {"winner": "A and B"}', 'no-marker'],
    ['{"a": {"b": {"c": {"d": {"winner": "A"}}}}}', 'A'],
  ];
  for (const [text, expected] of cases) {
    it(`are ${expected} in ${JSON.stringify(text).slice(0, 60)}`, () => {
      assert.equal(read('json', text), expected);
    });
  }
});
