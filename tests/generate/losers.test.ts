import assert from 'node:assert/strict';
import { ConfigError, ModelError } from '../../lib/src/core/errors.js';
import {
  CORRUPTIONS,
  generatePairs,
  generateSchema,
  generatingModels,
  losersPerInstruction,
  losersSchema,
  type GenerateOptions,
} from '../../lib/src/generate/index.js';
import { compilePack, loadPack, type PackDefinition } from '../../lib/src/prompt/index.js';
import { responsePairSchema, type Outcome, type ResponsePair } from '../../lib/src/schema/index.js';
import {
  collect,
  NEVER,
  scriptedModel,
  type Script,
  type ScriptedEndpoint,
} from '../fixtures/scripted-endpoint.js';

const whole = { rule: 'whole' } as const;
const messages = (content: string): { role: 'user'; content: string }[] => [{ role: 'user', content }];
const definition: PackDefinition = {
  name: 'plain',
  answer: { messages: messages('answer {{instruction}}'), parse: whole },
  modifiedInstruction: { messages: messages('modify {{instruction}}'), parse: whole },
  worseAnswer: { messages: messages('spoil {{response}} for {{instruction}}'), parse: whole },
  judge: { messages: messages('{{instruction}} {{responseA}} {{responseB}}'), parse: 'strict' },
};

const refused = new ModelError({
  subject: 'm',
  expected: 'x',
  remedy: 'y',
  scope: 'request',
  code: 'http-400',
});

/** An answer tells its model, its prompt and the sample. */
const script: Script = (prompt, { model, nSamples }) =>
  Array.from({ length: nSamples }, (_, i) => `${model} says ${prompt} ${i}. It is 12.`);

async function generate(
  options: Partial<GenerateOptions>,
  { answers = script, texts = ['x'] }: { answers?: Script; texts?: string[] } = {},
): Promise<{ outcomes: Outcome<ResponsePair>[]; pairs: ResponsePair[]; endpoint: ScriptedEndpoint }> {
  const { chatModel, endpoint } = scriptedModel(answers);
  const sampling = { temperature: 1, topP: 1, maxTokens: 8 };
  const outcomes = await collect(
    generatePairs(
      texts.map((text, i) => ({ instructionId: `i${i}`, text, slice: 'math' })),
      {
        chatModel,
        pack: compilePack(definition),
        model: 'm',
        response: sampling,
        modifiedInstruction: { ...sampling, candidates: 2 },
        seed: 1,
        signal: NEVER,
        ...options,
      },
    ),
  );
  const pairs = outcomes.flatMap((outcome) => (outcome.kind === 'kept' ? [outcome.record] : []));
  return { outcomes, pairs, endpoint };
}

const dropsOf = (outcomes: Outcome<unknown>[]): [string, string][] =>
  outcomes.flatMap((outcome) =>
    outcome.kind === 'dropped' ? [[outcome.drop.subjectId, outcome.drop.reason]] : [],
  );

