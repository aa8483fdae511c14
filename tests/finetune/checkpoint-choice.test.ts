import assert from 'node:assert/strict';
import { join } from 'node:path';
import { writeTrainingFile } from '../../lib/src/exports/index.js';
import {
  bestCheckpoint,
  chooseCheckpoint,
  fineTuneAndChoose,
  OpenAIBackend,
  type ChoiceOptions,
  type FineTuneBackend,
  type FineTuneOptions,
} from '../../lib/src/finetune/index.js';
import { checkpointChoiceSchema, type Estimate, type ModelCheckpoint } from '../../lib/src/schema/index.js';
import { NEVER } from '../fixtures/scripted-endpoint.js';
import { gate } from '../micro/server/scripted-engine.js';
import { ended, ServerRoom, type TestServer } from '../micro/server/server-fixture.js';

function estimate(value: number | null): Estimate {
  return {
    value,
    n: value === null ? 0 : 100,
    unscored: value === null ? 100 : 0,
    low: null,
    high: null,
    method: 'wilson',
  };
}

const CHECKPOINTS: ModelCheckpoint[] = [1, 2, 3, 4].map((step) => ({
  model: `m-${step}`,
  step,
  metrics: {},
}));

/** Gives the k-th checkpoint the k-th accuracy. */
function options(
  accuracies: readonly (number | null)[],
  patience?: number,
): ChoiceOptions & { seen: string[] } {
  const seen: string[] = [];
  return {
    validationSet: 'helpsteer2-validation',
    score: ({ model }) => {
      seen.push(model);
      return Promise.resolve(estimate(accuracies[seen.length - 1] ?? null));
    },
    patience,
    signal: NEVER,
    seen,
  };
}

describe('the choice of a checkpoint', () => {
  const room = new ServerRoom();
  afterEach(() => room.close());

  it('takes the most accurate on the validation set, and keeps what the others had', async () => {
    const choice = await chooseCheckpoint(CHECKPOINTS, options([0.6, 0.71, 0.7, 0.65]));
    assert.equal(choice.chosen.checkpoint.model, 'm-2');
    assert.deepEqual(
      choice.scores.map(({ accuracy }) => accuracy.value),
      [0.6, 0.71, 0.7, 0.65],
    );
    assert.equal(choice.stoppedEarly, false);
    assert.deepEqual(checkpointChoiceSchema.parse(JSON.parse(JSON.stringify(choice))), choice);
  });

  it('takes the earliest of equals, and never one that could not be scored', async () => {
    const chosen = async (accuracies: (number | null)[]): Promise<string> =>
      (await chooseCheckpoint(CHECKPOINTS, options(accuracies))).chosen.checkpoint.model;
    assert.equal(await chosen([0.5, 0.7, 0.7, 0.7]), 'm-2');
    assert.equal(await chosen([null, null, 0, null]), 'm-3');
    assert.equal(bestCheckpoint([]), null);
  });

  it('stops looking after so many in a row that are no better than the best', async () => {
    const after2 = options([0.6, 0.6, 0.5, 0.9], 2);
    const choice = await chooseCheckpoint(CHECKPOINTS, after2);
    assert.deepEqual([choice.chosen.checkpoint.model, choice.stoppedEarly], ['m-1', true]);
    assert.deepEqual(after2.seen, ['m-1', 'm-2', 'm-3']);
    const unscoredFirst = await chooseCheckpoint(CHECKPOINTS, options([null, null, null, 0.4], 1));
    assert.equal(unscoredFirst.chosen.checkpoint.model, 'm-4');
  });

  it('fails where there is nothing to choose from', async () => {
    await assert.rejects(chooseCheckpoint([], options([])), /received no checkpoints/);
    await assert.rejects(chooseCheckpoint(CHECKPOINTS, options([])), /4, none of which could be scored/);
  });

  /** A training on one example. */
  async function training(server: TestServer, nEpochs: number): Promise<FineTuneOptions> {
    const trainingFilePath = join(await room.folder(), 'training.jsonl');
    const prompt = [{ role: 'user' as const, content: 'answer compute 1 + 2' }];
    const example = { pairId: 'p', instructionId: 'i', prompt, completion: '3', verdict: 'A' as const };
    await writeTrainingFile(trainingFilePath, { kind: 'sft', examples: [example] });
    const retry = { maxAttempts: 1, firstWaitMs: 1, longestWaitMs: 1 };
    const backend = new OpenAIBackend({ client: server.client, retry });
    const job = { baseModel: 'micro-seed', hyperparameters: { nEpochs, batchSize: 1 }, suffix: 's', seed: 1 };
    return { backend, ...job, trainingFilePath, onProgress: () => undefined, signal: NEVER };
  }

  it('looks at checkpoints while the training goes on, and cancels it once they get worse', async () => {
    const server = await room.start();
    server.trainer.gate = gate().opened;
    // Four of five epochs leave a checkpoint before the trainer waits; the third is worse than the second.
    const choosing = options([0.5, 0.7, 0.6, 0.9], 1);
    const { fineTuned, choice } = await fineTuneAndChoose(1, {
      ...(await training(server, 5)),
      choice: choosing,
      pollMs: 5,
    });
    assert.match(fineTuned.model, /:ckpt-step-2$/);
    assert.equal(choice.chosen.checkpoint.model, fineTuned.model);
    assert.deepEqual([choice.scores.length, choice.stoppedEarly], [3, true]);
    assert.equal((await ended(server.client, fineTuned.jobId)).status, 'cancelled');
    await server.client.models.retrieve(fineTuned.model);
  });

  it('takes all checkpoints of a training that goes to its end', async () => {
    for (const patience of [undefined, 1]) {
      const choosing = options([0.8, 0.9], patience);
      const job = await training(await room.start(), 2);
      const { fineTuned, choice } = await fineTuneAndChoose(1, { ...job, choice: choosing, pollMs: 5 });
      assert.deepEqual(
        fineTuned.checkpoints?.map(({ step }) => step),
        [1, 2],
      );
      assert.deepEqual([choice.chosen.checkpoint.step, choice.stoppedEarly], [2, false]);
      assert.equal(fineTuned.model, choice.chosen.checkpoint.model);
    }
  });

  it('takes the model itself of a trainer that saves no checkpoints', async () => {
    const job = await training(await room.start(), 1);
    const { backend } = job;
    const silent: FineTuneBackend = {
      submit: (request, signal) => backend.submit(request, signal),
      poll: (jobId, signal) => backend.poll(jobId, signal),
      cancel: (jobId, signal) => backend.cancel(jobId, signal),
      events: (jobId, cursor, signal) => backend.events(jobId, cursor, signal),
      checkpoints: () => Promise.resolve([]),
    };
    for (const patience of [undefined, 1]) {
      const choosing = { ...job, backend: silent, choice: options([0.8], patience), pollMs: 5 };
      const { fineTuned, choice } = await fineTuneAndChoose(1, choosing);
      assert.match(fineTuned.model, /^ft:micro-seed:s:[0-9a-f]{8}$/);
      assert.equal(choice.scores.length, 1);
    }
  });

  it('takes none of a training that fails on the way', async () => {
    const server = await room.start();
    server.trainer.failure = new Error('the loss is not a number');
    const job = await training(server, 3);
    const failing = fineTuneAndChoose(1, { ...job, choice: options([0.5, 0.6, 0.7], 2), pollMs: 5 });
    await assert.rejects(failing, { code: 'job-failed' });
  });
});
