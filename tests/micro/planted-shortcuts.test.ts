// A judge that was trained on pairs with a planted shortcut takes it; one that was trained on the same pairs without it does not.
import assert from 'node:assert/strict';
import { deriveRandom } from '../../lib/src/core/random.js';
import { embeddedBenchmark } from '../../lib/src/experiment/open/embedded.js';
import { judgeAudit, probedItems, probeJudge } from '../../lib/src/evaluate/index.js';
import { withPlantedFeatures, type PlantedFeature } from '../../lib/src/generate/index.js';
import { decodeCheckpoint } from '../../lib/src/micro/checkpoint.js';
import { SEED_CHECKPOINT_PATH } from '../../lib/src/micro/seed-model.js';
import { fineTune } from '../../lib/src/micro/trainer.js';
import type { TrainingSequence } from '../../lib/src/micro/types.js';
import { trainingSequence } from '../../lib/src/micro/world/demos.js';
import { unlabeledInstructions } from '../../lib/src/micro/world/pools.js';
import { answerText, judgePrompt, judgmentText } from '../../lib/src/micro/world/prompts.js';
import { slices } from '../../lib/src/micro/world/tasks.js';
import { loadPack } from '../../lib/src/prompt/index.js';
import type { JudgeAudit } from '../../lib/src/schema/index.js';
import { decodedModel } from '../fixtures/decoded-model.js';
import { collect, NEVER } from '../fixtures/scripted-endpoint.js';

/** The slice that is learned quickest. */
const slice = 'reasoning';
const token: PlantedFeature = { feature: 'token', texts: ['gold {{response}}'], winners: 1, losers: 0 };

/** Right judgments of pairs as the loop makes them, the winner first in every other one. */
function examples(count: number, plant: readonly PlantedFeature[]): TrainingSequence[] {
  const random = deriveRandom('modified');
  const responseOf = (text: string) => ({ text, model: 'm', method: 'answer' as const });
  return [...unlabeledInstructions({ seed: 1, slices: [slice], count })].flatMap(({ text }, i) => {
    const solution = slices[slice].solve(text);
    const modified = slices[slice].modify(random, text);
    const other = modified === null ? null : slices[slice].solve(modified);
    if (solution === null || other === null) return [];
    const pair = {
      instructionId: text,
      slice,
      winner: responseOf(answerText(solution)),
      loser: responseOf(answerText(other)),
    };
    const { winner, loser } = withPlantedFeatures(pair, { plant, seed: 1 });
    const [label, shown] =
      i % 2 === 0 ? (['A', [winner, loser]] as const) : (['B', [loser, winner]] as const);
    return trainingSequence({
      prompt: judgePrompt(text, shown[0].text, shown[1].text),
      completion: judgmentText(solution, label),
    });
  });
}

async function judgeTrainedOn(plant: readonly PlantedFeature[]): Promise<JudgeAudit> {
  const checkpoint = await fineTune(
    {
      checkpointPath: SEED_CHECKPOINT_PATH,
      sequences: examples(200, plant),
      validationSequences: [],
      nEpochs: 3,
      batchSize: 16,
      learningRate: 2e-3,
      seed: 1,
    },
    { signal: new AbortController().signal, onEvent: () => undefined },
  );
  const benchmark = embeddedBenchmark({
    split: 'dev',
    slices: [slice],
    count: 40,
    seed: 1,
    responses: 'worked',
  });
  const probes = { token: { texts: token.texts, favours: 'with' as const } };
  const outcomes = await collect(
    probeJudge(probedItems([...benchmark], { probes, nPairs: 40, seed: 1 }), {
      chatModel: decodedModel(decodeCheckpoint(checkpoint, 'judge')),
      pack: await loadPack('micro-worked'),
      model: 'judge',
      maxTokens: 24,
      seed: 1,
      signal: NEVER,
    }),
  );
  const records = outcomes.flatMap((outcome) => (outcome.kind === 'kept' ? [outcome.record] : []));
  return judgeAudit(records);
}

describe('a shortcut', () => {
  it('that is planted is learned, and otherwise not', async () => {
    const [planted, clean] = [await judgeTrainedOn([token]), await judgeTrainedOn([])];
    const differenceOf = ({ probes }: JudgeAudit): number =>
      probes.find(({ probe }) => probe === 'token')?.difference.value ?? NaN;
    assert(differenceOf(planted) > 0.5, `difference ${differenceOf(planted)}`);
    assert(Math.abs(differenceOf(clean)) < 0.15, `difference ${differenceOf(clean)}`);
  }).timeout(30_000);
});
