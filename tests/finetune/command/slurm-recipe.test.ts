// The paper's recipe on Slurm, from its file to its figures: a job that trains, and a job behind it that serves and says where.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { startStrictServer, type StrictServer } from '../../fixtures/servers/strict-server.js';
import { vllm } from '../../fixtures/servers/vllm.js';
import { runIn } from '../../fixtures/small-experiment.js';
import { inTemporaryFolder } from '../../fixtures/temporary-folder.js';
import { until } from '../../fixtures/until.js';
import { parse } from 'yaml';
import { describeWithPython, openRecipe, type RecipeWorld } from './recipe-world.js';

const MODEL = 'meta-llama/Meta-Llama-3-70B-Instruct';

interface SlurmWorld extends RecipeWorld {
  server: StrictServer;
  path: string;
  run: () => ReturnType<typeof runIn>;
  /** States of all jobs of Slurm, in the order of their ids. */
  states: () => Promise<string[]>;
}

/** The recipe in a folder; what Slurm still runs at the end is cancelled. */
async function withSlurm(
  iterations: number,
  test: (world: SlurmWorld, folder: string) => Promise<void>,
): Promise<void> {
  await inTemporaryFolder(async (folder) => {
    const server = await startStrictServer(vllm({ model: MODEL, maxModelLen: 8192 }));
    const world = await openRecipe(folder, ['paper', 'rewardbench.yaml']);
    const own = parse(await readFile(join(world.folder, 'rewardbench.yaml'), 'utf8')) as {
      finetune: { trainer: { scheduler: object } };
    };
    const { trainer } = own.finetune;
    const path = await world.write({
      iterations,
      endpoint: { provider: 'openai', baseUrl: `${server.origin}/v1` },
      generate: {},
      finetune: { ...own.finetune, trainer: { ...trainer, scheduler: { ...trainer.scheduler, pollMs: 20 } } },
    });
    const { environment } = world;
    const slurm = join(folder, 'slurm');
    const idsOf = async (): Promise<string[]> =>
      (await readdir(slurm)).filter((name) => name.endsWith('.state')).sort();
    try {
      await test(
        {
          ...world,
          server,
          path,
          run: () => runIn(folder, path, { environment }),
          states: async () => {
            const files = await idsOf();
            return Promise.all(files.map(async (file) => (await readFile(join(slurm, file), 'utf8')).trim()));
          },
        },
        folder,
      );
    } finally {
      for (const file of await idsOf())
        execFileSync('scancel', [file.slice(0, -'.state'.length)], { env: environment });
      await server.close();
    }
  });
}

describeWithPython("the paper's recipe on Slurm", () => {
  it('trains in one job, serves in the next, and learns the address, also that of a later start', () =>
    withSlurm(2, async ({ run, server, trainings, states, environment }, folder) => {
      const { result } = await run();
      const [seed, ...judges] = result.manifest.models;
      assert.equal(seed, MODEL);
      for (const judge of judges) assert.match(judge, /\/kept\/model$/);
      // 64 examples of a step, shared by 32 devices.
      const told = (await trainings()).map((one) => [one.gradient_accumulation_steps, one.resumed]);
      assert.deepEqual(told, [
        [2, false],
        [2, false],
      ]);
      // Training, serving, training, serving: the first judge is not served any more.
      assert.deepEqual(await states(), ['COMPLETED', 'CANCELLED by 0', 'COMPLETED', 'RUNNING']);
      assert.deepEqual(server.refused(), []);
      const asked = new Set(server.answered.map(({ body }) => (body as { model?: string } | null)?.model));
      for (const judge of judges) assert.ok(!asked.has(judge));

      const jobs = join(result.folder, 'trainer-jobs');
      const last = (await readFile(join(jobs, 'serving'), 'utf8')).trim();
      execFileSync('scancel', [last], { env: environment });
      const folderOfLast = join(judges.at(-1) ?? '', '../../attempt-1');
      const before = await readFile(join(folderOfLast, 'result.json'), 'utf8');
      execFileSync(
        'sbatch',
        [`--output=${join(folderOfLast, 'serve.log')}`, join(folderOfLast, 'serve.sbatch')],
        { env: environment },
      );
      await until(async () => {
        const now = await readFile(join(folderOfLast, 'result.json'), 'utf8').catch(() => before);
        return now !== before;
      });
      /** The last evaluation again. @returns how many requests it took */
      const evaluateAgain = async (): Promise<number> => {
        for (const file of ['iteration-2/evaluate.stage.json', 'iteration-2/manifest.json', 'manifest.json'])
          await rm(join(result.folder, file));
        const again = await run();
        assert.deepEqual(again.result.manifest.models, result.manifest.models);
        const record = await readFile(join(result.folder, 'iteration-2/evaluate.stage.json'), 'utf8');
        return (JSON.parse(record) as { usage: { requests: number } }).usage.requests;
      };
      // At another address it is the same judge: its completions count, and those that are not there come from there.
      assert.equal(await evaluateAgain(), 0);
      await rm(join(folder, 'completions'), { recursive: true });
      assert.ok((await evaluateAgain()) > 0);
      assert.equal((await trainings()).length, 2);
    }));

  it('shows the log of a training that failed, whose server never starts, and trains again when it is run again', () =>
    withSlurm(1, async ({ run, say, states, trainings }, folder) => {
      await say('trainings.fails', '');
      await assert.rejects(run(), /CANCELLED by 0; .*CUDA out of memory/s);
      assert.deepEqual(await states(), ['FAILED', 'CANCELLED by 0']);
      await rm(join(folder, 'trainings.fails'));
      const { result } = await run();
      assert.equal(result.manifest.models.length, 2);
      assert.equal((await trainings()).length, 2);
    }));
});
