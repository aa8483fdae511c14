// Training on rewards: its gradient is right, rewards rise, it does not depend on the number of threads, it stops.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deriveRandom } from '../../lib/src/core/random.js';
import { decodeCheckpoint, fingerprintOf, writeCheckpoint } from '../../lib/src/micro/checkpoint.js';
import { termsOf, type GradedSample } from '../../lib/src/micro/reinforcement-batch.js';
import { meanOf, tokenTerm } from '../../lib/src/micro/reinforcement-loss.js';
import { reinforcementTune } from '../../lib/src/micro/reinforcement-trainer.js';
import { TrainingSession } from '../../lib/src/micro/trainer.js';
import type { FineTuneEvent, GradedPrompt, ReinforcementRequest } from '../../lib/src/micro/types.js';
import { assertSlope } from './finite-differences.js';
import { oneThread, tinySequences, tinyShape, tinyWeights } from './tiny-model.js';

const objective = { clip: 0.2, klScale: 0.3 };

/** Samples whose old and reference losses stand at random distances from those of the model, with advantages of both signs. */
async function someSamples(count: number): Promise<GradedSample[]> {
  const session = newSession(count);
  const random = deriveRandom('samples');
  const drawn = tinySequences(count, 3).map((sequence, i) => ({
    ...sequence,
    advantage: [1.2, -0.7, 0.4][i % 3]!,
    oldLosses: null,
    referenceLosses: [],
  }));
  const losses = await session.scoreSamples(drawn);
  await session.close();
  // Ratios well inside the clip or well outside, since finite differences fail at its corners.
  const moved = (most: number, i: number): number[] =>
    losses[i]!.map((loss, j) => loss + [0.02, -most, most, -0.02][j % 4]! * (1 + 0.3 * random.next()));
  return drawn.map((sample, i) => ({ ...sample, oldLosses: moved(0.6, i), referenceLosses: moved(0.4, i) }));
}

function newSession(maxBatchSamples: number, nWorkers = 1): TrainingSession {
  const options = { shape: tinyShape, weights: tinyWeights(), maxBatchSequences: 0, maxBatchSamples };
  return new TrainingSession({ ...options, nWorkers });
}

describe('the gradient of a batch of graded samples', () => {
  const model = oneThread();
  let samples: GradedSample[] = [];
  let lossNow: () => number = () => NaN;
  let gradient = new Float32Array();
  before(async () => {
    samples = await someSamples(5);
    const { rows } = model.rowsInOrder(samples);
    const lengths = Array<number>(rows.nRows).fill(1);
    const targets = (losses: readonly number[]): number[][] => {
      let at = 0;
      return samples.map(({ tokens, lossFrom }) => {
        const own = losses.slice(at + lossFrom - 1, at + tokens.length - 1);
        at += tokens.length - 1;
        return own;
      });
    };
    lossNow = () => {
      const found = targets(model.transformer.sequenceLosses(rows, lengths));
      return meanOf(termsOf(samples, found, objective).map(({ value }) => value));
    };
    model.gradient.fill(0);
    const found = targets(model.transformer.sequenceLosses(rows, lengths));
    const perToken = 1 / found.flat().length;
    const slopes = samples.flatMap(({ lossFrom, advantage, oldLosses, referenceLosses }, i) => [
      ...Array<number>(lossFrom - 1).fill(0),
      ...found[i]!.map((loss, j) => {
        const token = { loss, oldLoss: oldLosses![j]!, referenceLoss: referenceLosses[j]! };
        return perToken * tokenTerm(token, advantage, objective).slope;
      }),
    ]);
    model.transformer.addSequenceGradient(rows, { lengths, slopes }, model.places.gradients[0]!);
    gradient = model.gradient.slice();
  });

  for (const parameter of model.places.layout.all) {
    // A small step, since the clip has corners.
    it(`is that of finite differences for ${parameter.name}`, () => {
      assertSlope(model, parameter, { gradient, loss: lossNow, step: 3e-4, within: [5e-3, 1e-3] });
    });
  }

  it('is the one that the training threads compute, as are the figures', async () => {
    const session = newSession(5, 3);
    const report = await session.stepOnSamples(samples, { ...objective, learningRate: 1e-3 });
    await session.close();
    const norm = Math.hypot(...gradient);
    assert.ok(Math.abs(report.gradientNorm - norm) < 1e-5 * norm, `${report.gradientNorm}, expected ${norm}`);
    assert.ok(Math.abs(report.loss - lossNow()) < 1e-6, `${report.loss}, expected ${lossNow()}`);
    assert.ok(report.clipShare > 0 && report.clipShare < 0.5 && report.kl > 0);
  });

  it('takes ratios of 1 where the model has not been updated since it sampled', async () => {
    const session = newSession(5);
    const fresh = samples.map((sample) => ({ ...sample, oldLosses: null }));
    const plain = { clip: 0.2, klScale: 0, learningRate: 1e-3 };
    const report = await session.stepOnSamples(fresh, plain);
    const nTokens = report.tokenLosses.map(({ length }) => length);
    const expected = -fresh.reduce((sum, { advantage }, i) => sum + advantage * nTokens[i]!, 0);
    assert.ok(Math.abs(report.loss - expected / report.nTargets) < 1e-12);
    assert.equal(report.clipShare, 0);
    await session.close();
  });

  it('is refused for more samples at once than the session was started for', async () => {
    const session = newSession(2);
    await assert.rejects(session.scoreSamples(samples), /expected 1 to 2 samples, received 5/);
    await session.close();
  });
});

