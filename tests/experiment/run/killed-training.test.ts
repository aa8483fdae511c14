// A run that is killed during a command training, and again after it, trains once; its server has vLLM's routes alone.
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { commandArguments } from '../../fixtures/command-process.js';
import { startStrictServer } from '../../fixtures/servers/strict-server.js';
import { vllm } from '../../fixtures/servers/vllm.js';
import { writeExperiment } from '../../fixtures/small-experiment.js';
import { inTemporaryFolder } from '../../fixtures/temporary-folder.js';
import { until } from '../../fixtures/until.js';

const jsonl = (rows: readonly object[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('');

describe('a run that is killed during and after a command training', () => {
  it('trains once and goes on with the model that was made while it was dead', () =>
    inTemporaryFolder(async (folder) => {
      const server = await startStrictServer(
        vllm({ model: 'seed', maxModelLen: 8192, allowsAdapters: true }),
      );
      const children: ChildProcess[] = [];
      try {
        const words = Array.from('abcdefgh', (word) => ({ instruction: `tell me of ${word}` }));
        await writeFile(join(folder, 'instructions.jsonl'), jsonl(words));
        const pair = { winner: 'good answer', loser: 'bad answer', slice: 'all', errorKind: 'none' };
        const items = [{ itemId: 'one', instruction: 'more', ...pair }];
        await writeFile(join(folder, 'pairs.jsonl'), jsonl(items));
        const adapter = '{\\"lora_name\\": \\"judge\\", \\"lora_path\\": \\"/judge\\"}';
        const command = `echo ran >> ran; while [ ! -e go ]; do sleep 0.01; done
curl -sf -H 'content-type: application/json' -d "${adapter}" ${server.origin}/v1/load_lora_adapter
echo '{"model": "judge"}' > "$AUTODIDACT_RESULT_FILE"; echo done >> ended`;
        const path = await writeExperiment(folder, {
          name: 'killed',
          iterations: 1,
          endpoint: { provider: 'openai', baseUrl: `${server.origin}/v1` },
          model: 'seed',
          pack: 'general',
          instructions: { source: 'jsonl', path: 'instructions.jsonl', perIteration: 8 },
          judge: { samples: 1 },
          finetune: { trainer: { backend: 'command', command } },
          evaluate: { benchmark: { source: 'jsonl', path: 'pairs.jsonl' } },
        });
        const start = (): ChildProcess => {
          const places = ['--results', join(folder, 'results'), '--completions', join(folder, 'completions')];
          const child = spawn(process.execPath, [...commandArguments(), 'run', path, ...places], {
            stdio: 'ignore',
          });
          children.push(child);
          return child;
        };
        const textOf = (name: string): Promise<string> =>
          readFile(join(folder, name), 'utf8').catch(() => '');
        const killedWhen = async (isTime: () => Promise<boolean> | boolean): Promise<void> => {
          const child = start();
          const closed = once(child, 'close');
          await until(isTime);
          child.kill('SIGKILL');
          await closed;
          // On a quick machine it may have ended just before.
          assert.ok(child.signalCode === 'SIGKILL' || child.exitCode === 0);
        };
        await killedWhen(async () => (await textOf('ran')) !== '');
        await writeFile(join(folder, 'go'), '');
        await until(async () => (await textOf('ended')) !== '');
        await killedWhen(() =>
          server.answered.some(({ body }) => (body as { model?: string } | null)?.model === 'judge'),
        );
        const [code] = (await once(start(), 'close')) as [number];
        assert.equal(code, 0);
        assert.equal(await textOf('ran'), 'ran\n');
        const [run = ''] = await readdir(join(folder, 'results', 'killed'));
        const manifest = JSON.parse(
          await readFile(join(folder, 'results', 'killed', run, 'manifest.json'), 'utf8'),
        ) as { models: string[] };
        assert.deepEqual(manifest.models, ['seed', 'judge']);
        assert.deepEqual(server.refused(), []);
      } finally {
        for (const child of children) child.kill('SIGKILL');
        await server.close();
      }
    }));
});
