// Training on preference pairs: its gradient is right, it learns, it does not depend on the number of threads, it stops.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeCheckpoint, fingerprintOf, writeCheckpoint } from '../../lib/src/micro/checkpoint.js';
import { decodeBatch } from '../../lib/src/micro/decode-batch.js';
import {
  pairSlopes,
  pairWeights,
  preferenceLoss,
  type PairLosses,
} from '../../lib/src/micro/preference-loss.js';
import { preferenceTune } from '../../lib/src/micro/preference-trainer.js';
import { TrainingSession } from '../../lib/src/micro/trainer.js';
import type { FineTuneEvent, PreferencePair } from '../../lib/src/micro/types.js';
import { assertSlope } from './finite-differences.js';
import { oneThread, tinyPairs, tinyShape, tinyWeights } from './tiny-model.js';

describe('the gradient of a preference batch', () => {
  const model = oneThread();
  const pairs = tinyPairs(3).map((pair, i) => ({ ...pair, referenceMargin: [4, -3, 0][i] ?? 0 }));
  const nChosenTokens = pairs.reduce((sum, { chosen }) => sum + chosen.tokens.length - chosen.lossFrom, 0);
  const objective = { beta: 0.4, nllScale: 0.6, nChosenTokens };
  const weights = pairWeights(objective, { nPairs: pairs.length, nChosenTokens });
  const { rows, lengths } = model.rowsInOrder(pairs.flatMap(({ chosen, rejected }) => [chosen, rejected]));
  const lossesNow = (): PairLosses[] => {
    const losses = model.transformer.sequenceLosses(rows, lengths);
    return pairs.map(({ referenceMargin }, i) => ({
      chosen: losses[2 * i]!,
      rejected: losses[2 * i + 1]!,
      referenceMargin,
    }));
  };
  let gradient = new Float32Array();
  before(() => {
    model.gradient.fill(0);
    const slopes = lossesNow().flatMap((pair) => {
      const { chosen, rejected } = pairSlopes(pair, weights);
      return [chosen, rejected];
    });
    model.transformer.addSequenceGradient(rows, { lengths, slopes }, model.places.gradients[0]!);
    gradient = model.gradient.slice();
  });

  for (const parameter of model.places.layout.all) {
    it(`is that of finite differences for ${parameter.name}`, () => {
      assertSlope(model, parameter, {
        gradient,
        loss: () => preferenceLoss(lossesNow(), objective).loss,
        step: 2e-3,
        within: [2e-3, 4e-4],
      });
    });
  }

  it('is the one that the training threads compute', async () => {
    const session = new TrainingSession({
      shape: tinyShape,
      weights: tinyWeights(),
      maxBatchSequences: 0,
      maxBatchPairs: 3,
    });
    const report = await session.stepOnPairs(pairs, { ...objective, learningRate: 1e-3 });
    await session.close();
    const norm = Math.hypot(...gradient);
    assert.ok(Math.abs(report.gradientNorm - norm) < 1e-5 * norm, `${report.gradientNorm}, expected ${norm}`);
    assert.equal(report.loss, preferenceLoss(lossesNow(), objective).loss);
  });
});

describe('log-likelihoods of completions', () => {
  it('are those that the decoder samples by', () => {
    const prompt = [5, 6, 7, 8, 9];
    const settings = {
      nChoices: 1,
      temperature: 1,
      topP: 1,
      maxTokens: 12,
      seed: 1,
      stop: [],
      topLogprobs: 0,
    };
    const language = { endOfSequence: 1, decodeTokens: (tokens: readonly number[]) => tokens.join(' ') };
    const request = { ...settings, promptTokens: prompt };
    const model = { shape: tinyShape, weights: tinyWeights() };
    const choice = decodeBatch({ model, requests: [request], language })[0]![0]!;
    assert.ok(choice.tokens.length >= 3, 'the seed should give a completion of some length');
    const sampled = choice.logprobs!.reduce((sum, { logprob }) => sum + logprob, 0);
    const one = oneThread();
    const tokens = [...prompt, ...choice.tokens];
    const { rows, lengths } = one.rowsInOrder([{ tokens, lossFrom: prompt.length }]);
    const [loss] = one.transformer.sequenceLosses(rows, lengths);
    assert.ok(Math.abs(loss! + sampled) < 1e-5, `${-loss!}, expected ${sampled}`);
  });
});

