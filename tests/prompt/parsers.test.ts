import assert from 'node:assert/strict';
import { parseSelection, parseText, parseVerdict, type VerdictRule } from '../../lib/src/prompt/index.js';
import type { Completion, Verdict } from '../../lib/src/schema/index.js';

const stopped = (text: string): Completion => ({ text, finishReason: 'stop' });
const cut = (text: string): Completion => ({ text, finishReason: 'length' });
const show = (verdict: Verdict): string => (verdict.kind === 'unparsed' ? verdict.reason : verdict.kind);

describe('verdict rules', () => {
  const cases: [string, Completion, Record<VerdictRule, string>][] = [
    ['one marker', stopped('A is right. [[A]]'), { strict: 'A', 'first-marker': 'A', 'last-marker': 'A' }],
    ['the other marker', stopped('[[B]]'), { strict: 'B', 'first-marker': 'B', 'last-marker': 'B' }],
    ['a tie', stopped('[[C]]'), { strict: 'tie', 'first-marker': 'tie', 'last-marker': 'tie' }],
    [
      'the same marker twice',
      stopped('[[B]] so [[B]]'),
      { strict: 'B', 'first-marker': 'B', 'last-marker': 'B' },
    ],
    [
      'both markers',
      stopped('not [[B]] but [[A]], no: [[B]]'),
      { strict: 'both-markers', 'first-marker': 'A', 'last-marker': 'B' },
    ],
    [
      'no marker',
      stopped('A'),
      { strict: 'no-marker', 'first-marker': 'no-marker', 'last-marker': 'no-marker' },
    ],
    [
      'nothing',
      stopped(''),
      { strict: 'no-marker', 'first-marker': 'no-marker', 'last-marker': 'no-marker' },
    ],
    [
      'a cut chain',
      cut('let us see'),
      { strict: 'truncated', 'first-marker': 'truncated', 'last-marker': 'truncated' },
    ],
    [
      'a verdict in a cut chain',
      cut('so [[A]]'),
      { strict: 'truncated', 'first-marker': 'A', 'last-marker': 'A' },
    ],
    [
      'single brackets',
      stopped('[A]'),
      { strict: 'no-marker', 'first-marker': 'no-marker', 'last-marker': 'no-marker' },
    ],
    [
      'lower case',
      stopped('[[a]]'),
      { strict: 'no-marker', 'first-marker': 'no-marker', 'last-marker': 'no-marker' },
    ],
  ];
  for (const [what, completion, expected] of cases) {
    for (const [rule, verdict] of Object.entries(expected)) {
      it(`read ${what} as ${verdict} (${rule})`, () => {
        assert.equal(show(parseVerdict(rule as VerdictRule, completion)), verdict);
      });
    }
  }
});

describe('text rules', () => {
  it('read the whole completion, what follows a marker, or what stands in a tag', () => {
    assert.deepEqual(parseText({ rule: 'whole' }, stopped('  a b \n')), { ok: true, value: 'a b' });
    assert.deepEqual(parseText({ rule: 'after-last', marker: '=' }, stopped('9 = 4 1 = 4')), {
      ok: true,
      value: '4',
    });
    assert.deepEqual(parseText({ rule: 'tag', tag: 'x' }, stopped('so <x>1</x> or <x> 2 </x>.')), {
      ok: true,
      value: '2',
    });
  });

  it('say why there is nothing', () => {
    assert.deepEqual(parseText({ rule: 'whole' }, stopped(' ')), { ok: false, reason: 'empty' });
    assert.deepEqual(parseText({ rule: 'whole' }, cut('half')), { ok: false, reason: 'truncated' });
    assert.deepEqual(parseText({ rule: 'after-last', marker: '=' }, stopped('4')), {
      ok: false,
      reason: 'marker-missing',
    });
    assert.deepEqual(parseText({ rule: 'tag', tag: 'x' }, stopped('<x>1')), {
      ok: false,
      reason: 'marker-missing',
    });
  });
});

describe('selection labels', () => {
  it('are read in any order, case and dress', () => {
    const text = 'Here you are:\n**Complexity:** 7 of 10\n- Length: one paragraph\nCATEGORY: Coding';
    assert.deepEqual(parseSelection(stopped(text)), {
      ok: true,
      value: { category: 'Coding', complexity: 7, expectedLength: 'one paragraph' },
    });
  });

  it('are refused when one is missing or out of range', () => {
    assert.equal(parseSelection(stopped('category: Coding\ncomplexity: 3')).ok, false);
    assert.equal(parseSelection(stopped('category: Coding\ncomplexity: 30\nlength: x')).ok, false);
  });
});
