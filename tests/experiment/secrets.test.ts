import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '../../lib/src/core/errors.js';
import { Secrets } from '../../lib/src/core/secrets.js';
import { startServer } from '../../lib/src/micro/server/start.js';
import { connectServers, type EngineEvent, type SampleRequest } from '../../lib/src/model/index.js';
import {
  formsOf,
  N_BODIES,
  startEchoingProxy,
  type EchoingProxy,
  type Mischief,
} from '../fixtures/echoing-proxy.js';
import { SMALL_EXPERIMENT, writeExperiment } from '../fixtures/small-experiment.js';
import { commandArguments } from '../fixtures/command-process.js';
import { inTemporaryFolder } from '../fixtures/temporary-folder.js';

/** Every sign that an encoding changes, and between them a piece that none does. */
const PIECE = 'Te5tK3y';
const KEY = String.raw`k/"${PIECE}C0rere&=~w%5<x>\z'+`;

interface Outcome {
  code: number | null;
  /** Everything that was printed. */
  text: string;
}

/** Runs the command from its sources, with the key in its environment. */
async function autodidact(args: string[]): Promise<Outcome> {
  const child = spawn(process.execPath, [...commandArguments(), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    // Defects are to show their stacks, too.
    env: { ...process.env, MY_KEY: KEY, AUTODIDACT_DEBUG: '1' },
  });
  return new Promise((resolve) => {
    let text = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8');
      stream.on('data', (chunk: string) => (text += chunk));
    }
    child.on('close', (code) => resolve({ code, text }));
  });
}

/** Where the key stands in a text, in whatever form. */
function leaksIn(text: string): string[] {
  const forms = { ...formsOf(KEY), 'a piece of it': PIECE };
  return Object.entries(forms)
    .filter(([, form]) => text.includes(form))
    .map(
      ([name, form]) =>
        `${name}: …${text.slice(Math.max(0, text.indexOf(form) - 60), text.indexOf(form))}[here]`,
    );
}

/** The files below these folders in which the key stands. */
async function leaksBelow(...folders: string[]): Promise<string[]> {
  const leaks: string[] = [];
  let nFiles = 0;
  for (const folder of folders) {
    for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      nFiles++;
      const path = join(entry.parentPath, entry.name);
      for (const leak of leaksIn(await readFile(path, 'latin1'))) leaks.push(`${path}: ${leak}`);
    }
  }
  assert.ok(nFiles > 0, 'there is something to look through');
  return leaks;
}

