import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CommanderError } from 'commander';
import { EXIT_CODES, exitCodeOf } from '../../lib/src/cli/exit-codes.js';
import {
  BudgetError,
  ConfigError,
  DataError,
  GateError,
  ModelError,
  ReviewError,
} from '../../lib/src/core/errors.js';
import { ROOT } from '../docs/documents.js';
import { runCommandLine, type CommandOutcome } from '../fixtures/command-line.js';
import { PLANNED_EXPERIMENT, writePlanned } from '../fixtures/planned-experiment.js';
import { NEVER } from '../fixtures/scripted-endpoint.js';
import { startStrictServer } from '../fixtures/servers/strict-server.js';
import { vllm } from '../fixtures/servers/vllm.js';
import { embeddedIn, writeExperiment } from '../fixtures/small-experiment.js';
import { inTemporaryFolder } from '../fixtures/temporary-folder.js';

/** `autodidact run` with everything inside `folder`. */
function run(folder: string, ...options: string[]): Promise<CommandOutcome> {
  const places = ['--results', join(folder, 'results'), '--completions', join(folder, 'completions')];
  return runCommandLine('run', join(folder, 'experiment.yaml'), ...places, ...options);
}

describe('exit codes', () => {
  it('follow from what was thrown', () => {
    const parts = { subject: 's', expected: 'e', remedy: 'r' };
    const stop = new AbortController();
    stop.abort(new Error('stopped by the user'));
    const thrown: [unknown, keyof typeof EXIT_CODES][] = [
      [new ConfigError(parts), 'wrongInput'],
      [new CommanderError(1, 'commander.unknownCommand', 'unknown'), 'wrongInput'],
      [new CommanderError(0, 'commander.helpDisplayed', 'help'), 'done'],
      [new DataError(parts), 'failed'],
      [new ModelError({ ...parts, scope: 'endpoint', code: 'unreachable' }), 'endpointFailed'],
      [new BudgetError(parts), 'budgetReached'],
      [new GateError(parts), 'gateClosed'],
      [new ReviewError(parts), 'waitingForPeople'],
      [new TypeError('x is undefined'), 'defect'],
      ['a text', 'defect'],
    ];
    for (const [error, name] of thrown) assert.equal(exitCodeOf(error, NEVER), EXIT_CODES[name]);
    assert.equal(exitCodeOf(stop.signal.reason, stop.signal), EXIT_CODES.stopped);
  });

  it('are all explained in the manual', async () => {
    const page = await readFile(join(ROOT, 'docs/commands.md'), 'utf8');
    const rows = [...page.matchAll(/^\| +(\d+) +\|/gm)].map(([, code]) => Number(code));
    assert.deepEqual(rows, Object.values(EXIT_CODES));
  });

  it('tell a run that finished from one whose budget is used up', () =>
    inTemporaryFolder(async (folder) => {
      await writeExperiment(folder, { ...embeddedIn(folder), iterations: 0 });
      const capped = await run(folder, '--set', 'budget.calls=3');
      assert.deepEqual([capped.code, capped.err.includes('budget')], [EXIT_CODES.budgetReached, true]);
      assert.equal((await run(folder)).code, EXIT_CODES.done);
    }));

  it('tell an endpoint that failed from an experiment that is wrong', () =>
    inTemporaryFolder(async (folder) => {
      await writePlanned(folder, { ...PLANNED_EXPERIMENT, iterations: 0 });
      assert.equal((await run(folder)).code, EXIT_CODES.endpointFailed);
      assert.equal((await run(folder, '--set', 'model=')).code, EXIT_CODES.wrongInput);
    }));
});

describe('a run', () => {
  it('checks its trainer before anything is paid for, and warns of what it survives', () =>
    inTemporaryFolder(async (folder) => {
      const server = await startStrictServer(vllm({ model: 'seed', maxModelLen: 8192 }));
      try {
        const trainer = { backend: 'command', command: ['sh', 'train.sh'] };
        const endpoint = { provider: 'openai', baseUrl: `${server.origin}/v1` };
        await writePlanned(folder, { ...PLANNED_EXPERIMENT, endpoint, finetune: { trainer } });
        const { code, err } = await run(folder);
        assert.equal(code, EXIT_CODES.wrongInput);
        assert.match(
          err,
          /^error: finetune\.trainer: expected a trainer that can start.*no file train\.sh.*autodidact doctor/m,
        );
        assert.ok(server.answered.every(({ path }) => path === '/v1/models'));
        await writeFile(join(folder, 'train.sh'), 'exit 1');
        const failed = await run(folder);
        assert.match(failed.err, /warning: trained model: no setting names it/);
        assert.ok(server.answered.some(({ path }) => path === '/v1/chat/completions'));
      } finally {
        await server.close();
      }
    }));
});
