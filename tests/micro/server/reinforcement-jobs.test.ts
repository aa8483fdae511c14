// Fine-tuning jobs of the method "reinforcement" through the openai package.
import assert from 'node:assert/strict';
import OpenAI from 'openai';
import { verdictGrader } from '../../../lib/src/finetune/verdict-grader.js';
import { startServer } from '../../../lib/src/micro/server/start.js';
import { encodeChat } from '../../../lib/src/micro/tokenizer.js';
import { gate } from './scripted-engine.js';
import { ended, ServerRoom, trainingText, until, upload } from './server-fixture.js';

const room = new ServerRoom();
type Job = OpenAI.FineTuning.FineTuningJob;

const prompt = 'judge 3 [[A]] 4 [[B]] compute 1 + 2';
const row = (content = prompt): string =>
  JSON.stringify({ messages: [{ role: 'user', content }], winner: 'A', loser: 'B', pairId: 'p-1' });

async function createJob(client: OpenAI, hyperparameters?: object, text = row()): Promise<Job> {
  const reinforcement = { grader: verdictGrader(), ...(hyperparameters && { hyperparameters }) };
  return client.fineTuning.jobs.create({
    model: 'micro-seed',
    training_file: await upload(client, text),
    method: { type: 'reinforcement', reinforcement } as unknown as OpenAI.FineTuning.JobCreateParams.Method,
  });
}

describe('a job of the method "reinforcement"', () => {
  afterEach(() => room.close());

  it('hands prompts to the trainer, each graded with the fields of its row, and resolves "auto"', async () => {
    const { client, trainer } = await room.start();
    const { status, method } = await ended(
      client,
      (await createJob(client, { n_epochs: 'auto', group_size: 4 })).id,
    );
    assert.equal(status, 'succeeded');
    const usual = { n_epochs: 1, batch_size: 16, learning_rate_multiplier: 1 };
    assert.deepEqual(method, {
      type: 'reinforcement',
      reinforcement: {
        grader: verdictGrader(),
        hyperparameters: { ...usual, group_size: 4, n_updates: 1, clip: 0.2, kl_scale: 0 },
      },
    });
    const [request] = trainer.reinforcementRequests;
    const [first] = request!.prompts;
    assert.deepEqual(first!.promptTokens, encodeChat([{ role: 'user', content: prompt }]));
    assert.deepEqual(['3 = [[A]]', '[[B]]', '[[A]] [[B]]', ''].map(first!.grade), [1, 0, 0, 0]);
    assert.deepEqual([request!.groupSize, request!.learningRate], [4, 0.001]);
    const other = await createJob(client, { group_size: 4, clip: 0.1 });
    assert.notEqual((await ended(client, other.id)).fine_tuned_model, null);
    assert.equal(trainer.reinforcementRequests.length, 2, 'another clip is another job');
  });

  it('ends when it is cancelled', async () => {
    const { client, trainer } = await room.start();
    trainer.gate = gate().opened;
    const { id } = await createJob(client);
    await until(() => (trainer.nRunning === 1 ? true : null));
    assert.equal((await client.fineTuning.jobs.cancel(id)).status, 'cancelled');
    await until(() => (trainer.nRunning === 0 ? true : null));
  });

  for (const [what, text, says] of [
    [
      'a row without the winner',
      row().replace('winner', 'best'),
      /line 1: winner: missing; the grader asks for/,
    ],
    ['replies', trainingText('3'), /line 1: .*the last message to be answered/],
  ] as const)
    it(`fails with the line's number where a line is ${what}`, async () => {
      const { client } = await room.start();
      const { status, error } = await ended(client, (await createJob(client, undefined, text)).id);
      assert.deepEqual([status, error?.code], ['failed', 'invalid_training_file']);
      assert.match(error!.message, says);
    });

  it('raises the rewards of the real model, and says so in its events', async () => {
    const server = await startServer({ stateFolder: await room.folder(), nWorkers: 1 });
    try {
      const client = new OpenAI({ baseURL: server.baseUrl, apiKey: 'none', logLevel: 'off' });
      const rows = Array.from({ length: 8 }, (_, i) =>
        row(`judge ${i + 2} [[A]] ${(i + 5) % 10} [[B]] compute ${i} + 2`),
      );
      const settings = { n_epochs: 4, batch_size: 8, learning_rate_multiplier: 2 };
      const { id } = await createJob(client, settings, rows.join('\n'));
      const job = await until(async () => {
        const found = await client.fineTuning.jobs.retrieve(id);
        return found.finished_at === null ? null : found;
      });
      assert.equal(job.status, 'succeeded', job.error?.message);
      const events = (await client.fineTuning.jobs.listEvents(id)).data.filter(
        ({ type }) => type === 'metrics',
      );
      const rewards = events
        .reverse()
        .map(({ data }) => (data as { train_mean_reward: number }).train_mean_reward);
      assert.equal(rewards.length, 4);
      assert.ok(rewards[3]! > rewards[0]!, rewards.join());
      assert.match(events[0]!.message, /mean reward=0\.\d{4}, groups of one reward=/);
    } finally {
      await server.close();
    }
  });
});
