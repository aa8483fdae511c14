import assert from 'node:assert/strict';
import { longerChosen, modelFamily, ownFamilyChosen } from '../../lib/src/evaluate/biases.js';
import { verdictMetrics } from '../../lib/src/evaluate/index.js';
import { brief, tableFrom, type Judged } from './tables.js';

const LONG = { nCharacters: 900 };
const SHORT = { nCharacters: 30 };

/** Items by how many there are whose longer response is the winner, and the loser; letters for both orders. */
function lengths(
  winnerIsLonger: [string, string][],
  loserIsLonger: [string, string][],
): Record<string, Judged> {
  return Object.fromEntries([
    ...winnerIsLonger.map(([given, swapped], i): [string, Judged] => [
      `winner ${i}`,
      { gold: 'first', responses: [LONG, SHORT], given, swapped },
    ]),
    ...loserIsLonger.map(([given, swapped], i): [string, Judged] => [
      `loser ${i}`,
      { gold: 'first', responses: [SHORT, LONG], given, swapped },
    ]),
  ]);
}

const FIRST: [string, string] = ['A', 'B'];
const SECOND: [string, string] = ['B', 'A'];

describe('the share of longer responses chosen', () => {
  it('is 1 for a judge that always takes the longer one, and 0 for one that never does', () => {
    const longest = tableFrom(lengths([FIRST, FIRST, FIRST], [SECOND, SECOND]));
    assert.deepEqual(brief(longerChosen(longest)), [1, 10, 0]);
    const shortest = tableFrom(lengths([SECOND, SECOND], [FIRST, FIRST]));
    assert.deepEqual(brief(longerChosen(shortest)), [0, 8, 0]);
  });

  it('is a half for a judge that follows quality alone, whatever the mix of lengths', () => {
    for (const nWinners of [1, 2, 9]) {
      const table = tableFrom(lengths(Array<[string, string]>(nWinners).fill(FIRST), [FIRST, FIRST]));
      assert.equal(longerChosen(table)?.value, 0.5);
    }
  });

  it('is a half for a judge that is right three times in four, however long the responses are', () => {
    const table = tableFrom(
      lengths([FIRST, FIRST, FIRST, SECOND], [FIRST, FIRST, FIRST, SECOND, FIRST, FIRST, FIRST, SECOND]),
    );
    assert.deepEqual(brief(longerChosen(table)), [0.5, 24, 0]);
  });

  it('is a half for a judge that always says A', () => {
    assert.equal(longerChosen(tableFrom(lengths([['A', 'A']], [['A', 'A']])))?.value, 0.5);
  });

  it('counts a tie half and leaves out what cannot be read', () => {
    const table = tableFrom(lengths([['A', 'C']], [['-', 'C-']]));
    // Among winners (1 + 1/2) / 2, among losers 1/2 / 1: their mean is 5/8.
    assert.deepEqual(brief(longerChosen(table)), [0.625, 3, 2]);
  });

  it('looks at the label of the longer response where it is listed second and shown first', () => {
    const table = tableFrom({
      x: { gold: 'second', responses: [SHORT, LONG], swapped: 'A' },
      y: { gold: 'second', responses: [LONG, SHORT], swapped: 'A' },
    });
    assert.deepEqual(brief(longerChosen(table)), [0.5, 2, 0]);
  });

  it('has no value where the longer response is always the winner, since quality alone would do the same', () => {
    assert.deepEqual(brief(longerChosen(tableFrom(lengths([FIRST, SECOND], [])))), [null, 4, 0]);
  });

  it('is not there without lengths, with equal ones, or without a gold label that names a side', () => {
    assert.equal(longerChosen(tableFrom({ x: { gold: 'first', given: 'A' } })), undefined);
    const responses = [LONG, LONG] as const;
    assert.equal(longerChosen(tableFrom({ x: { gold: 'first', given: 'A', responses } })), undefined);
    for (const gold of ['tie', null] as const)
      assert.equal(longerChosen(tableFrom({ x: { gold, given: 'A', responses: [LONG, SHORT] } })), undefined);
    const oneLength = tableFrom({ x: { gold: 'first', given: 'A', responses: [LONG, {}] } });
    assert.equal(longerChosen(oneLength), undefined);
    assert.equal(verdictMetrics(oneLength).longerChosen, undefined);
  });
});

