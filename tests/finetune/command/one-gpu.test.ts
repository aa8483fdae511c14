// The recipe for one GPU, from its file to its figures: TRL is a stand-in with TRL's options, and vLLM one with vLLM's routes.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parse } from 'yaml';
import { mkdir, readFile, realpath, writeFile } from 'node:fs/promises';
import { startStrictServer, type StrictServer } from '../../fixtures/servers/strict-server.js';
import { vllm } from '../../fixtures/servers/vllm.js';
import { runIn } from '../../fixtures/small-experiment.js';
import { inTemporaryFolder } from '../../fixtures/temporary-folder.js';
import { describeWithPython, openRecipe, type RecipeWorld } from './recipe-world.js';

const MODEL = 'meta-llama/Llama-3.1-8B-Instruct';
const asServed = { model: MODEL, maxModelLen: 8192, allowsAdapters: true, sleeps: true };

/** The experiment, asking this server, with settings of its training that differ. */
async function experimentAt(
  world: RecipeWorld,
  server: StrictServer,
  finetune: object = {},
  more: object = {},
): Promise<string> {
  const own = parse(await readFile(join(world.folder, 'judge.yaml'), 'utf8')) as {
    endpoint: object;
    finetune: { trainer: object };
  };
  const values = { server: server.origin, sleep: 'yes', ...more };
  return world.write({
    endpoint: { ...own.endpoint, baseUrl: `${server.origin}/v1` },
    finetune: { ...own.finetune, ...finetune, trainer: { ...own.finetune.trainer, values } },
  });
}

describeWithPython('the recipe for one GPU', () => {
  it('trains an adapter in each iteration while vLLM sleeps, loads it, and judges with it', () =>
    inTemporaryFolder(async (folder) => {
      const server = await startStrictServer(vllm(asServed));
      try {
        const world = await openRecipe(folder, ['one-gpu', 'judge.yaml']);
        const path = await experimentAt(world, server);
        const { result } = await runIn(folder, path, { environment: world.environment });
        const [seed, ...adapters] = result.manifest.models;
        assert.equal(seed, MODEL);
        assert.equal(new Set(adapters).size, 2);
        for (const adapter of adapters) assert.match(adapter, /\/kept\/adapter$/);
        assert.deepEqual(
          result.iterations.map(({ metrics }) => metrics.accuracy.value),
          [1, 1, 1],
        );
        // So few examples make one step in an epoch, of which there are two: no step of warm-up.
        const told = {
          gradient_accumulation_steps: 32,
          warmup_steps: 0,
          max_length: 6144,
          examples: null,
          resumed: false,
        };
        const trainings = (await world.trainings()).map((training) => ({ ...training, examples: null }));
        assert.deepEqual(trainings, [told, told]);
        assert.deepEqual(
          server.refused().map(({ path, status }) => [path, status]),
          [],
        );
        const asked = server.answered.map(({ method, path }) => `${method} ${path}`);
        for (const route of ['POST /sleep', 'POST /wake_up', 'POST /v1/load_lora_adapter'])
          assert.equal(asked.filter((one) => one === route).length, 2, route);
      } finally {
        await server.close();
      }
    }));

  it('only loads what an earlier attempt trained where vLLM loads no adapters, says so, and trains adapters further', () =>
    inTemporaryFolder(async (folder) => {
      const closed = await startStrictServer(vllm({ ...asServed, allowsAdapters: false }));
      const world = await openRecipe(folder, ['one-gpu', 'judge.yaml']);
      const path = await experimentAt(world, closed, { start: 'continue' });
      const run = (): ReturnType<typeof runIn> => runIn(folder, path, { environment: world.environment });
      try {
        await assert.rejects(run(), /start it with VLLM_ALLOW_RUNTIME_LORA_UPDATING=True/);
      } finally {
        await closed.close();
      }
      const open = await startStrictServer(vllm(asServed), Number(new URL(closed.origin).port));
      try {
        const { result } = await run();
        assert.equal(result.manifest.models.length, 3);
        assert.equal((await world.trainings()).length, 2);
      } finally {
        await open.close();
      }
    }));

  it('leaves out what is too long instead of cutting its verdict off, and stops where that is much', () =>
    inTemporaryFolder(async (folder) => {
      const server = await startStrictServer(vllm(asServed));
      try {
        const world = await openRecipe(folder, ['one-gpu', 'judge.yaml']);
        const path = await experimentAt(world, server, {}, { maxLength: 5 });
        await assert.rejects(
          runIn(folder, path, { environment: world.environment }),
          /(\d) of \1 examples are longer than 5 tokens.*set trainer\.values\.maxLength/s,
        );
      } finally {
        await server.close();
      }
    }));

  it('serves the adapters of earlier runs, too, by options that vLLM has', () =>
    inTemporaryFolder(async (folder) => {
      const world = await openRecipe(folder, ['one-gpu', 'judge.yaml']);
      const job = join(folder, 'results', 'one-gpu', 'seed-1', 'trainer-jobs', 'job');
      await mkdir(join(job, 'kept', 'adapter'), { recursive: true });
      await writeFile(join(job, 'kept', 'adapter', 'adapter_config.json'), '{}');
      await mkdir(join(folder, 'results', 'one-gpu', 'seed-1', 'trainer-jobs', 'other', 'attempt-1'), {
        recursive: true,
      });
      await writeFile(join(folder, 'bin', 'vllm'), '#!/bin/sh\nprintf "%s\\n" "$@"\n');
      const served = spawnSync('sh', [join(world.folder, 'serve.sh')], {
        cwd: folder,
        env: { ...world.environment, PORT: '8123' },
        encoding: 'utf8',
      });
      assert.equal(served.status, 0, served.stderr);
      const words = served.stdout.trim().split('\n');
      const adapter = await realpath(join(job, 'kept', 'adapter'));
      assert.deepEqual(words.slice(0, 2), ['serve', MODEL]);
      assert.deepEqual(words.slice(-2), ['--lora-modules', `${adapter}=${adapter}`]);
      const options = JSON.parse(
        await readFile(new URL('../../fixtures/trainer-options.json', import.meta.url), 'utf8'),
      ) as { vllmServe: string };
      for (const word of words.filter((one) => one.startsWith('--')))
        assert.ok(options.vllmServe.split(' ').includes(word.slice(2)), word);
    }));
});
