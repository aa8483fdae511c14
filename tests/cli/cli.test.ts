import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { commandArguments } from '../fixtures/command-process.js';
import { inTemporaryFolder } from '../fixtures/temporary-folder.js';
import { writeExperiment } from '../fixtures/small-experiment.js';

interface Outcome {
  code: number | null;
  out: string;
  err: string;
}

/** Runs the command from its sources. */
function autodidact(
  args: string[],
  onOutput: (text: string, kill: (signal: NodeJS.Signals) => void) => void = () => undefined,
): Promise<Outcome> {
  const child = spawn(process.execPath, [...commandArguments(), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return new Promise((resolve) => {
    let out = '';
    let err = '';
    child.stdout.on('data', (chunk: Buffer) => {
      out += String(chunk);
      onOutput(out + err, (signal) => child.kill(signal));
    });
    child.stderr.on('data', (chunk: Buffer) => {
      err += String(chunk);
      onOutput(out + err, (signal) => child.kill(signal));
    });
    child.on('close', (code) => resolve({ code, out, err }));
  });
}

const hasNoStack = ({ out, err }: Outcome): void => assert.doesNotMatch(out + err, /\n\s+at /);

describe('the command line', function () {
  this.timeout(60_000);

  it('explains itself', async () => {
    const { code, out } = await autodidact(['--help']);
    assert.equal(code, 0);
    for (const command of ['run', 'select', 'judge', 'evaluate', 'export', 'models', 'status', 'score'])
      assert.match(out, new RegExp(`^ +${command}`, 'm'));
  });

  it('answers wrong usage with one message and a code that is not 0', async () => {
    for (const [args, expected] of [
      [['rnu'], /unknown command 'rnu'[\s\S]*Did you mean run\?/],
      [['run'], /missing required argument 'config'/],
      [['run', 'none.yaml'], /none\.yaml: expected an experiment file/],
      [['serve', '--port', '99999999'], /expected a whole number from 0 to 65535/],
      [['serve', '--host', '0.0.0.0', '--port', '0'], /key/],
      [['serve', '--api-key-env', 'NOT_SET_ANYWHERE'], /environment variable NOT_SET_ANYWHERE/],
      [['status', 'nowhere'], /expected the folder of a run/],
    ] as [string[], RegExp][]) {
      const outcome = await autodidact(args);
      assert.notEqual(outcome.code, 0, args.join(' '));
      assert.match(outcome.err, expected);
      hasNoStack(outcome);
    }
  });

  it('shows that there are no runs, also as JSON', () =>
    inTemporaryFolder(async (folder) => {
      assert.match((await autodidact(['status', '--results', folder])).out, /no runs below/);
      assert.deepEqual(JSON.parse((await autodidact(['status', '--results', folder, '--json'])).out), []);
    }));

  it('runs an experiment, shows its status from another process, and stops cleanly on Ctrl-C', () =>
    inTemporaryFolder(async (folder) => {
      const config = await writeExperiment(folder);
      const args = [
        'run',
        config,
        '--results',
        join(folder, 'results'),
        '--completions',
        join(folder, 'completions'),
      ];
      args.push('--set', `endpoint.stateFolder=${join(folder, 'embedded')}`);
      let isStopping = false;
      const stopped = await autodidact(args, (text, kill) => {
        if (isStopping || !text.includes('iteration 0  judge: ')) return;
        // Once: a second signal would end the process on the spot.
        isStopping = true;
        kill('SIGINT');
      });
      assert.equal(stopped.code, 130);
      assert.match(stopped.err, /the same command continues from here/);
      hasNoStack(stopped);
      assert.match((await autodidact(['status', '--results', join(folder, 'results')])).out, /interrupted/);

      const finished = await autodidact([...args, '--json']);
      assert.equal(finished.code, 0, finished.err);
      const result = JSON.parse(finished.out) as { folder: string; iterations: unknown[] };
      assert.equal(result.iterations.length, 3);
      assert.match(finished.err, /continuing/);
      const shown = await autodidact(['status', result.folder]);
      assert.match(shown.out, /finished[\s\S]*0 \(seed\)/);
      assert.match((await autodidact(args)).out, /accuracy % \[95%\][\s\S]*report: .*report\.md/);
    }));

  it('names a broken status file, in a list beside the runs that can be read', () =>
    inTemporaryFolder(async (folder) => {
      await mkdir(join(folder, 'x/y'), { recursive: true });
      await writeFile(join(folder, 'x/y/status.json'), '{');
      const listed = await autodidact(['status', '--results', folder]);
      assert.equal(listed.code, 0);
      assert.match(listed.err, /left out: .*status\.json: not JSON/);
      const outcome = await autodidact(['status', join(folder, 'x/y')]);
      assert.equal(outcome.code, 1);
      assert.match(outcome.err, /status\.json: expected a record/);
      hasNoStack(outcome);
    }));
});
