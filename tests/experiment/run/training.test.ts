import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { modelRegistrySchema } from '../../../lib/src/schema/index.js';
import { embeddedIn, figuresOf, runIn, writeExperiment } from '../../fixtures/small-experiment.js';
import { inTemporaryFolder } from '../../fixtures/temporary-folder.js';

const tsx = createRequire(import.meta.url).resolve('tsx');
const script = fileURLToPath(new URL('../../../scripts/embedded-trainer.ts', import.meta.url));

async function linesOf(path: string): Promise<Record<string, unknown>[]> {
  const text = await readFile(path, 'utf8');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe('the training of a run', function () {
  this.timeout(60_000);

  it('gives the same judges when a command trains as when the server does', () =>
    inTemporaryFolder(async (folder) => {
      const small = { ...embeddedIn(folder), iterations: 1 };
      const byServer = await runIn(folder, await writeExperiment(folder, small));
      const own = join(folder, 'own');
      const stateFolder = join(own, 'embedded');
      const byCommand = await runIn(
        own,
        await writeExperiment(folder, {
          ...small,
          endpoint: { ...small.endpoint, stateFolder },
          finetune: {
            ...small.finetune,
            trainer: {
              backend: 'command',
              command: [process.execPath, '--import', tsx, script],
              values: { stateFolder },
            },
          },
        }),
        { environment: process.env },
      );
      assert.deepEqual(figuresOf(byCommand.result), figuresOf(byServer.result));
      const names = [byServer, byCommand].map(({ result }) => result.manifest.models);
      assert.deepEqual(names[0], names[1]);
    }));

  it('takes the checkpoint that judges held-out pairs best, and holds examples back by instruction', () =>
    inTemporaryFolder(async (folder) => {
      const small = embeddedIn(folder);
      const { result } = await runIn(
        folder,
        await writeExperiment(folder, {
          ...small,
          iterations: 1,
          finetune: {
            ...small.finetune,
            epochs: 3,
            validation: { share: 0.25 },
            checkpoint: { benchmark: { source: 'embedded', split: 'dev', pairs: 20, seed: 2 } },
          },
        }),
      );
      const inside = join(result.folder, 'iteration-1');
      const nOf = async (name: string): Promise<number> => (await linesOf(join(inside, name))).length;
      const nExamples = await nOf('training-examples.jsonl');
      assert.equal((await nOf('training-file.jsonl')) + (await nOf('validation-file.jsonl')), nExamples);
      assert.ok((await nOf('validation-file.jsonl')) > 0);
      const { supervised } = JSON.parse(await readFile(join(inside, 'checkpoint-choice.json'), 'utf8')) as {
        supervised: {
          scores: { checkpoint: { model: string }; accuracy: { value: number; n: number } }[];
          chosen: { checkpoint: { model: string } };
        };
      };
      assert.equal(supervised.scores.length, 3);
      for (const { accuracy } of supervised.scores) assert.ok(accuracy.n > 0 && accuracy.n <= 40);
      const best = Math.max(...supervised.scores.map(({ accuracy }) => accuracy.value));
      const first = supervised.scores.find(({ accuracy }) => accuracy.value === best);
      assert.equal(supervised.chosen.checkpoint.model, first?.checkpoint.model);
      assert.equal(result.manifest.models.at(-1), first?.checkpoint.model);
      const report = await readFile(result.reportPath, 'utf8');
      assert.match(
        report,
        /\n## Checkpoints\n\n\| iteration \|[^]*\| 1 \| supervised \| step \d+ \| \d+\.\d \[/,
      );
      assert.match(report, /verdicts on `embedded, dev, 20 pairs`/);
    }));

  it('does not choose on pairs that are reported', () =>
    inTemporaryFolder(async (folder) => {
      const small = embeddedIn(folder);
      const { benchmark } = small.evaluate;
      const config = { ...small, finetune: { ...small.finetune, checkpoint: { benchmark } } };
      await assert.rejects(
        async () => runIn(folder, await writeExperiment(folder, config)),
        /finetune\.checkpoint\.benchmark: expected pairs that evaluate\.benchmark does not have, received 12 of 12/,
      );
    }));

  it('trains by preference after the kept judgments, and leaves the lineage of both models', () =>
    inTemporaryFolder(async (folder) => {
      const small = embeddedIn(folder);
      const { result, events } = await runIn(
        folder,
        await writeExperiment(folder, {
          ...small,
          iterations: 1,
          judge: { ...small.judge, orders: 'both' },
          finetune: { ...small.finetune, dpo: { beta: 0.2, nllScale: 1, epochs: 1 } },
        }),
      );
      const registry = JSON.parse(await readFile(join(result.folder, 'models.json'), 'utf8')) as unknown;
      const { models } = modelRegistrySchema.parse(registry);
      assert.deepEqual(
        models.map(({ method }) => method),
        ['supervised', 'dpo'],
      );
      const [supervised, preferred] = models;
      assert.equal(supervised?.parent, 'micro-seed');
      assert.equal(preferred?.parent, supervised.model);
      assert.equal(preferred.seedModel, 'micro-seed');
      assert.equal(result.manifest.models.at(-1), preferred.model);
      // A right and a wrong judgment of one prompt each; the server's file has what the records have.
      const inside = join(result.folder, 'iteration-1');
      const records = await linesOf(join(inside, 'preference-examples.jsonl'));
      assert.equal((await linesOf(join(inside, 'preference-file.jsonl'))).length, records.length);
      assert.ok(records.every(({ chosen, rejected }) => chosen !== rejected));
      const stage = events.flatMap((event) => (event.kind === 'stage-finished' ? [event.record] : []));
      const prefer = stage.find((record) => record.stage === 'prefer');
      assert.equal(prefer?.nKept, records.length);
      const nDropped = Object.values(prefer.drops).reduce((sum, n) => sum + n, 0);
      assert.equal(prefer.nInput, prefer.nKept + nDropped);
    }));

  it('holds the same instructions back from both trainings', () =>
    inTemporaryFolder(async (folder) => {
      const small = embeddedIn(folder);
      const { result } = await runIn(
        folder,
        await writeExperiment(folder, {
          ...small,
          iterations: 1,
          judge: { ...small.judge, orders: 'both' },
          finetune: { ...small.finetune, validation: { count: 8 }, dpo: { epochs: 1 } },
        }),
      );
      const inside = join(result.folder, 'iteration-1');
      const textsIn = async (name: string): Promise<Set<string>> =>
        new Set((await linesOf(join(inside, name))).map((row) => JSON.stringify(promptOf(row))));
      const trainedOn = await textsIn('training-file.jsonl');
      const heldBack = await textsIn('preference-validation-file.jsonl');
      assert.ok(heldBack.size > 0);
      assert.deepEqual(
        [...heldBack].filter((prompt) => trainedOn.has(prompt)),
        [],
      );
    }));
});

/** The prompt of a row in the OpenAI format, supervised or preference. */
function promptOf(row: Record<string, unknown>): unknown {
  const { messages, input } = row as { messages?: unknown[]; input?: { messages: unknown[] } };
  return input ? input.messages : messages?.slice(0, -1);
}