describe('the share of responses by the own family chosen', () => {
  const own = { model: 'gpt-4' };
  const other = { model: 'vicuna-13b' };

  it('is 1 for a judge that always takes its own family, and a half for one that follows quality', () => {
    const responses = [own, other] as const;
    const partial = tableFrom({
      x: { gold: 'first', responses, given: 'A', swapped: 'B' },
      y: { gold: 'second', responses, given: 'A', swapped: 'B' },
    });
    assert.deepEqual(brief(ownFamilyChosen(partial, 'gpt-3.5-turbo')), [1, 4, 0]);
    const fair = tableFrom({
      x: { gold: 'first', responses, given: 'A' },
      y: { gold: 'second', responses, given: 'B' },
      z: { gold: 'second', responses, given: 'B' },
    });
    assert.deepEqual(brief(ownFamilyChosen(fair, 'gpt-3.5-turbo')), [0.5, 3, 0]);
    // For a judge of the other family it is the other way round.
    assert.deepEqual(brief(ownFamilyChosen(partial, 'llama-2-70b')), [0, 4, 0]);
  });

  it('is not there where both or neither is of the family, a writer is not known, or the judge is of none', () => {
    const judged = (responses: Judged['responses']): Judged => ({ gold: 'first', given: 'A', responses });
    for (const responses of [
      [own, own],
      [other, other],
      [own, {}],
      [{}, own],
      [{}, {}],
    ] as const)
      assert.equal(ownFamilyChosen(tableFrom({ x: judged(responses) }), 'gpt-4'), undefined);
    assert.equal(ownFamilyChosen(tableFrom({ x: judged([own, other]) }), 'nobody'), undefined);
    assert.equal(
      verdictMetrics(tableFrom({ x: judged([own, other]) }), { judge: 'nobody' }).ownFamilyChosen,
      undefined,
    );
  });

  it('takes a writer of no known family for another one', () => {
    const responses = [own, { model: 'human' }] as const;
    const table = tableFrom({
      x: { gold: 'first', responses, given: 'A' },
      y: { gold: 'second', responses, given: 'A' },
    });
    assert.equal(verdictMetrics(table, { judge: 'gpt-4/CoT' }).ownFamilyChosen?.value, 1);
  });
});

describe('the family of a model', () => {
  it('is told by its name, without regard to case', () => {
    const families = {
      'claude-3-5-sonnet': 'claude',
      'gemini-1.5-pro': 'gemini',
      PaLM2: 'gemini',
      'GPT-4/CoT': 'gpt',
      'text-davinci-003': 'gpt',
      'o3-mini': 'gpt',
      'mixtral-8x22b': 'mistral',
      'Meta-Llama-3-70B-Instruct': 'llama',
      'self-taught-evaluator': 'llama',
      'Qwen2.5-7B': 'qwen',
      'phi-3': 'phi',
      'opt-7b': 'opt',
      'pythia-6.9b': 'pythia',
      'micro-seed': 'micro',
    };
    assert.deepEqual(
      Object.fromEntries(Object.keys(families).map((model) => [model, modelFamily(model)])),
      families,
    );
  });

  it('is what a name with several says first', () => {
    assert.equal(modelFamily('cerebras-gpt-6.7B'), 'cerebras');
    assert.equal(modelFamily('deepseek-r1-distill-llama-70b'), 'deepseek');
    assert.equal(modelFamily('zephyr-7b-gemma'), 'mistral');
  });

  it('is not known where the name tells none', () => {
    for (const model of ['', 'human', 'adopt-me', 'microsoft-x', 'pro1'])
      assert.equal(modelFamily(model), null, model);
  });
});
