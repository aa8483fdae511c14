import assert from 'node:assert/strict';
import { ModelError } from '../../lib/src/core/errors.js';
import { generatePairs } from '../../lib/src/generate/index.js';
import { loadPack } from '../../lib/src/prompt/index.js';
import type { Outcome, ResponsePair } from '../../lib/src/schema/index.js';
import { collect, NEVER, scriptedModel, type Script } from '../fixtures/scripted-endpoint.js';

async function generate(script: Script, texts = ['compute x']): Promise<Outcome<ResponsePair>[]> {
  const { chatModel } = scriptedModel(script);
  const sampling = { temperature: 1, topP: 1, maxTokens: 8 };
  const instructions = texts.map((text, i) => ({ instructionId: `i${i}`, text, slice: 'math' }));
  return collect(
    generatePairs(instructions, {
      chatModel,
      pack: await loadPack('micro'),
      model: 'm',
      response: sampling,
      modifiedInstruction: { ...sampling, candidates: 3 },
      seed: 1,
      signal: NEVER,
    }),
  );
}

/** Answers from a table; every prompt that is not in it is an error. */
const table =
  (answers: Record<string, string[]>): Script =>
  (prompt) =>
    answers[prompt] ?? new Error(`not in the script: ${prompt}`);

const reasonOf = ([outcome]: Outcome<ResponsePair>[]): string =>
  outcome?.kind === 'dropped' ? outcome.drop.reason : 'kept';

describe('pair generation', () => {
  it('takes the answer as winner and the answer to the modified instruction as loser', async () => {
    const [outcome] = await generate(
      table({
        'answer compute x': ['1 2 = 3'],
        'modify compute x': ['compute x', 'compute y', 'compute z'],
        'answer compute y': ['= 4'],
      }),
    );
    assert.ok(outcome?.kind === 'kept');
    const { winner, loser, slice } = outcome.record;
    assert.deepEqual(winner, { text: '3', model: 'm', method: 'answer' });
    assert.deepEqual(loser, {
      text: '4',
      model: 'm',
      method: 'answer-to-modified-instruction',
      modifiedInstruction: 'compute y',
    });
    assert.equal(slice, 'math');
  });

  const good = {
    'answer compute x': ['= 3'],
    'modify compute x': ['compute y', '', ''],
    'answer compute y': ['= 4'],
  };
  const cases: [string, Record<string, string[]>][] = [
    ['identical-responses', { ...good, 'answer compute y': ['= 3'] }],
    ['winner-marker-missing', { ...good, 'answer compute x': ['3'] }],
    ['loser-marker-missing', { ...good, 'answer compute y': ['4'] }],
    [
      'modified-instruction-unchanged',
      { ...good, 'modify compute x': ['compute x', 'compute x', 'compute x'] },
    ],
    ['modified-instruction-empty', { ...good, 'modify compute x': ['compute x', '', ''] }],
  ];
  for (const [reason, answers] of cases) {
    it(`drops with the reason ${reason}`, async () => {
      assert.equal(reasonOf(await generate(table(answers))), reason);
    });
  }

  it('drops the one instruction that the server refuses and goes on', async () => {
    const refusal = new ModelError({
      subject: 'm',
      expected: 'x',
      remedy: 'y',
      scope: 'request',
      code: 'http-400',
    });
    const outcomes = await generate(
      (prompt) => (prompt.includes('bad') ? refusal : table(good)(prompt, undefined as never)),
      ['bad', 'compute x'],
    );
    assert.deepEqual(
      outcomes.map(({ kind }) => kind),
      ['dropped', 'kept'],
    );
    assert.equal(reasonOf(outcomes), 'http-400');
  });
});
