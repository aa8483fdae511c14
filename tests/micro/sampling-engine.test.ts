// The sampling engine over threads: the same choices however the work is dealt, streaming, aborting, and failures that are reported.
import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { DataError, ModelError } from '../../lib/src/core/errors.js';
import { vocabularyHash, writeCheckpoint } from '../../lib/src/micro/checkpoint.js';
import { decodeBatch } from '../../lib/src/micro/decode-batch.js';
import { createSamplingEngine, type SamplingEngineOptions } from '../../lib/src/micro/sampling-engine.js';
import type { SamplingEngine, SamplingRequest } from '../../lib/src/micro/types.js';
import { tinyShape, tinyWeights } from './tiny-model.js';

const vocabulary = Array.from({ length: tinyShape.vocabularySize }, (_, i) => `w${i}`);
const endOfSequence = 1;
const language = {
  endOfSequence,
  decodeTokens: (tokens: readonly number[]) => tokens.map((t) => vocabulary[t]).join(' '),
};
const metadata = { vocabulary_sha256: vocabularyHash(vocabulary) };
const nModels = 10;

function request(seed: number, changes: Partial<SamplingRequest> = {}): SamplingRequest {
  return {
    modelId: 'model-0',
    promptTokens: [2 + (seed % 20), 3, 4, 5 + (seed % 7)],
    nChoices: 1,
    temperature: 1,
    topP: 1,
    maxTokens: 10,
    seed,
    stop: [],
    topLogprobs: null,
    ...changes,
  };
}

