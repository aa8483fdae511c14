// The real engine and trainer behind the server, in a thread: a tiny random model is asked, fine-tuned and asked again.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import OpenAI, { toFile } from 'openai';
import { ConfigError, DataError } from '../../../lib/src/core/errors.js';
import { vocabularyHash, writeCheckpoint } from '../../../lib/src/micro/checkpoint.js';
import { initialWeights } from '../../../lib/src/micro/parameters.js';
import { startServerThread } from '../../../lib/src/micro/server/server-thread.js';
import { startServer } from '../../../lib/src/micro/server/start.js';
import { vocabulary } from '../../../lib/src/micro/tokenizer.js';
import { gate } from './scripted-engine.js';
import { trainingText, until } from './server-fixture.js';

const shape = {
  vocabularySize: vocabulary.length,
  width: 32,
  layers: 1,
  heads: 2,
  hidden: 64,
  contextLength: 32,
};
const messages = [{ role: 'user' as const, content: 'answer compute 1 + 2' }];

describe('a server in a thread', () => {
  let folder: string;
  let seedCheckpointPath: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'micro-thread-'));
    seedCheckpointPath = join(folder, 'seed.safetensors');
    const metadata = { vocabulary_sha256: vocabularyHash(vocabulary) };
    await writeCheckpoint(seedCheckpointPath, { shape, weights: initialWeights(shape, 1), metadata });
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it('answers the same in every mode, fine-tunes, and answers differently then', async () => {
    const server = await startServerThread({
      stateFolder: join(folder, 'state'),
      seedCheckpointPath,
      nWorkers: 1,
    });
    try {
      const client = new OpenAI({ baseURL: server.baseUrl, apiKey: 'none', maxRetries: 0 });
      const request = { model: 'micro-seed', messages, n: 3, ...{ seed: 5 } };
      const whole = await client.chat.completions.create(request);
      const texts = whole.choices.map(({ message }) => message.content);
      const joined = ['', '', ''];
      for await (const { choices } of await client.chat.completions.create({ ...request, stream: true })) {
        for (const { index, delta } of choices)
          joined[index] = `${joined[index] ?? ''}${delta.content ?? ''}`;
      }
      assert.deepEqual(joined, texts);

      const word = texts[0]?.split(' ').find((each) => each !== '3') ?? '3';
      const stopped = await client.chat.completions.create({ ...request, stop: word });
      let streamed = '';
      for await (const { choices } of await client.chat.completions.create({
        ...request,
        stop: word,
        stream: true,
      })) {
        for (const { index, delta } of choices) streamed += index === 0 ? (delta.content ?? '') : '';
      }
      assert.equal(streamed, stopped.choices[0]?.message.content);

      const file = await client.files.create({
        file: await toFile(Buffer.from(Array<string>(32).fill(trainingText('3')).join('\n')), 'train.jsonl'),
        purpose: 'fine-tune',
      });
      const created = await client.fineTuning.jobs.create({
        model: 'micro-seed',
        training_file: file.id,
        validation_file: file.id,
        method: {
          type: 'supervised',
          supervised: { hyperparameters: { n_epochs: 20, batch_size: 8, learning_rate_multiplier: 10 } },
        },
      });
      const job = await until(async () => {
        const found = await client.fineTuning.jobs.retrieve(created.id);
        return found.finished_at === null ? null : found;
      });
      assert.equal(job.status, 'succeeded', job.error?.message);
      const checkpoints = await client.fineTuning.jobs.checkpoints.list(job.id, { limit: 100 });
      assert.equal(checkpoints.data.length, 20);
      assert.ok(
        (checkpoints.data[0]?.metrics.full_valid_loss ?? 9) <
          (checkpoints.data[19]?.metrics.full_valid_loss ?? 0),
      );
      // One example, 32 times: learned by heart.
      const learned = await client.chat.completions.create({
        model: job.fine_tuned_model ?? '',
        messages,
        temperature: 0,
      });
      assert.equal(learned.choices[0]?.message.content, '3');
    } finally {
      await server.close();
    }
    await assert.rejects(fetch(`${server.baseUrl}/models`));
  });

  it('passes the errors of the start on, with their class', async () => {
    const stateFolder = join(folder, 'state');
    await assert.rejects(startServerThread({ stateFolder, host: '0.0.0.0' }), (thrown) => {
      assert.ok(thrown instanceof ConfigError);
      assert.match(thrown.message, /API key/);
      return true;
    });
    await writeFile(join(folder, 'broken'), 'nonsense');
    const broken = startServerThread({ stateFolder, seedCheckpointPath: join(folder, 'broken') });
    await assert.rejects(broken, DataError);
    const missing = startServerThread({ stateFolder, seedCheckpointPath: join(folder, 'missing') });
    await assert.rejects(missing, DataError);
  });

  it('that dies is not passed over in silence', async () => {
    const { opened: crashed, open } = gate();
    let crash: Error | null = null;
    const server = await startServerThread({
      stateFolder: join(folder, 'state'),
      startThread: () =>
        new Worker(
          `const { parentPort } = require('node:worker_threads');
           parentPort.postMessage({ kind: 'ready', baseUrl: 'http://127.0.0.1:1/v1' });
           setTimeout(() => { throw new Error('out of luck'); }, 10);`,
          { eval: true },
        ),
      onCrash: (error) => {
        crash = error;
        open();
      },
    });
    await crashed;
    assert.match(String(crash), /server crashed: out of luck/);
    await assert.rejects(server.close(), /out of luck/);
    const early = startServerThread({
      stateFolder: join(folder, 'state'),
      startThread: () => new Worker('process.exit(3)', { eval: true }),
    });
    await assert.rejects(early, /exit code 3/);
  });

  it('is refused a port that is taken', async () => {
    const stateFolder = join(folder, 'state');
    const first = await startServer({ stateFolder, seedCheckpointPath });
    try {
      const port = Number(new URL(first.baseUrl).port);
      await assert.rejects(startServer({ stateFolder, seedCheckpointPath, port }), ConfigError);
    } finally {
      await first.close();
    }
  });
});
