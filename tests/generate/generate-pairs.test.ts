import assert from 'node:assert/strict';
import { ModelError } from '../../lib/src/core/errors.js';
import { deriveSeed } from '../../lib/src/core/random.js';
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
    const promptVersion = (await loadPack('micro')).version;
    assert.deepEqual(winner, { text: '3', model: 'm', method: 'answer', promptVersion, sampleIndex: 0 });
    assert.deepEqual(loser, {
      text: '4',
      model: 'm',
      method: 'answer-to-modified-instruction',
      modifiedInstruction: 'compute y',
      promptVersion,
      sampleIndex: 0,
    });
    assert.equal(slice, 'math');
  });

  // What is in completion stores was asked for like this: other seeds would ask for all of it once more.
  it('asks for an answer, for candidates and for the answer to one of them, with the seeds that these always had', async () => {
    const { chatModel, endpoint } = scriptedModel(
      table({ 'answer x': ['= 3'], 'modify x': ['y', 'y', 'y'], 'answer y': ['= 4'] }),
    );
    const sampling = { temperature: 1, topP: 1, maxTokens: 8 };
    const pairs = generatePairs([{ instructionId: 'i', text: 'x', slice: 'math' }], {
      chatModel,
      pack: await loadPack('micro'),
      model: 'm',
      response: sampling,
      modifiedInstruction: { ...sampling, candidates: 3 },
      seed: 7,
      signal: NEVER,
    });
    const [outcome] = await collect(pairs);
    assert.ok(outcome?.kind === 'kept');
    assert.deepEqual(
      endpoint.requests.map(({ messages, seed, nSamples, sampling: used }) => [
        messages[0]?.content,
        seed,
        nSamples,
        used,
      ]),
      [
        ['answer x', deriveSeed(7, 'winner', 'x'), 1, sampling],
        ['modify x', deriveSeed(7, 'modified-instruction', 'x'), 3, sampling],
        ['answer y', deriveSeed(7, 'loser', 'y'), 1, sampling],
      ],
    );
    // Of the version before there were other losers.
    assert.equal(outcome.record.pairId, 'pair-ccd53dd793efe228');
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
