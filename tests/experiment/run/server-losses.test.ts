// Inputs that servers lose, at the level of runs and single stages: a stage that lost too many is not closed.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ModelError } from '../../../lib/src/core/errors.js';
import { exists } from '../../../lib/src/core/files.js';
import { evaluateToFile } from '../../../lib/src/experiment/index.js';
import { ServerLosses } from '../../../lib/src/experiment/run/server-losses.js';
import { sendChoices, sendJson, startQuirkyServer, type QuirkyServer } from '../../fixtures/quirky-server.js';
import { NEVER } from '../../fixtures/scripted-endpoint.js';
import { runIn, writeExperiment } from '../../fixtures/small-experiment.js';
import { inTemporaryFolder } from '../../fixtures/temporary-folder.js';

/** A server that breaks answers off in a way of its own (at once, so that no pause is waited for), and a seed model that is measured. */
async function withLosses(
  test: (setting: {
    folder: string;
    path: string;
    server: QuirkyServer;
    heal: () => void;
    nAsked: (item: string) => number;
  }) => Promise<void>,
): Promise<void> {
  await inTemporaryFolder(async (folder) => {
    let isHealed = false;
    const server = await startQuirkyServer(({ body, response }) => {
      const prompt = body.messages.at(-1)?.content ?? '';
      const content = prompt.includes('<response_A>\ngood') ? '[[A]]' : '[[B]]';
      if (isHealed || !prompt.includes('question 2')) return sendChoices(response, [content]);
      sendJson(response, 200, { choices: [{ message: { content }, finish_reason: 'engine_restart' }] });
    });
    const items = [1, 2, 3, 4].map((i) => {
      const fixed = { slice: 'all', errorKind: 'none', winner: `good ${i}`, loser: `bad ${i}` };
      return JSON.stringify({ itemId: `item-${i}`, instruction: `question ${i}`, ...fixed });
    });
    await writeFile(join(folder, 'items.jsonl'), `${items.join('\n')}\n`);
    await writeFile(join(folder, 'pool.jsonl'), '{"instruction": "one"}\n{"instruction": "another"}\n');
    const path = await writeExperiment(folder, {
      name: 'losses',
      iterations: 0,
      endpoint: { provider: 'openai', baseUrl: server.baseUrl },
      model: 'seed',
      pack: 'general',
      evaluate: { benchmark: { source: 'jsonl', path: 'items.jsonl' } },
    });
    const nAsked = (item: string): number =>
      server.bodies.filter(({ messages }) => messages.at(-1)?.content.includes(item)).length;
    try {
      await test({ folder, path, server, heal: () => (isHealed = true), nAsked });
    } finally {
      await server.close();
    }
  });
}

function assertLost(thrown: unknown): true {
  assert.ok(thrown instanceof ModelError && thrown.scope === 'endpoint', String(thrown));
  assert.equal(thrown.code, 'server-losses');
  assert.match(thrown.message, /1 of 4 inputs were lost to servers \(finish-reason 1\)/);
  assert.match(thrown.message, /--set endpoint\.acceptServerLosses=0\.25/);
  return true;
}

describe('inputs that a server loses', function () {
  this.timeout(20_000);

  it('keep a run from going on, and are all that the next one asks for', () =>
    withLosses(async ({ folder, path, heal, nAsked }) => {
      await assert.rejects(runIn(folder, path), assertLost);
      await assert.rejects(runIn(folder, path), assertLost);
      assert.deepEqual([nAsked('question 1'), nAsked('question 2')], [2, 4]);
      heal();
      const { result } = await runIn(folder, path);
      assert.deepEqual([nAsked('question 1'), nAsked('question 2')], [2, 6]);
      assert.equal(result.iterations[0]?.metrics.accuracy.n, 8);
      assert.doesNotMatch(await readFile(result.reportPath, 'utf8'), /lost to servers/);
    }));

  it('are left out of a run where they are accepted, which its report begins with', () =>
    withLosses(async ({ folder, path }) => {
      await assert.rejects(runIn(folder, path), assertLost);
      const { result, events } = await runIn(folder, path, {
        overrides: ['endpoint.acceptServerLosses=0.25'],
      });
      assert.equal(result.iterations[0]?.metrics.accuracy.n, 6);
      const report = await readFile(result.reportPath, 'utf8');
      assert.match(
        report,
        /1 of 4 inputs were lost to servers \(finish-reason 1\).* Stage evaluate of iteration 0/,
      );
      const warnings = events.filter(({ kind }) => kind === 'warning');
      assert.match(JSON.stringify(warnings), /1 of 4 inputs were lost to servers/);
    }));

  it('keep a stage by itself from having a record, too', () =>
    withLosses(async ({ folder, path, heal, nAsked }) => {
      const outFile = join(folder, 'evaluated.jsonl');
      const evaluate = (): ReturnType<typeof evaluateToFile> =>
        evaluateToFile({
          configPath: path,
          overrides: ['iterations=1', 'instructions={source: jsonl, path: pool.jsonl, perIteration: 2}'],
          outFile,
          resultsFolder: join(folder, 'results'),
          completionsFolder: join(folder, 'completions'),
          environment: {},
          signal: NEVER,
          onEvent: () => undefined,
        });
      await assert.rejects(evaluate(), assertLost);
      assert.equal(await exists(`${outFile}.stage.json`), false);
      heal();
      assert.equal((await evaluate()).record.nKept, 4);
      assert.equal(nAsked('question 1'), 2);
    }));

  it('are accepted with the share that the message names, whatever their number', () => {
    for (let nInput = 1; nInput <= 200; nInput++)
      for (let n = 1; n <= nInput; n++) {
        const losses = new ServerLosses();
        for (let i = 0; i < n; i++) losses.add({ subjectId: 'x', reason: 'http-500', fault: 'server' });
        const check = (accepted: number): void => {
          losses.check({ subject: 'stage', nInput, accepted });
        };
        try {
          check(0);
          assert.fail('nothing was lost');
        } catch (thrown) {
          check(Number(/acceptServerLosses=([\d.]+)/.exec(String(thrown))?.[1]));
        }
      }
  });
});
