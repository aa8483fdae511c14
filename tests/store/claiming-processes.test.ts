import assert from 'node:assert/strict';
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readTextIfPresent } from '../../lib/src/core/files.js';
import { inTemporaryFolder } from '../fixtures/temporary-folder.js';

const SCRIPT = join('tests', 'store', 'claiming-process.ts');
const KEYS = Array.from({ length: 300 }, (_, i) => `key-${i}`).sort();

/** Of the test that runs. */
const children: ChildProcess[] = [];

interface Child {
  process: ChildProcess;
  /** What it says next. */
  said: () => Promise<unknown>;
}

/** Starts a process that waits for a word before it begins. */
async function start(folder: string, order: string, mode: 'work' | 'hang'): Promise<Child> {
  const child = fork(SCRIPT, [folder, order, '2', mode], { execArgv: ['--import', 'tsx'] });
  children.push(child);
  const messages: unknown[] = [];
  let wake = (): void => undefined;
  child.on('message', (message) => {
    messages.push(message);
    wake();
  });
  child.on('exit', () => wake());
  const said = async (): Promise<unknown> => {
    while (messages.length === 0 && child.exitCode === null && child.signalCode === null)
      await new Promise<void>((resolve) => (wake = resolve));
    return messages.shift();
  };
  assert.equal(await said(), 'ready');
  return { process: child, said };
}

async function computed(folder: string): Promise<string[]> {
  const text = (await readTextIfPresent(join(folder, 'computed'))) ?? '';
  return text
    .split('\n')
    .filter((line) => line !== '')
    .sort();
}

describe('processes that share a store', () => {
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
  });

  it('compute each of the same things once in all, and both see everything', () =>
    inTemporaryFolder(async (folder) => {
      const both = await Promise.all([start(folder, 'a', 'work'), start(folder, 'b', 'work')]);
      for (const { process } of both) process.send('go');
      for (const { said } of both) assert.equal(await said(), 'missing 0');
      assert.deepEqual(await computed(folder), KEYS);
    }));

  it('take over what a killed one had claimed', () =>
    inTemporaryFolder(async (folder) => {
      const [hanging, working] = await Promise.all([start(folder, 'a', 'hang'), start(folder, 'b', 'work')]);
      hanging.process.send('go');
      assert.equal(await hanging.said(), 'hangs');
      working.process.send('go');
      // It does all that the other does not hold, and then cannot go on.
      const nFree = KEYS.length - 8;
      for (let nDone = 0; nDone < nFree; nDone = (await computed(folder)).length) await sleep(10);
      await sleep(100);
      assert.equal((await computed(folder)).length, nFree);
      hanging.process.kill('SIGKILL');
      await once(hanging.process, 'exit');
      assert.equal(await working.said(), 'missing 0');
      assert.deepEqual(await computed(folder), KEYS);
    }));
});
