import assert from 'node:assert/strict';
import { categoryNamed, parseSelection, SELECTION_CATEGORIES } from '../../lib/src/prompt/index.js';

const parse = (text: string, finishReason = 'stop') => parseSelection({ text, finishReason });
const labels = { category: 'Coding', complexity: 7, expectedLength: 'one paragraph' };

describe('selection labels', () => {
  for (const [dress, text] of Object.entries({
    'any order and case': 'Here you are:\n**Complexity:** 7 of 10\n- Length: one paragraph\nCATEGORY: Coding',
    Markdown: '**Category:** Coding\n**Complexity**: 7/10\n**Expected length:** *one paragraph*',
    'bold values': '**Category: Coding**\n**Complexity: 7**\n**Length: one paragraph**',
    'a numbered list': '1. Category: Coding\n2. Complexity: 7\n3. Length: one paragraph',
    bullets: '• category: `Coding`\n• complexity: 7 (hard)\n• answer length: one paragraph.',
    headings: '## Category: Coding\n## Complexity: 7 out of 10\n## Length: "one paragraph"',
    'JSON in a fence': '```json\n{"category": "Coding", "complexity": 7, "length": "one paragraph"}\n```',
    'JSON with texts':
      'My answer: {"Category": "Coding", "Complexity": "7/10", "expected_length": "one paragraph"}',
    'reasoning first':
      'category: could be Other\ncomplexity: 2?\nlength: one word\nNo.\n\ncategory: Coding\ncomplexity: 7\nlength: one paragraph',
  })) {
    it(`are read from ${dress}`, () => assert.deepEqual(parse(text), { ok: true, value: labels }));
  }

  it('are refused with a reason when one is missing or out of range, or the completion was cut', () => {
    const reason = (text: string, finishReason?: string): string => {
      const parsed = parse(text, finishReason);
      return parsed.ok ? 'read' : parsed.reason;
    };
    assert.equal(reason('category: Coding\ncomplexity: 3'), 'label-missing');
    assert.equal(reason('category:\ncomplexity: 3\nlength: x'), 'label-missing');
    assert.equal(reason(''), 'label-missing');
    for (const complexity of ['30', '0', '7.5', '6-7', '16-7', '7/100', 'high', '-'])
      assert.match(
        reason(`category: Coding\ncomplexity: ${complexity}\nlength: x`),
        /out-of-range|missing/,
        complexity,
      );
    assert.equal(reason('category: Coding\ncomplexity: 10\nlength: several pages'), 'read');
    assert.equal(reason('category: Coding\ncomplexity: 7\nlength: one', 'length'), 'truncated');
  });

  it('are read from long texts of marks in little time', () => {
    for (const text of [
      '*'.repeat(20_000),
      '\n'.repeat(20_000),
      '{"'.repeat(10_000),
      'category: '.repeat(2000),
    ]) {
      const start = performance.now();
      parse(text);
      assert.ok(performance.now() - start < 5000, text.slice(0, 4));
    }
  });
});

describe('the category that a text means', () => {
  it('is found in other case, with other words around it, and with other signs in it', () => {
    for (const [written, category] of [
      ['coding', 'Coding'],
      ['Category: Coding', 'Coding'],
      ['Coding (Python)', 'Coding'],
      ['MATHEMATICAL REASONING.', 'Mathematical reasoning'],
      ['Humanity, History & Social Studies', 'Humanity/History/Social Studies'],
      ['knowledge & reasoning', 'Knowledge and Reasoning'],
      ['Humanity / History / Social Studies', 'Humanity/History/Social Studies'],
      ['Inhabiting a character-persona', 'Inhabiting a Character/Persona'],
      ['5. Open Question Answering', 'Open Question Answering'],
      ['Asking for Advice - relationships', 'Asking for Advice'],
    ] as const)
      assert.equal(categoryNamed(written, SELECTION_CATEGORIES), category, written);
  });

  it('is none where a text names none of the list, or several', () => {
    for (const written of ['Cooking', 'Coding or Rewriting', '', 'Codings', 'Question Answering'])
      assert.equal(categoryNamed(written, SELECTION_CATEGORIES), null, written);
  });

  it('is the longer one where one name holds another', () => {
    assert.equal(categoryNamed('it is math proof', ['Math', 'Math proof']), 'Math proof');
  });
});
