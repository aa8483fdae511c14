import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  parsedRatingSchema,
  parseRating,
  parseVerdict,
  ratingRuleSchema,
  verdictProbability,
  verdictRuleSchema,
} from '../../lib/src/prompt/index.js';
import { verdictSchema, type Completion } from '../../lib/src/schema/index.js';

const SEEDED = { seed: 20240805, numRuns: 300 };
/** Rules for the markers in double brackets. */
const MARKER_RULES = ['strict', 'rewardbench', 'mt-bench', 'last-marker', 'lenient'] as const;

/** Any UTF-16 units at all, lone surrogates and NUL included. */
const anyUnits = fc.string({
  unit: fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)),
  maxLength: 60,
});

/** What judgments are made of, and what might upset a reader of them. */
const fragment = fc.constantFrom(
  ...[
    '[[A]]',
    '[[B]]',
    '[[C]]',
    '[[a]]',
    '[A]',
    '[[',
    ']]',
    '[',
    ']',
    'A',
    'B',
    'C',
    'a',
    ' ',
    '\n',
    '\r\n',
    '.',
    ',',
    ':',
    '**',
  ],
  ...[
    'Output (a)',
    'Output (b)',
    ' is better.',
    'Response A',
    'Response B',
    ' is better',
    'Verdict',
    'I prefer ',
    'tie',
    '1',
    '2',
    'Tie',
  ],
  ...[
    '[[7]]',
    '[[7.5]]',
    '[11]',
    '7',
    '-',
    '_',
    '\u202e',
    '\u200f',
    '\u2066',
    '\u2028',
    '\ud83d',
    '\ude00',
    '\0',
    '\ufeff',
    '\\boxed{',
    '<verdict>',
    '<think>',
    '</think>',
    '[[A>>B]]',
    '{"winner":',
    '}',
    '[RESULT]',
  ],
);
const anyText = fc.oneof(
  anyUnits,
  fc.string({ unit: 'grapheme', maxLength: 60 }),
  fc.array(fragment, { maxLength: 30 }).map((parts) => parts.join('')),
);
const anyCompletion = fc.record<Completion>({
  text: anyText,
  finishReason: fc.constantFrom('stop', 'length', ''),
});

describe('every verdict rule', () => {
  it('reads a verdict, or says why there is none, whatever the text', () => {
    fc.assert(
      fc.property(anyCompletion, fc.constantFrom(...verdictRuleSchema.options), (completion, rule) => {
        const verdict = parseVerdict(rule, completion);
        verdictSchema.parse(verdict);
        // What is cut may hold a verdict, but is never said to lack one of its own accord.
        if (completion.finishReason === 'length')
          assert.notDeepEqual(verdict, { kind: 'unparsed', reason: 'no-marker' });
        else if (!completion.text.includes('<think>'))
          assert.notDeepEqual(verdict, { kind: 'unparsed', reason: 'truncated' });
      }),
      { ...SEEDED, numRuns: 2000 },
    );
  });

  it('agrees with the others where exactly one marker stands', () => {
    // A text without brackets on either side, so that neither a second marker nor thinking can arise.
    const plain = anyText.map((text) => text.replace(/[[\]<]/g, ''));
    fc.assert(
      fc.property(plain, fc.constantFrom('A', 'B'), plain, (before, letter, after) => {
        const completion = { text: `${before}[[${letter}]]${after}`, finishReason: 'stop' };
        for (const rule of MARKER_RULES) assert.equal(parseVerdict(rule, completion).kind, letter, rule);
      }),
      SEEDED,
    );
  });

  it('says A by the strict rule exactly where [[A]] stands and neither [[B]] nor [[C]]', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const isA = parseVerdict('strict', { text, finishReason: 'stop' }).kind === 'A';
        assert.equal(isA, text.includes('[[A]]') && !text.includes('[[B]]') && !text.includes('[[C]]'));
      }),
      SEEDED,
    );
  });

  it('finds a verdict by the lenient rule wherever the rule of the last marker does, and the same one', () => {
    fc.assert(
      fc.property(anyCompletion, (completion) => {
        const last = parseVerdict('last-marker', completion);
        if (last.kind !== 'unparsed') assert.deepEqual(parseVerdict('lenient', completion), last);
      }),
      SEEDED,
    );
  });

  it('turns around when all labels do, where one kind of marker stands', () => {
    const swapped = (text: string): string =>
      text.replace(/\[\[([AB])\]\]/g, (_, letter) => (letter === 'A' ? '[[B]]' : '[[A]]'));
    const other = { A: 'B', B: 'A', tie: 'tie', unparsed: 'unparsed' } as const;
    fc.assert(
      fc.property(anyText, fc.constantFrom('strict', 'last-marker'), (text, rule) => {
        const verdict = parseVerdict(rule, { text, finishReason: 'stop' });
        const turned = parseVerdict(rule, { text: swapped(text), finishReason: 'stop' });
        assert.equal(turned.kind, other[verdict.kind]);
      }),
      SEEDED,
    );
  });
});

