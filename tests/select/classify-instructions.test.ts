import assert from 'node:assert/strict';
import { ConfigError, ModelError } from '../../lib/src/core/errors.js';
import { compilePack, loadPack } from '../../lib/src/prompt/index.js';
import { generalPack } from '../../lib/src/prompt/general.js';
import { dropped, kept, type Instruction } from '../../lib/src/schema/index.js';
import { classifyInstructions, classifySchema } from '../../lib/src/select/index.js';
import { collect, NEVER, scriptedModel, type Script } from '../fixtures/scripted-endpoint.js';

const instruction = (text: string, more: Partial<Instruction> = {}): Instruction => ({
  instructionId: `id ${text}`,
  text,
  slice: 'all',
  ...more,
});
const answer = (category: string, complexity = 5): string[] => [
  `category: ${category}\ncomplexity: ${complexity}\nlength: one word`,
];

async function classify(script: Script, config: object = {}, instructions = ['a', 'b', 'c']) {
  const { chatModel, endpoint } = scriptedModel(script);
  const outcomes = await collect(
    classifyInstructions(
      instructions.map((text) => kept(instruction(text))),
      {
        ...classifySchema.parse(config),
        chatModel,
        pack: await loadPack('general'),
        model: 'labeller',
        seed: 1,
        signal: NEVER,
      },
    ),
  );
  return { outcomes, requests: endpoint.requests };
}

describe('classification', () => {
  it('asks once for each instruction, greedily, and labels it by the list of the pack', async () => {
    const { outcomes, requests } = await classify(() => answer('**coding**', 8));
    assert.deepEqual(
      outcomes.map((outcome) => (outcome.kind === 'kept' ? outcome.record.labels : outcome.drop)),
      Array(3).fill({ category: 'Coding', complexity: 8, expectedLength: 'one word' }),
    );
    assert.equal(requests.length, 3);
    assert.deepEqual(requests[0]!.sampling, { temperature: 0, topP: 1, maxTokens: 512 });
    assert.equal(requests[0]!.nSamples, 1);
    assert.match(requests[0]!.messages[0]!.content, /<request>\na\n<\/request>/);
    assert.equal(new Set(requests.map(({ seed }) => seed)).size, 3);
  });

  it('drops what cannot be read, with the reason and what was written', async () => {
    const script: Script = (prompt) => {
      if (prompt.includes('\na\n')) return ['I would rather not say.'];
      return prompt.includes('\nb\n') ? answer('Cooking') : answer('Coding', 11);
    };
    const { outcomes } = await classify(script);
    assert.deepEqual(
      outcomes.map((outcome) => (outcome.kind === 'dropped' ? outcome.drop : null)),
      [
        { subjectId: 'id a', reason: 'label-missing', detail: 'I would rather not say.' },
        { subjectId: 'id b', reason: 'category-unknown', detail: 'Cooking' },
        {
          subjectId: 'id c',
          reason: 'complexity-out-of-range',
          detail: 'category: Coding complexity: 11 length: one word',
        },
      ],
    );
  });

  it('calls an unknown category Other where that is asked for', async () => {
    const { outcomes } = await classify(() => answer('Cooking'), { unknownCategory: 'other' }, ['a']);
    assert.ok(outcomes[0]?.kind === 'kept');
    assert.equal(outcomes[0].record.labels?.category, 'Other');
  });

  it('makes a request that failed for one instruction its drop', async () => {
    const failure = new ModelError({
      subject: 'm',
      expected: 'an answer',
      remedy: '',
      scope: 'request',
      code: 'context-length',
    });
    const { outcomes } = await classify((prompt) => (prompt.includes('\nb\n') ? failure : answer('Coding')));
    assert.deepEqual(
      outcomes.map((outcome) => (outcome.kind === 'kept' ? 'kept' : outcome.drop.reason)),
      ['kept', 'context-length', 'kept'],
    );
  });

  it('lets drops pass in their places, and asks for no instruction that the pool has labelled', async () => {
    const { chatModel, endpoint } = scriptedModel(() => answer('Other'));
    const whole = { category: 'Coding', complexity: 3 };
    const outcomes = await collect(
      classifyInstructions(
        [
          dropped('x:1', 'toxic'),
          kept(instruction('a', { labels: whole })),
          kept(instruction('b', { labels: { category: 'Coding' } })),
        ],
        {
          ...classifySchema.parse({}),
          chatModel,
          pack: await loadPack('general'),
          model: 'm',
          seed: 1,
          signal: NEVER,
        },
      ),
    );
    assert.deepEqual(
      outcomes.map((outcome) =>
        outcome.kind === 'kept' ? outcome.record.labels?.category : outcome.drop.reason,
      ),
      ['toxic', 'Coding', 'Other'],
    );
    assert.equal(endpoint.requests.length, 1);
  });

  it('matches the categories of a pack that has its own', async () => {
    const { chatModel } = scriptedModel(() => answer('cooking'));
    const { selection } = generalPack;
    const pack = compilePack({
      ...generalPack,
      selection: { ...selection!, categories: ['Cooking', 'Sport'] },
    });
    const outcomes = await collect(
      classifyInstructions([kept(instruction('a'))], {
        ...classifySchema.parse({}),
        chatModel,
        pack,
        model: 'm',
        seed: 1,
        signal: NEVER,
      }),
    );
    assert.ok(outcomes[0]?.kind === 'kept');
    assert.equal(outcomes[0].record.labels?.category, 'Cooking');
  });

  it('is refused with a pack that has no selection prompt', async () => {
    const pack = await loadPack('micro');
    const { chatModel } = scriptedModel(() => []);
    const options = { ...classifySchema.parse({}), chatModel, pack, model: 'm', seed: 1, signal: NEVER };
    assert.throws(() => classifyInstructions([], options), ConfigError);
  });
});
