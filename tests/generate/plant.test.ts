// Features that are planted on purpose: on how many responses, what becomes of them, and what is recorded.
import assert from 'node:assert/strict';
import {
  generatePairs,
  generateSchema,
  withPlantedFeatures,
  type PlantedFeature,
} from '../../lib/src/generate/index.js';
import { loadPack } from '../../lib/src/prompt/index.js';
import type { Response } from '../../lib/src/schema/index.js';
import { collect, NEVER, scriptedModel } from '../fixtures/scripted-endpoint.js';

const length: PlantedFeature = { feature: 'length', texts: ['{{response}} and more'], winners: 1, losers: 0 };

const responseOf = (text: string): Response => ({ text, model: 'm', method: 'answer' });
const pairOf = (instructionId: string, [winner, loser]: [string, string] = ['W', 'L']) => ({
  instructionId,
  slice: 'math',
  winner: responseOf(winner),
  loser: responseOf(loser),
});

/** The ids of instructions whose winner, or loser, got a feature. */
function plantedOn(role: 'winner' | 'loser', feature: PlantedFeature): Set<string> {
  const ids = Array.from({ length: 2000 }, (_, i) => `i${i}`);
  return new Set(
    ids.filter((id) => withPlantedFeatures(pairOf(id), { plant: [feature], seed: 1 })[role].planted),
  );
}

describe('planted features', () => {
  it('have a name each in a slice', () => {
    const problemsOf = (plant: object[]): string =>
      String(generateSchema.safeParse({ plant }).error?.message);
    assert.match(problemsOf([length, { ...length, winners: 0 }]), /every feature once/);
    assert.doesNotMatch(problemsOf([length, { ...length, feature: 'other' }]), /every feature once/);
    const inSlices = (...slices: string[]) => ({ ...length, slices });
    assert.match(problemsOf([length, inSlices('math')]), /every feature once/);
    assert.match(problemsOf([inSlices('math', 'code'), inSlices('code')]), /every feature once/);
    assert.doesNotMatch(problemsOf([inSlices('math'), inSlices('code')]), /every feature once/);
  });

  it('go to the winner and leave the loser by default, and are recorded by name', () => {
    const { winner, loser } = withPlantedFeatures(pairOf('i'), { plant: [length], seed: 1 });
    assert.deepEqual(winner, { ...responseOf('W and more'), planted: ['length'] });
    assert.deepEqual(loser, responseOf('L'));
  });

  it('go to the shares that are asked for, drawn apart for winners and losers', () => {
    const [winners, losers] = (['winner', 'loser'] as const).map((role) =>
      plantedOn(role, { ...length, winners: 0.6, losers: 0.2 }),
    );
    // Four standard deviations of a share p of n draws: 4 * sqrt(p * (1 - p) / 2000) < 0.05.
    assert(Math.abs(winners!.size / 2000 - 0.6) < 0.05 && Math.abs(losers!.size / 2000 - 0.2) < 0.05);
    const nBoth = [...losers!].filter((id) => winners!.has(id)).length;
    assert(Math.abs(nBoth / 2000 - 0.12) < 0.05, `${nBoth} on both`);
    // A smaller share is a part of a larger one, so that arms differ in nothing else.
    const fewer = plantedOn('winner', { ...length, winners: 0.3 });
    assert([...fewer].every((id) => winners!.has(id)));
  });

  it('follow one another, replace what has no place for a response, and keep to their slices', () => {
    const plant = [
      { feature: 'topic', texts: ['off'], winners: 0, losers: 1, slices: ['math'] },
      { ...length, losers: 1 },
      { feature: 'token', texts: ['gold {{response}}'], winners: 1, losers: 1, slices: ['code'] },
    ];
    const { winner, loser } = withPlantedFeatures(pairOf('i'), { plant, seed: 1 });
    assert.deepEqual([winner.text, loser.text], ['W and more', 'off and more']);
    assert.deepEqual([winner.planted, loser.planted], [['length'], ['topic', 'length']]);
  });

  it('leave texts of models as they are, whatever they hold', () => {
    const hostile = "$& $1 $' {{response}}";
    const { winner } = withPlantedFeatures(pairOf('i', [hostile, 'L']), { plant: [length], seed: 1 });
    assert.equal(winner.text, `${hostile} and more`);
  });
});

describe('pairs with planted features', () => {
  const generate = async (plant: PlantedFeature[] | undefined) => {
    const { chatModel } = scriptedModel((prompt) => [
      prompt.startsWith('modify') ? 'compute y' : `= ${prompt.at(-1)}`,
    ]);
    const sampling = { temperature: 1, topP: 1, maxTokens: 8 };
    return collect(
      generatePairs([{ instructionId: 'i', text: 'compute x', slice: 'math' }], {
        ...{
          chatModel,
          pack: await loadPack('micro'),
          model: 'm',
          response: sampling,
          seed: 1,
          signal: NEVER,
        },
        modifiedInstruction: { ...sampling, candidates: 1 },
        plant,
      }),
    );
  };

  it('show them, under an id of their own', async () => {
    const [[plain], [planted]] = [await generate(undefined), await generate([length])];
    assert(plain?.kind === 'kept' && planted?.kind === 'kept');
    assert.deepEqual([plain.record.winner.text, plain.record.loser.text], ['x', 'y']);
    assert.deepEqual([planted.record.winner.text, planted.record.loser.text], ['x and more', 'y']);
    assert.notEqual(planted.record.pairId, plain.record.pairId);
    assert(!('planted' in plain.record.winner));
  });

  it('are dropped where one text takes the place of both responses', async () => {
    const [outcome] = await generate([{ feature: 'constant', texts: ['same'], winners: 1, losers: 1 }]);
    assert(outcome?.kind === 'dropped' && outcome.drop.reason === 'identical-responses');
  });
});