describe('every rating rule', () => {
  it('reads a rating on its scale, or says why there is none, whatever the text', () => {
    fc.assert(
      fc.property(anyCompletion, fc.constantFrom(...ratingRuleSchema.options), (completion, rule) => {
        const parsed = parsedRatingSchema.parse(parseRating(rule, completion));
        if (!parsed.ok) return;
        if (rule === 'whole-number') assert.ok(Number.isSafeInteger(parsed.value));
        else assert.ok(parsed.value >= 1 && parsed.value <= 10);
      }),
      { ...SEEDED, numRuns: 1000 },
    );
  });

  it('reads back every rating that is written as its prompt asks', () => {
    fc.assert(
      fc.property(fc.integer({ min: 10, max: 100 }), (tenths) => {
        const rating = tenths / 10;
        const completion = { text: `Because. Rating: [[${rating}]]`, finishReason: 'stop' };
        for (const rule of ['mt-bench', 'last-rating'] as const)
          assert.deepEqual(parseRating(rule, completion), { ok: true, value: rating });
      }),
      SEEDED,
    );
  });
});

describe('the probability of a verdict', () => {
  it('is a probability or unknown, however a text is cut into tokens', () => {
    const alternative = fc.record({
      text: fragment,
      logprob: fc.double({ min: -9999, max: 0, noNaN: true }),
    });
    const token = fc.record({
      text: fragment,
      logprob: fc.double({ min: -9999, max: 0, noNaN: true }),
      alternatives: fc.array(alternative, { maxLength: 5 }),
    });
    fc.assert(
      fc.property(fc.array(token, { maxLength: 12 }), (tokens) => {
        const found = verdictProbability(tokens);
        if (found === null) return;
        assert.ok(found.probabilityOfA >= 0 && found.probabilityOfA <= 1);
        assert.ok(found.coveredMass > 0 && found.coveredMass <= 1);
      }),
      { ...SEEDED, numRuns: 1000 },
    );
  });
});

describe('a text that is long or repeats itself', () => {
  const LENGTH = 10_000_000;
  const filledWith = (unit: string): string => unit.repeat(Math.ceil(LENGTH / unit.length));
  // Each of these takes quadratic time, or too deep a stack, when it is read by a careless pattern.
  for (const unit of ['[', ' ', 'Final verdict: ']) {
    it(`is read by every rule where it is ten million characters of ${JSON.stringify(unit)}`, () => {
      const completion = { text: filledWith(unit), finishReason: 'stop' };
      for (const rule of verdictRuleSchema.options) {
        assert.deepEqual(parseVerdict(rule, completion), { kind: 'unparsed', reason: 'no-marker' }, rule);
      }
      for (const rule of ratingRuleSchema.options) {
        assert.deepEqual(parseRating(rule, completion), { ok: false, reason: 'no-rating' }, rule);
      }
    });
  }

  // A pattern that tries ways without number hangs here, and the test runs into its time limit.
  it('is read by the lenient rule whatever is repeated at its end', () => {
    const unit = fc.array(
      fc.oneof(fragment, fc.constantFrom('-', '->', '#', '>', '_', 'is ', 'the ', 'my ', '"', '(')),
      {
        minLength: 1,
        maxLength: 4,
      },
    );
    fc.assert(
      fc.property(fragment, unit, fragment, (before, parts, after) => {
        const repeated = parts.join('').repeat(1000).slice(0, 980);
        const verdict = parseVerdict('lenient', {
          text: `${before}${repeated}${after}`,
          finishReason: 'stop',
        });
        verdictSchema.parse(verdict);
      }),
      SEEDED,
    );
    for (const start of ['-', '->', '>', '#', '# -']) {
      const { kind } = parseVerdict('lenient', { text: start.repeat(200), finishReason: 'stop' });
      assert.equal(kind, 'unparsed');
    }
  });

  it('is read to its end', () => {
    const completion = { text: `${filledWith('[[A] ')}[[B]]`, finishReason: 'stop' };
    for (const rule of MARKER_RULES) assert.equal(parseVerdict(rule, completion).kind, 'B', rule);
    const rating = parseRating('mt-bench', { text: `${filledWith('[[7] ')}[[8]]`, finishReason: 'stop' });
    assert.deepEqual(rating, { ok: true, value: 8 });
  });
});