describe('reinforcement training', () => {
  let folder = '';
  let checkpointPath = '';
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'micro-reinforcement-'));
    checkpointPath = join(folder, 'base.safetensors');
    await writeCheckpoint(checkpointPath, { shape: tinyShape, weights: tinyWeights(), metadata: {} });
  });
  after(() => rm(folder, { recursive: true }));

  const { signal } = new AbortController();
  /** Rewards a completion that says "=", as the random model does now and then. */
  const says = (completion: string): number => Number(completion.split(' ').includes('='));
  const promptsOf = (count: number, grade: GradedPrompt['grade'] = says): GradedPrompt[] =>
    Array.from({ length: count }, (_, i) => ({ promptTokens: [3, 5 + (i % 16), 6 + (i % 5), 4], grade }));
  const request = (): ReinforcementRequest => ({
    checkpointPath,
    prompts: promptsOf(10),
    validationPrompts: promptsOf(4),
    nEpochs: 2,
    batchSize: 4,
    groupSize: 6,
    nUpdates: 2,
    clip: 0.2,
    klScale: 0.01,
    learningRate: 3e-3,
    seed: 7,
  });
  const trainingOf = async (
    changes: Partial<ReinforcementRequest>,
    nWorkers = 1,
  ): Promise<{ bytes: Uint8Array; events: FineTuneEvent[] }> => {
    const events: FineTuneEvent[] = [];
    const onEvent = (event: FineTuneEvent): void => void events.push(event);
    return {
      bytes: await reinforcementTune({ ...request(), ...changes }, { signal, nWorkers, onEvent }),
      events,
    };
  };
  const figuresOf = (events: readonly FineTuneEvent[]) =>
    events.flatMap((event) => (event.kind === 'step' ? [event.reinforcement!] : []));

  it('gives the same bytes and figures with 1, 2 and 4 threads, and others with another seed', async () => {
    const results = [];
    for (const nWorkers of [1, 2, 4]) results.push(await trainingOf({}, nWorkers));
    assert.deepEqual(results[1], results[0]);
    assert.deepEqual(results[2], results[0]);
    assert.notDeepEqual((await trainingOf({ seed: 8 })).bytes, results[0]!.bytes);
  });

  it('raises the rewards of a toy task, in training and on validation prompts, and reports its figures', async () => {
    const { bytes, events } = await trainingOf({
      prompts: promptsOf(16),
      nEpochs: 8,
      klScale: 0,
      batchSize: 8,
    });
    const figures = figuresOf(events);
    // 16 prompts in batches of 8 are 2 steps an epoch.
    assert.equal(figures.length, 16);
    const [first, last] = [figures[0]!, figures.at(-1)!];
    assert.equal(first.kl < 0.1, true);
    assert.ok(last.meanReward > first.meanReward + 0.3, `${first.meanReward} to ${last.meanReward}`);
    assert.ok(last.kl > first.kl && figures.some(({ clipShare }) => clipShare > 0));
    const epochs = events.filter((event) => event.kind === 'epoch');
    assert.ok(epochs.every(({ validationLoss }) => validationLoss === null));
    assert.ok(epochs.at(-1)!.validationReward! >= epochs[0]!.validationReward!);
    assert.deepEqual(epochs.at(-1)!.checkpoint, bytes);
    assert.equal(decodeCheckpoint(bytes, 'result').metadata.fine_tuned_from, fingerprintOf(tinyWeights()));
  });

  it('learns nothing from groups without a difference: the weights stay to the last bit', async () => {
    const { bytes, events } = await trainingOf({ prompts: promptsOf(5, () => 0) });
    assert.equal(fingerprintOf(decodeCheckpoint(bytes, 'result').weights), fingerprintOf(tinyWeights()));
    for (const figures of figuresOf(events))
      assert.deepEqual(figures, { meanReward: 0, sameShare: 1, clipShare: 0, kl: 0 });
  });

  it('stops with the reason of the signal, before the first step, between two and in the middle of one', async () => {
    const rejects = async (controller: AbortController, changes: Partial<ReinforcementRequest>) =>
      assert.rejects(
        reinforcementTune(
          { ...request(), ...changes },
          {
            signal: controller.signal,
            nWorkers: 1,
            onEvent: () => {
              controller.abort();
            },
          },
        ),
        { name: 'AbortError' },
      );
    await rejects(new AbortController(), {});
    const aborted = new AbortController();
    aborted.abort();
    await rejects(aborted, {});
    const inStep = new AbortController();
    const grade = (): number => {
      inStep.abort();
      return Math.random();
    };
    await rejects(inStep, { prompts: promptsOf(2, grade), batchSize: 2 });
  });

  it('refuses a request that cannot be run, naming what is wrong', async () => {
    for (const [changes, message] of [
      [{ prompts: [] }, /prompts: expected at least one/],
      [{ groupSize: 1 }, /groupSize: expected a whole number from 2/],
      [{ nUpdates: 0 }, /nUpdates/],
      [{ clip: 0 }, /clip: expected a number above 0/],
      [{ klScale: -1 }, /klScale/],
      [
        { prompts: [{ promptTokens: Array<number>(21).fill(5), grade: says }] },
        /prompt 1 of 5: expected 1 to 20/,
      ],
      [{ prompts: promptsOf(2, () => NaN) }, /reward of ".*": expected a finite number, received NaN/],
    ] as const)
      await assert.rejects(
        trainingOf({ ...changes, prompts: [...('prompts' in changes ? changes.prompts : promptsOf(1))] }),
        {
          name: 'DataError',
          message,
        },
      );
  });
});
