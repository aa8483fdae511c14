// Training: it learns, it does not depend on the number of threads, it stops, and it refuses what it cannot use.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataError } from '../../lib/src/core/errors.js';
import { decodeCheckpoint, fingerprintOf, writeCheckpoint } from '../../lib/src/micro/checkpoint.js';
import { fineTune, fineTuneLearningRate, preTrain, TrainingSession } from '../../lib/src/micro/trainer.js';
import type { FineTuneEvent } from '../../lib/src/micro/types.js';
import { tinySequences, tinyShape, tinyWeights } from './tiny-model.js';

describe('training', () => {
  let folder = '';
  let checkpointPath = '';
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'micro-training-'));
    checkpointPath = join(folder, 'base.safetensors');
    await writeCheckpoint(checkpointPath, {
      shape: tinyShape,
      weights: tinyWeights(),
      metadata: { note: 'tiny' },
    });
  });
  after(() => rm(folder, { recursive: true }));

  const request = () => ({
    checkpointPath,
    sequences: tinySequences(22),
    validationSequences: tinySequences(5, 2),
    nEpochs: 3,
    batchSize: 8,
    learningRate: 1e-2,
    seed: 7,
  });
  const { signal } = new AbortController();

  it('gives the same bytes with 1, 2 and 4 threads', async () => {
    const results = [];
    for (const nWorkers of [1, 2, 4]) {
      const events: FineTuneEvent[] = [];
      const bytes = await fineTune(request(), { signal, nWorkers, onEvent: (event) => events.push(event) });
      results.push({ bytes, events });
    }
    assert.deepEqual(results[1], results[0]);
    assert.deepEqual(results[2], results[0]);
  });

  it('lowers the loss, reports every step and a checkpoint per epoch, and remembers where it started', async () => {
    const events: FineTuneEvent[] = [];
    const bytes = await fineTune(request(), { signal, onEvent: (event) => events.push(event) });
    const steps = events.filter((event) => event.kind === 'step');
    const epochs = events.filter((event) => event.kind === 'epoch');
    // 22 sequences in batches of 8 are 3 steps an epoch.
    assert.deepEqual(
      steps.map(({ step, nSteps }) => [step, nSteps]),
      [1, 2, 3, 4, 5, 6, 7, 8, 9].map((step) => [step, 9]),
    );
    const meanLoss = (epoch: number): number =>
      steps.slice(3 * epoch, 3 * epoch + 3).reduce((sum, { trainLoss }) => sum + trainLoss / 3, 0);
    assert.ok(meanLoss(2) < meanLoss(0) - 0.1, `epochs ${meanLoss(0)} and ${meanLoss(2)}`);
    assert.deepEqual(
      epochs.map(({ epoch, step }) => [epoch, step]),
      [
        [1, 3],
        [2, 6],
        [3, 9],
      ],
    );
    assert.ok(epochs.every(({ validationLoss }) => Number.isFinite(validationLoss)));
    assert.deepEqual(epochs.at(-1)!.checkpoint, bytes);
    const { metadata, weights } = decodeCheckpoint(bytes, 'result');
    assert.deepEqual(metadata, {
      note: 'tiny',
      weights_sha256: fingerprintOf(weights),
      fine_tuned_from: fingerprintOf(tinyWeights()),
    });
  });

  it('stops with the reason of the signal', async () => {
    const controller = new AbortController();
    const training = fineTune(request(), { signal: controller.signal, onEvent: () => controller.abort() });
    await assert.rejects(training, { name: 'AbortError' });
  });

  it('refuses sequences that the model cannot be trained on, naming them', async () => {
    for (const [broken, message] of [
      [{ tokens: [1], lossFrom: 0 }, /sequence 23 of 23: expected 2 to 21 tokens, received 1/],
      [{ tokens: Array<number>(22).fill(1), lossFrom: 1 }, /2 to 21 tokens, received 22/],
      [{ tokens: [1, 24], lossFrom: 1 }, /token ids below 24, received 24/],
      [{ tokens: [1, 2], lossFrom: 2 }, /a loss from token 1 to 1, received from 2/],
    ] as const) {
      const sequences = [...tinySequences(22), { ...broken, tokens: [...broken.tokens] }];
      await assert.rejects(
        fineTune({ ...request(), sequences }, { signal, onEvent: () => undefined }),
        (thrown) => {
          assert.ok(thrown instanceof DataError);
          assert.match(thrown.message, message);
          return true;
        },
      );
    }
  });

  it('refuses a request that cannot be run', async () => {
    for (const changes of [
      { sequences: [] },
      { nEpochs: 0 },
      { batchSize: 0 },
      { batchSize: 1.5 },
      { learningRate: NaN },
    ]) {
      const training = fineTune({ ...request(), ...changes }, { signal, onEvent: () => undefined });
      await assert.rejects(training, { name: 'DataError', message: new RegExp(Object.keys(changes).join()) });
    }
  });

  it('memorizes a handful of sequences in pre-training', async () => {
    const sequences = tinySequences(6).map(({ tokens }) => ({
      tokens,
      lossFrom: Math.max(1, tokens.length - 2),
    }));
    const losses: number[] = [];
    let evaluated = NaN;
    await preTrain({
      shape: tinyShape,
      weights: tinyWeights(),
      nSteps: 60,
      maxBatchSequences: 6,
      nextBatch: () => sequences,
      learningRate: () => 4e-3,
      pauseAfter: (step) => step === 59,
      onStep: async ({ loss, step }, session) => {
        losses.push(loss);
        if (step === 60) evaluated = await session.evaluate(sequences);
      },
    });
    assert.equal(losses.length, 60);
    assert.ok(evaluated < 0.1, `loss ${evaluated} after ${losses.slice(-1).join()}`);
  });

  it('evaluates any number of sequences to the same mean loss', async () => {
    const sequences = tinySequences(11);
    const means = [];
    for (const maxBatchSequences of [11, 4]) {
      const session = new TrainingSession({ shape: tinyShape, weights: tinyWeights(), maxBatchSequences });
      means.push(await session.evaluate(sequences));
      await session.close();
    }
    assert.ok(Math.abs(means[0]! - means[1]!) < 1e-6);
  });

  it('warms up over 10 steps and then falls to a tenth', () => {
    const rates = [0, 4, 9, 10, 64, 109].map((step) => fineTuneLearningRate(step, 110, 1));
    // After the peak: 1 - 0.9 x (steps since) / 100.
    assert.deepEqual(
      rates.map((rate) => Number(rate.toFixed(6))),
      [0.1, 0.5, 1, 0.991, 0.505, 0.1],
    );
  });
});