describe('losers', () => {
  it('are made by every method that is asked for, each in a pair of its own with its lineage', async () => {
    const losers = losersSchema.parse([
      { method: 'modified-instruction', samples: 2 },
      { method: 'worse', samples: 2 },
      { method: 'weaker-model', model: 'small', samples: 2 },
      { method: 'corruption', rules: ['change-number', 'drop-sentence'], samples: 1 },
    ]);
    // Other seeds, other modified instructions.
    const answers: Script = (prompt, request) =>
      prompt.startsWith('modify') ? [`y${request.seed}`, 'z'] : script(prompt, request);
    const { pairs, outcomes } = await generate({ losers }, { answers });
    assert.equal(outcomes.length, losersPerInstruction(losers));
    assert.deepEqual(
      pairs.map(({ loser: { method, model, sampleIndex } }) => [method, model, sampleIndex]),
      [
        ['answer-to-modified-instruction', 'm', 0],
        ['answer-to-modified-instruction', 'm', 0],
        ['worse-answer', 'm', 0],
        ['worse-answer', 'm', 1],
        ['weaker-model-answer', 'small', 0],
        ['weaker-model-answer', 'small', 1],
        ['corruption', 'm', 0],
      ],
    );
    assert.equal(new Set(pairs.map(({ pairId }) => pairId)).size, 7);
    const { version } = compilePack(definition);
    for (const pair of pairs) {
      assert.deepEqual(responsePairSchema.parse(pair), pair);
      assert.deepEqual([pair.winner.promptVersion, pair.loser.promptVersion], [version, version]);
      assert.equal(pair.winner.text, 'm says answer x 0. It is 12.');
    }
    assert.equal(pairs[2]?.loser.text, 'm says spoil m says answer x 0. It is 12. for x 0. It is 12.');
    assert.equal(pairs[4]?.loser.text, 'small says answer x 0. It is 12.');
    assert.notEqual(pairs[0]?.loser.modifiedInstruction, pairs[1]?.loser.modifiedInstruction);
    assert.ok(['change-number', 'drop-sentence'].includes(pairs[6]?.loser.corruption ?? ''));
  });

  it('take the winner from one request, however many they are', async () => {
    const losers = losersSchema.parse([
      { method: 'worse', samples: 3 },
      { method: 'corruption', samples: 2 },
    ]);
    const { endpoint } = await generate({ losers });
    assert.deepEqual(
      endpoint.requests.map(({ nSamples }) => nSamples),
      [1, 3],
    );
  });

  it('come from another model than winners where the settings say so', async () => {
    const losers = losersSchema.parse([{ method: 'modified-instruction' }, { method: 'worse' }]);
    const { pairs, endpoint } = await generate({ losers, winnerModel: 'large', loserModel: 'small' });
    assert.deepEqual(
      pairs.map(({ winner, loser }) => [winner.model, loser.model]),
      [
        ['large', 'small'],
        ['large', 'small'],
      ],
    );
    const modelOf = (start: string): string[] => [
      ...new Set(
        endpoint.requests.filter((r) => r.messages[0]?.content.startsWith(start)).map(({ model }) => model),
      ),
    ];
    assert.deepEqual(
      [modelOf('answer x'), modelOf('modify'), modelOf('spoil')],
      [['large'], ['small'], ['small']],
    );
  });

  it('are sampled as their own settings say, elsewhere as all responses are', async () => {
    const losers = losersSchema.parse([{ method: 'weaker-model', model: 'small', temperature: 0.2 }]);
    const { endpoint } = await generate({ losers });
    assert.deepEqual(
      endpoint.requests.map(({ model, sampling }) => [model, sampling]),
      [
        ['m', { temperature: 1, topP: 1, maxTokens: 8 }],
        ['small', { temperature: 0.2, topP: 1, maxTokens: 8 }],
      ],
    );
  });

  it('cost only themselves when they fail: kept and dropped are instructions times losers', async () => {
    const losers = losersSchema.parse([
      { method: 'modified-instruction' },
      { method: 'worse', samples: 2 },
      { method: 'corruption', rules: ['change-digit'] },
    ]);
    const answers: Script = (prompt, request) =>
      prompt.startsWith('spoil') ? refused : prompt === 'answer bad' ? refused : script(prompt, request);
    const { outcomes, pairs } = await generate({ losers }, { answers, texts: ['x', 'bad'] });
    assert.equal(outcomes.length, 8);
    assert.deepEqual(
      pairs.map(({ loser }) => loser.method),
      ['answer-to-modified-instruction', 'corruption'],
    );
    assert.deepEqual(dropsOf(outcomes), [
      ['i0/worse-1', 'http-400'],
      ['i0/worse-2', 'http-400'],
      ['i1/modified-instruction-1', 'http-400'],
      ['i1/worse-1', 'http-400'],
      ['i1/worse-2', 'http-400'],
      ['i1/corruption-1', 'http-400'],
    ]);
  });

  it('that come out alike make one pair; the others are counted', async () => {
    const losers = losersSchema.parse([
      { method: 'weaker-model', model: 'a', samples: 2 },
      { method: 'weaker-model', model: 'b' },
    ]);
    const answers: Script = (_, { model, nSamples }) =>
      Array<string>(nSamples).fill(model === 'm' ? 'right' : 'wrong');
    const { outcomes } = await generate({ losers }, { answers });
    assert.deepEqual(dropsOf(outcomes), [
      ['i0/weaker-model-2', 'repeated-loser'],
      ['i0/weaker-model-3', 'repeated-loser'],
    ]);
  });

  it('by corruption are dropped where no rule finds anything to damage', async () => {
    const losers = losersSchema.parse([{ method: 'corruption', rules: ['change-digit'] }]);
    const { outcomes } = await generate({ losers }, { answers: () => ['no digits'] });
    assert.deepEqual(dropsOf(outcomes), [['i0', 'corruption-not-applicable']]);
  });

  it('nearly the same as the winner are dropped where that is asked for, but not corruptions', async () => {
    const losers = losersSchema.parse([
      { method: 'weaker-model', model: 'small' },
      { method: 'corruption', rules: ['change-digit'] },
    ]);
    const text = 'a b c d e f g h i j k l m n o p q r s';
    const answers: Script = (_, { model }) => [`${text} ${model === 'm' ? '1' : 'one'}`];
    const nearIdentical = { measure: 'edit', threshold: 0.95 } as const;
    const { outcomes, pairs } = await generate({ losers, nearIdentical }, { answers });
    assert.deepEqual(dropsOf(outcomes), [['i0/weaker-model-1', 'near-identical-responses']]);
    assert.deepEqual(
      pairs.map(({ loser }) => loser.method),
      ['corruption'],
    );
    assert.equal((await generate({ losers }, { answers })).pairs.length, 2);
  });

  it('and winners that refuse are dropped where that is asked for, before more is paid for', async () => {
    const losers = losersSchema.parse([{ method: 'worse' }]);
    const answers: Script = (prompt) => [
      prompt === 'answer bad' || prompt.startsWith('spoil')
        ? "I'm sorry, but I can't help with that."
        : 'fine',
    ];
    const reasons = async (drop: 'both' | 'winner' | 'loser'): Promise<string[]> => {
      const { outcomes } = await generate(
        { losers, refusals: { drop, openings: [] } },
        { answers, texts: ['x', 'bad'] },
      );
      return dropsOf(outcomes).map(([, reason]) => reason);
    };
    assert.deepEqual(await reasons('both'), ['loser-refusal', 'winner-refusal']);
    assert.deepEqual(await reasons('winner'), ['winner-refusal']);
    // Both responses to the other one are the same refusal.
    assert.deepEqual(await reasons('loser'), ['loser-refusal', 'identical-responses']);
    const { endpoint } = await generate(
      { losers, refusals: { drop: 'both', openings: [] } },
      { answers, texts: ['bad'] },
    );
    assert.equal(endpoint.requests.length, 1);
  });

  it('made worse need a prompt for it: asking the embedded model is a clear error, before anything is asked', async () => {
    const losers = losersSchema.parse([{ method: 'worse' }]);
    const pack = await loadPack('micro');
    await assert.rejects(generate({ losers, pack }), (error: unknown) => {
      assert.ok(error instanceof ConfigError);
      assert.match(error.message, /generate\.losers.*the pack micro has no prompt worseAnswer/);
      return true;
    });
  });
});