describe('preference training', () => {
  let folder = '';
  let checkpointPath = '';
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'micro-preferences-'));
    checkpointPath = join(folder, 'base.safetensors');
    await writeCheckpoint(checkpointPath, { shape: tinyShape, weights: tinyWeights(), metadata: {} });
  });
  after(() => rm(folder, { recursive: true }));

  const { signal } = new AbortController();
  const request = () => ({
    checkpointPath,
    pairs: tinyPairs(21),
    validationPairs: tinyPairs(5, 2),
    nEpochs: 3,
    batchSize: 6,
    learningRate: 3e-3,
    seed: 7,
    beta: 0.1,
    nllScale: 0.5,
  });

  it('gives the same bytes and figures with 1, 2 and 4 threads', async () => {
    const results = [];
    for (const nWorkers of [1, 2, 4]) {
      const events: FineTuneEvent[] = [];
      const bytes = await preferenceTune(request(), {
        signal,
        nWorkers,
        onEvent: (event) => events.push(event),
      });
      results.push({ bytes, events });
    }
    assert.deepEqual(results[1], results[0]);
    assert.deepEqual(results[2], results[0]);
  });

  it('begins at ln 2, where the model is its own reference to the last bit, and learns to tell pairs apart', async () => {
    const events: FineTuneEvent[] = [];
    const bytes = await preferenceTune(
      { ...request(), nllScale: 0 },
      { signal, nWorkers: 1, onEvent: (event) => events.push(event) },
    );
    const steps = events.filter((event) => event.kind === 'step');
    const epochs = events.filter((event) => event.kind === 'epoch');
    // 21 pairs in batches of 6 are 4 steps an epoch.
    assert.deepEqual(
      steps.map(({ step, nSteps }) => [step, nSteps]),
      Array.from({ length: 12 }, (_, i) => [i + 1, 12]),
    );
    assert.ok(Math.abs(steps[0]!.trainLoss - Math.LN2) < 1e-12);
    assert.deepEqual(steps[0]!.preference, { accuracy: 0, margin: 0 });
    const last = steps.at(-1)!;
    assert.equal(last.preference!.accuracy, 1);
    assert.ok(last.preference!.margin > 0.2 && last.trainLoss < 0.6, JSON.stringify(last));
    assert.equal(epochs.length, 3);
    assert.ok(epochs.every(({ validationPreference }) => validationPreference !== null));
    assert.deepEqual(epochs.at(-1)!.checkpoint, bytes);
    assert.equal(decodeCheckpoint(bytes, 'result').metadata.fine_tuned_from, fingerprintOf(tinyWeights()));
  });

  it('holds the chosen completions likely where their own loss counts too', async () => {
    const chosenLoss = async (nllScale: number): Promise<number> => {
      const asked = { ...request(), validationPairs: [], nEpochs: 2, nllScale };
      const bytes = await preferenceTune(asked, { signal, nWorkers: 1, onEvent: () => undefined });
      const { shape, weights } = decodeCheckpoint(bytes, 'result');
      const session = new TrainingSession({ shape, weights, maxBatchSequences: 21, nWorkers: 1 });
      const loss = await session.evaluate(request().pairs.map(({ chosen }) => chosen));
      await session.close();
      return loss;
    };
    const [without, withIt] = [await chosenLoss(0), await chosenLoss(1.5)];
    assert.ok(withIt < without - 0.1, `${withIt} with, ${without} without`);
  });

  it('stops with the reason of the signal, before the first step and between two', async () => {
    const controller = new AbortController();
    const training = preferenceTune(request(), {
      signal: controller.signal,
      nWorkers: 1,
      onEvent: () => controller.abort(),
    });
    await assert.rejects(training, { name: 'AbortError' });
    await assert.rejects(
      preferenceTune(request(), { signal: AbortSignal.abort(), onEvent: () => undefined }),
      { name: 'AbortError' },
    );
  });

  it('refuses a request that cannot be run, naming what is wrong', async () => {
    const [pair] = tinyPairs(1) as [PreferencePair];
    const long = { ...pair, rejected: { tokens: Array<number>(22).fill(1), lossFrom: 1 } };
    for (const [changes, message] of [
      [{ pairs: [] }, /pairs: expected at least one/],
      [{ beta: 0 }, /beta: expected a number above 0/],
      [{ nllScale: -1 }, /nllScale: expected a number from 0/],
      [{ nEpochs: 0 }, /nEpochs/],
      [{ pairs: [pair, long] }, /sequence 4 of 4: expected 2 to 21 tokens, received 22/],
    ] as const) {
      const broken = { ...request(), ...changes, pairs: [...('pairs' in changes ? changes.pairs : [pair])] };
      const training = preferenceTune(broken, { signal, onEvent: () => undefined });
      await assert.rejects(training, { name: 'DataError', message });
    }
  });

  it('refuses more pairs at once than the session was started for', async () => {
    const weights = tinyWeights();
    const session = new TrainingSession({
      shape: tinyShape,
      weights,
      maxBatchSequences: 1,
      maxBatchPairs: 2,
      nWorkers: 1,
    });
    const pairs = tinyPairs(3).map((pair) => ({ ...pair, referenceMargin: 0 }));
    await assert.rejects(session.comparePairs(pairs), /expected 1 to 2 pairs, received 3/);
    await session.close();
  });
});
