import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunEvent } from '../../lib/src/experiment/index.js';
import { startLabellingServer } from '../fixtures/labelling-server.js';
import { sendChoices, startQuirkyServer, type QuirkyServer } from '../fixtures/quirky-server.js';
import { runIn, writeExperiment } from '../fixtures/small-experiment.js';
import { inTemporaryFolder } from '../fixtures/temporary-folder.js';

/** Serves what a trainer made: models called `careless-…` always say A, all others know what is good. */
const startTrainersServer = (): Promise<QuirkyServer> =>
  startQuirkyServer(({ body, response }) => {
    const prompt = body.messages.at(-1)?.content ?? '';
    const isRight = !body.model.startsWith('careless') && !prompt.includes('<response_A>\ngood');
    sendChoices(response, Array<string>(body.n ?? 1).fill(isRight ? '[[B]]' : '[[A]]'));
  });

const jsonl = (rows: readonly object[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('');

const itemsOf = (name: string): string =>
  jsonl(
    ['one', 'two'].map((word) => ({
      itemId: `${name}-${word}`,
      instruction: `${name} ${word}`,
      slice: 'all',
      errorKind: 'none',
      winner: `good answer to ${name} ${word}`,
      loser: `bad answer to ${name} ${word}`,
    })),
  );

describe('a run whose trainer serves its models on another server', () => {
  it('asks them there: for the choice of a checkpoint, for evaluations, and after an interruption', () =>
    inTemporaryFolder(async (folder) => {
      const usual = await startLabellingServer();
      const trainers = await startTrainersServer();
      try {
        const words = ['apples', 'bears', 'clouds', 'doors', 'engines', 'forests', 'gardens', 'houses'];
        const instructions = words.map((word) => ({ instruction: `tell me of ${word}` }));
        await writeFile(join(folder, 'instructions.jsonl'), jsonl(instructions));
        await writeFile(join(folder, 'reported.jsonl'), itemsOf('reported'));
        await writeFile(join(folder, 'held-out.jsonl'), itemsOf('held-out'));
        const checkpoints = `[{"model": "careful-%s"}, {"model": "careless-%s"}]`;
        const result = `{"model": "careless-%s", "endpoint": "${trainers.baseUrl}", "checkpoints": ${checkpoints}}`;
        const suffix = '"$AUTODIDACT_SUFFIX"';
        const path = await writeExperiment(folder, {
          name: 'elsewhere',
          iterations: 2,
          endpoint: { provider: 'openai', baseUrl: usual.baseUrl },
          model: 'seed',
          pack: 'general',
          instructions: { source: 'jsonl', path: 'instructions.jsonl', perIteration: 4 },
          judge: { samples: 1 },
          finetune: {
            trainer: {
              backend: 'command',
              command: `printf '${result}' ${suffix} ${suffix} ${suffix} > "$AUTODIDACT_RESULT_FILE"`,
            },
            checkpoint: { benchmark: { source: 'jsonl', path: 'held-out.jsonl' } },
          },
          evaluate: { benchmark: { source: 'jsonl', path: 'reported.jsonl' } },
        });
        const controller = new AbortController();
        const stopAfterFirst = (event: RunEvent): void => {
          if (event.kind === 'iteration-finished' && event.metrics.iteration === 1) controller.abort();
        };
        const environment = process.env;
        await assert.rejects(
          runIn(folder, path, { environment, signal: controller.signal, onEvent: stopAfterFirst }),
          { name: 'AbortError' },
        );
        const { result: run } = await runIn(folder, path, { environment });
        const made = ['careful-elsewhere-1', 'careful-elsewhere-2'];
        assert.deepEqual(run.manifest.models, ['seed', ...made]);
        assert.deepEqual(
          run.iterations.map(({ metrics }) => metrics.accuracy.value),
          [1, 1, 1],
        );
        assert.deepEqual([...usual.models], ['seed']);
        const asked = new Set(trainers.bodies.map(({ model }) => model));
        assert.deepEqual([...asked].sort(), [...made, 'careless-elsewhere-1', 'careless-elsewhere-2']);
      } finally {
        await usual.close();
        await trainers.close();
      }
    }));
});