describe('the settings of pair generation', () => {
  it('are, where nothing is said, what they were before there were several losers', () => {
    assert.deepEqual(generateSchema.parse({}), {
      response: { temperature: 0.7, topP: 0.9, maxTokens: 2048 },
      modifiedInstruction: { temperature: 1, topP: 1, maxTokens: 2048, candidates: 4 },
    });
    assert.equal(losersPerInstruction(), 1);
  });

  it('name every model that is asked', () => {
    const config = generateSchema.parse({
      winnerModel: 'large',
      losers: [
        { method: 'worse' },
        { method: 'weaker-model', model: 'small' },
        { method: 'weaker-model', model: 'tiny' },
      ],
    });
    assert.deepEqual(generatingModels(config, 'seed'), ['large', 'seed', 'small', 'tiny']);
    assert.deepEqual(generatingModels(generateSchema.parse({}), 'seed'), ['seed']);
    const corrupting = generateSchema.parse({ model: 'm', losers: [{ method: 'corruption' }] });
    assert.deepEqual(generatingModels(corrupting, 'seed'), ['m']);
  });

  it('take all corruptions where none is named', () => {
    const [spec] = losersSchema.parse([{ method: 'corruption' }]);
    assert.deepEqual(spec, { method: 'corruption', rules: Object.keys(CORRUPTIONS), samples: 1 });
  });

  const wrong: [string, unknown][] = [
    ['no loser at all', { losers: [] }],
    ['a method that does not exist', { losers: [{ method: 'worst' }] }],
    ['a weaker model without its name', { losers: [{ method: 'weaker-model' }] }],
    ['a corruption that does not exist', { losers: [{ method: 'corruption', rules: ['scramble'] }] }],
    ['a corruption twice', { losers: [{ method: 'corruption', rules: ['negate', 'negate'] }] }],
    [
      'modified instructions in two places',
      { losers: [{ method: 'modified-instruction' }, { method: 'modified-instruction' }] },
    ],
    ['no samples', { losers: [{ method: 'worse', samples: 0 }] }],
    ['a threshold above 1', { nearIdentical: { threshold: 1.1 } }],
    ['an unknown key', { loosers: [] }],
  ];
  for (const [what, section] of wrong) {
    it(`are refused with ${what}`, () => {
      assert.equal(generateSchema.safeParse(section).success, false);
    });
  }
});
