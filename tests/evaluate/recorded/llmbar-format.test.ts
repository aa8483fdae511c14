import assert from 'node:assert/strict';
import { formatOfRow, judgmentsOf, refusalOf } from './reading.js';

const A = 'Output (a)';
const B = 'Output (b)';

/** A comparison: what was said in each order, and which output, as the set lists them, was recorded as the winner. */
function compared(
  texts: [string, string],
  winners: [string | null, string | null],
): Record<string, Record<string, unknown>> {
  return {
    'swap = False': { completion: [texts[0], 'stop'], winner: winners[0] },
    'swap = True': { completion: [texts[1], 'stop'], winner: winners[1] },
  };
}

/** Two outputs graded one by one. */
function graded(texts: [string, string], winners: [string, string]): Record<string, unknown> {
  return {
    score_1: [texts[0], 'stop'],
    score_2: [texts[1], 'stop'],
    'swap = False': { winner: winners[0] },
    'swap = True': { winner: winners[1] },
  };
}

const row = { label: 2, results: [compared([B, A], ['2', '2'])] };
const transcript = { ...row, set: 'Some/Set', strategy: 'Vanilla', i: 4 };
const file = 'downloads/transcripts_GPT-9.jsonl.gz';

describe('recorded judgments of LLMBar', () => {
  it('are read in both orders, with the recorded winners turned into what was shown', () => {
    assert.equal(formatOfRow(transcript), 'llmbar');
    const judgments = judgmentsOf('llmbar', transcript, { file });
    const common = {
      kind: 'judgment',
      judge: 'GPT-9/Vanilla',
      subset: 'Some/Set',
      item: { itemId: 'Some/Set/4', gold: 'second' },
      rule: 'llmbar-label',
    };
    assert.deepEqual(judgments, [
      { ...common, shown: 'given', text: 'Output (b)', verdict: { kind: 'B' }, recorded: 'B' },
      // Swapped, the second output is (a).
      { ...common, shown: 'swapped', text: 'Output (a)', verdict: { kind: 'A' }, recorded: 'A' },
    ]);
  });

  it('take set, judge and strategy from the path of a result, and the number from the place of the row', () => {
    const [judgment] = judgmentsOf('llmbar', row, {
      file: '/x/Dataset/LLMBar/Adversarial/Manual/evaluators/GPT-9/CoT/result.json',
      index: 11,
    });
    assert.deepEqual(
      [judgment?.judge, judgment?.subset, judgment?.item.itemId, judgment?.rule],
      ['GPT-9/CoT', 'LLMBar/Adversarial/Manual', 'LLMBar/Adversarial/Manual/11', 'llmbar-sentence'],
    );
    const [elsewhere] = judgmentsOf('llmbar', row, { file: 'my-results.json', index: 2 });
    assert.deepEqual([elsewhere?.judge, elsewhere?.item.itemId], ['my-results/unknown', 'all/2']);
    assert.equal(judgmentsOf('llmbar', transcript, { file, judge: 'me' })[0]?.judge, 'me/Vanilla');
  });

  it('are read by the rule of their strategy', () => {
    const ruleOf = (strategy: string, name = 'transcripts_GPT-9.jsonl'): string | undefined =>
      judgmentsOf('llmbar', { ...transcript, strategy }, { file: name })[0]?.rule;
    assert.equal(ruleOf('CoT'), 'llmbar-sentence');
    assert.equal(ruleOf('CoT', 'transcripts_PaLM2.jsonl'), 'llmbar-label');
    assert.equal(ruleOf('Swap_CoT'), 'llmbar-sentence');
    assert.equal(ruleOf('Swap'), 'llmbar-sentence');
    assert.equal(ruleOf('Metrics_Reference'), 'llmbar-label');
    const [named] = judgmentsOf('llmbar', transcript, { file, rule: 'lenient' });
    assert.equal(named?.rule, 'lenient');
  });

  it('hold the first judgments of a synthesis against what was recorded, without scoring them', () => {
    const sentence = (output: string): string => `Because. ${output} is better.`;
    const judgments = judgmentsOf(
      'llmbar',
      {
        ...transcript,
        strategy: 'Swap',
        results: [compared([sentence(A), sentence(A)], ['1', '2']), compared([B, A], ['2', '2'])],
      },
      { file },
    );
    assert.deepEqual(
      judgments.map(({ shown, rule, verdict, recorded, isIntermediate }) => [
        shown,
        rule,
        verdict.kind,
        recorded,
        isIntermediate,
      ]),
      [
        ['given', 'llmbar-sentence', 'A', 'A', true],
        ['swapped', 'llmbar-sentence', 'A', 'A', true],
        ['given', 'llmbar-label', 'B', 'B', undefined],
        ['swapped', 'llmbar-label', 'A', 'A', undefined],
      ],
    );
  });

  it('pass over generated metrics and references before the comparison', () => {
    const results = [
      { aux: ['1. Is it right?', 'stop'] },
      ['an answer', 'stop'],
      compared([B, B], ['2', '1']),
    ];
    const judgments = judgmentsOf('llmbar', { ...transcript, results }, { file });
    assert.deepEqual(
      judgments.map(({ verdict, recorded, isIntermediate }) => [verdict.kind, recorded, isIntermediate]),
      [
        ['B', 'B', undefined],
        ['B', 'B', undefined],
      ],
    );
  });

  it('have no verdict where the text has none', () => {
    const results = [compared(['neither', A], [null, '2'])];
    const judgments = judgmentsOf('llmbar', { ...transcript, results }, { file });
    assert.deepEqual(
      judgments.map(({ verdict, recorded }) => [verdict.kind, recorded]),
      [
        ['unparsed', 'unparsed'],
        ['A', 'A'],
      ],
    );
  });

  it('are compared grades where outputs were graded one by one', () => {
    const verdicts = (first: string, second: string, winners: [string, string]): unknown[] =>
      judgmentsOf('llmbar', { ...transcript, results: [graded([first, second], winners)] }, { file }).map(
        ({ verdict, recorded, rule, convention }) => {
          assert.equal(rule, 'whole-number');
          assert.deepEqual(convention, { tie: 'B', unparsed: 'A' });
          return [verdict.kind, recorded];
        },
      );
    assert.deepEqual(verdicts('7', '5', ['1', '1']), [
      ['A', 'A'],
      ['B', 'B'],
    ]);
    assert.deepEqual(verdicts(' 3\n', '10', ['2', '2']), [
      ['B', 'B'],
      ['A', 'A'],
    ]);
    // Even grades go to the one shown second: evaluate.py says 2 as given and 1 swapped.
    assert.deepEqual(verdicts('4', '4', ['2', '1']), [
      ['tie', 'B'],
      ['tie', 'B'],
    ]);
    // Where a grade is no whole number, evaluate.py says 1 as given and 2 swapped: the one shown first.
    assert.deepEqual(verdicts('4.5', '4', ['1', '2']), [
      ['unparsed', 'A'],
      ['unparsed', 'A'],
    ]);
  });

  it('know how long the outputs are where the row has them', () => {
    const [judgment] = judgmentsOf('llmbar', { ...transcript, output_1: 'abc', output_2: '' }, { file });
    assert.deepEqual(judgment?.item.responses, [{ nCharacters: 3 }, { nCharacters: 0 }]);
  });

  it('cannot be used where something is missing or of another type', () => {
    const comparison = compared([B, A], ['2', '2']);
    for (const bad of [
      { ...row, label: '1' },
      { ...row, label: 0 },
      { ...row, results: [] },
      { ...row, results: [null] },
      { ...row, results: ['text'] },
      { ...row, results: [comparison, ['an answer', 'stop']] },
      { ...row, results: [{ 'swap = False': comparison['swap = False'] }] },
      { ...row, results: [compared([B, A], ['2', 'tie'])] },
      { ...row, results: [{ ...comparison, 'swap = True': { winner: '1' } }] },
      { ...row, results: [{ ...comparison, 'swap = True': { completion: A, winner: '1' } }] },
      { ...row, results: [{ ...graded(['1', '2'], ['2', '2']), score_2: 2 }] },
      { ...row, i: -1 },
      { ...row, set: 5 },
    ])
      assert.equal(refusalOf('llmbar', bad), 'wrong-shape', JSON.stringify(bad));
  });
});