describe('sampling engine', () => {
  let folder = '';
  const pathOf = (model: number): string => join(folder, `model-${model}.safetensors`);
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'micro-engine-'));
    for (let i = 0; i < nModels; i++) {
      await writeCheckpoint(pathOf(i), { shape: tinyShape, weights: tinyWeights(tinyShape, i), metadata });
    }
  });
  after(() => rm(folder, { recursive: true }));

  async function withEngine(
    use: (engine: SamplingEngine) => Promise<void>,
    options: SamplingEngineOptions = {},
  ): Promise<void> {
    const engine = createSamplingEngine({ nWorkers: 2, vocabulary, endOfSequence, ...options });
    try {
      for (let i = 0; i < nModels; i++) await engine.loadModel(`model-${i}`, pathOf(i));
      await use(engine);
    } finally {
      await engine.close();
    }
  }

  it('samples the same with one thread and two, dealt whole and split, from more models than a thread keeps', async () => {
    const requests = Array.from({ length: 40 }, (_, i) =>
      request(i, { modelId: `model-${i % nModels}`, nChoices: i % 8 === 0 ? 40 : 2, topLogprobs: 2 }),
    );
    const expected = requests.map(({ modelId, ...rest }) => {
      const weights = tinyWeights(tinyShape, Number(modelId.slice('model-'.length)));
      return decodeBatch({ model: { shape: tinyShape, weights }, requests: [rest], language })[0]!;
    });
    for (const nWorkers of [1, 2]) {
      const check = async (engine: SamplingEngine): Promise<void> => {
        const results = await Promise.all(requests.map((one) => engine.sample(one)));
        assert.deepEqual(results, expected);
      };
      await withEngine(check, { nWorkers });
    }
  });

  it('streams the tokens that it returns', () =>
    withEngine(async (engine) => {
      const streamed: number[][] = Array.from({ length: 3 }, () => []);
      const choices = await engine.sample(request(1, { nChoices: 3 }), {
        onToken: (choice, token) => streamed[choice]!.push(token),
      });
      assert.deepEqual(
        streamed,
        choices.map(({ tokens }) => tokens),
      );
    }));

  it('rejects an aborted request with an AbortError and goes on with the others', () =>
    withEngine(async (engine) => {
      const controller = new AbortController();
      let nHeard = 0;
      const aborted = engine.sample(request(1, { nChoices: 3000 }), {
        signal: controller.signal,
        onToken: () => {
          nHeard += 1;
          controller.abort();
        },
      });
      const other = engine.sample(request(2));
      await assert.rejects(aborted, { name: 'AbortError' });
      assert.equal(nHeard, 1);
      assert.equal((await other).length, 1);
      await assert.rejects(engine.sample(request(3), { signal: controller.signal }), { name: 'AbortError' });
    }));

  it('refuses models that are unknown, missing or of another vocabulary, and requests out of range', () =>
    withEngine(async (engine) => {
      await assert.rejects(engine.sample(request(1, { modelId: 'none' })), ModelError);
      await assert.rejects(engine.loadModel('lost', join(folder, 'lost')), DataError);
      const foreign = join(folder, 'foreign.safetensors');
      await writeCheckpoint(foreign, { shape: tinyShape, weights: tinyWeights(), metadata: {} });
      await assert.rejects(engine.loadModel('foreign', foreign), /vocabulary/);
      for (const changes of [
        { promptTokens: [] },
        { promptTokens: Array<number>(21).fill(2) },
        { promptTokens: [24] },
        { nChoices: 0 },
        { temperature: -1 },
        { temperature: NaN },
        { topP: 0 },
        { maxTokens: 0 },
        { seed: 0.5 },
        { stop: [''] },
        { topLogprobs: 21 },
      ]) {
        await assert.rejects(engine.sample(request(1, changes)), DataError, JSON.stringify(changes));
      }
    }));

  it('reports a checkpoint that vanished, and serves the other models on', () =>
    withEngine(async (engine) => {
      const path = join(folder, 'vanishing.safetensors');
      await writeCheckpoint(path, { shape: tinyShape, weights: tinyWeights(), metadata });
      await engine.loadModel('vanishing', path);
      await rm(path);
      await assert.rejects(
        engine.sample(request(1, { modelId: 'vanishing' })),
        /vanishing.*expected a readable checkpoint/,
      );
      assert.equal((await engine.sample(request(1))).length, 1);
    }));

  it('rejects what a crashed thread was working on, and starts another thread for the next request', async () => {
    const threads: EventEmitter[] = [];
    const startThread = (): Worker => {
      const thread = Object.assign(new EventEmitter(), {
        postMessage: (messages: { kind: string; partId: number }[]) => {
          // The first thread stays silent until it crashes; the second answers.
          if (threads.length === 1) return;
          const answers = messages.map(({ partId }) => ({ kind: 'done', partId, choices: [] }));
          queueMicrotask(() => thread.emit('message', answers));
        },
        terminate: () => Promise.resolve(0),
      });
      threads.push(thread);
      return thread as unknown as Worker;
    };
    await withEngine(
      async (engine) => {
        const lost = engine.sample(request(1));
        setImmediate(() => threads[0]!.emit('error', new Error('out of memory')));
        await assert.rejects(lost, (thrown) => {
          assert.ok(thrown instanceof ModelError);
          assert.equal(thrown.code, 'thread-crashed');
          assert.match(thrown.message, /out of memory/);
          return true;
        });
        assert.deepEqual(await engine.sample(request(2)), []);
      },
      { nWorkers: 1, startThread },
    );
  });

  it('rejects what comes in the very moment in which it is closed', async () => {
    let pending: Promise<unknown> = Promise.resolve();
    await withEngine((engine) => {
      pending = engine.sample(request(1));
      pending.catch(() => undefined);
      return Promise.resolve();
    });
    await assert.rejects(pending, /closed/);
  });

  it('rejects what is under way when it is closed', async () => {
    let pending: Promise<unknown> = Promise.resolve();
    await withEngine(async (engine) => {
      pending = engine.sample(request(1, { nChoices: 3000 }));
      pending.catch(() => undefined);
      await new Promise((resolve) => setImmediate(resolve));
    });
    await assert.rejects(pending, /closed/);
  });
});