describe('the key of an endpoint that repeats it in every way', function () {
  this.timeout(240_000);

  /** A run of the small experiment at a proxy; all of its runs share what they keep. */
  async function atProxy(
    use: (
      run: (mischief: Mischief) => Promise<Outcome>,
      proxy: EchoingProxy,
      folder: string,
    ) => Promise<void>,
    endpoint: Record<string, unknown> = { apiKeyEnv: 'MY_KEY' },
  ): Promise<void> {
    await inTemporaryFolder(async (folder) => {
      const server = await startServer({ stateFolder: join(folder, 'state'), apiKey: KEY, nWorkers: 1 });
      const proxy = await startEchoingProxy(server.baseUrl);
      try {
        const config = await writeExperiment(folder, {
          ...SMALL_EXPERIMENT,
          iterations: 1,
          instructions: { source: 'embedded', perIteration: 24 },
          judge: { ...SMALL_EXPERIMENT.judge, samples: 3 },
          evaluate: { ...SMALL_EXPERIMENT.evaluate, vote: undefined },
          endpoint: { provider: 'openai', baseUrl: proxy.baseUrl, identity: 'echo', ...endpoint },
        });
        const kept = ['results', 'completions'].flatMap((name) => [`--${name}`, join(folder, name)]);
        const run = (mischief: Mischief): Promise<Outcome> => {
          proxy.mischief = mischief;
          return autodidact(['run', config, ...kept]);
        };
        await use(run, proxy, folder);
      } finally {
        await proxy.close();
        await server.close();
      }
    });
  }

  /** In every thirty: too many, broken, wrong with 200, refused, gone. */
  const flaky = (n: number): number | null => ({ 1: 429, 3: 500, 5: 200, 7: 400, 9: 0 })[n % 30] ?? null;

  it('stands nowhere, neither in what failing runs leave and print nor in what the run leaves that goes on from them', () =>
    atProxy(async (run, proxy, folder) => {
      const refused = await run({ everything: 401 });
      assert.equal(refused.code, 3, refused.text);
      assert.match(refused.text, /401/);
      const broken = await run({ breaksLists: true });
      assert.equal(broken.code, 3, broken.text);
      const stopped = await run({ chat: (n) => (n >= 40 ? 401 : flaky(n)) });
      assert.equal(stopped.code, 3, stopped.text);
      assert.match(stopped.text, /401/);
      const untrained = await run({ chat: flaky, jobs: 'fail' });
      assert.equal(untrained.code, 3, untrained.text);
      assert.match(untrained.text, /not for/);
      const finished = await run({ chat: flaky, jobs: 'talk' });
      assert.equal(finished.code, 0, finished.text);
      assert.match(finished.text, /report: /);

      const outcomes = { refused, broken, stopped, untrained, finished };
      for (const [name, { text }] of Object.entries(outcomes)) assert.deepEqual(leaksIn(text), [], name);
      assert.deepEqual(await leaksBelow(folder), []);

      // The key was there to be found: in answers that count as failures, in drops, in jobs.
      for (const what of ['401', '429', '500', '200', '400', 'list', 'fail', 'talk'])
        assert.ok((proxy.nEchoes[what] ?? 0) > 0, what);
      const files = await readdir(join(folder, 'results'), { recursive: true });
      const texts = async (name: string): Promise<string> => {
        const found = files.filter((file) => file.endsWith(name));
        const contents = await Promise.all(
          found.map((file) => readFile(join(folder, 'results', file), 'utf8')),
        );
        return contents.join('');
      };
      assert.match(await texts('.drops.jsonl'), /no luck[^\n]*\[secret\]/);
      assert.match(await texts('log.jsonl'), /"code":"http-429"[^\n]*no luck[^\n]*\[secret\]/);
      assert.match(await texts('log.jsonl'), /\[secret\][^\n]*"msg":"run failed"/);
      assert.match(await texts('status.json'), /"lastError": \{/);
    }));

  it('stands nowhere when it comes from a file, and the server knows another', () =>
    inTemporaryFolder(async (elsewhere) => {
      const apiKeyFile = join(elsewhere, 'key.txt');
      await writeFile(apiKeyFile, `${KEY}-wrong\n`, { mode: 0o644 });
      await atProxy(
        async (run, _, folder) => {
          const { code, text } = await run({});
          assert.equal(code, 3, text);
          assert.match(text, /warning: .*key\.txt can be read by other users/);
          assert.match(text, /401/);
          assert.deepEqual(leaksIn(text), []);
          assert.deepEqual(await leaksBelow(folder), []);
        },
        { apiKeyFile },
      );
    }));

  it('is in no error and no event, whatever way the server puts it and wherever that is cut', async () => {
    const proxy = await startEchoingProxy('http://127.0.0.1:9/v1');
    const request: SampleRequest = {
      model: 'm',
      messages: [{ role: 'user', content: 'q' }],
      sampling: { temperature: 0, topP: 1, maxTokens: 8 },
      nSamples: 1,
      seed: 1,
      promptVersion: 'v1',
    };
    const nAnswers = N_BODIES * 2 * Object.keys(formsOf(KEY)).length;
    const leaks: string[] = [];
    let nSecrets = 0;
    try {
      for (const status of [400, 200, 500, 429]) {
        proxy.mischief = { chat: () => status };
        for (let i = 0; i < nAnswers; i++) {
          const events: EngineEvent[] = [];
          const endpoint = connectServers({
            baseUrls: [proxy.baseUrl],
            apiKey: KEY,
            identity: 'echo',
            concurrency: 1,
            timeoutMs: 5000,
            retries: { maxAttempts: 1, maxRateLimited: 1 },
            redact: new Secrets([KEY]).redact,
            onEvent: (event) => events.push(event),
          });
          const options = { idempotencyKey: `${status}-${i}`, signal: new AbortController().signal };
          await assert.rejects(endpoint.sample(request, options), (thrown: unknown) => {
            const told = messageOf(thrown) + JSON.stringify(events);
            if (told.includes('[secret]')) nSecrets++;
            for (const leak of leaksIn(told)) leaks.push(`${status} ${leak}`);
            return true;
          });
          await endpoint.close();
        }
      }
    } finally {
      await proxy.close();
    }
    assert.deepEqual([...new Set(leaks)], []);
    assert.ok(nSecrets > nAnswers, `${nSecrets} messages show where it was`);
  });
});
