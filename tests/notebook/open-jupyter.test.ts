import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inTemporaryFolder } from '../fixtures/temporary-folder.js';

const script = fileURLToPath(new URL('../../scripts/notebooks.ts', import.meta.url));
const notebooks = fileURLToPath(new URL('../../notebooks', import.meta.url));
const isRoot = process.getuid?.() === 0;
const forRoot = isRoot ? ' --allow-root' : '';

/** Writes a program that prints its name, arguments and surroundings; other subcommands than `known` fail. */
async function writeProgram(folder: string, name: string, known = '*'): Promise<void> {
  const lines = [
    '#!/bin/sh',
    `case "$1" in ${known}) ;; *) exit 1;; esac`,
    `echo "${name} $@"`,
    'echo "JUPYTER_PATH=$JUPYTER_PATH"',
    'pwd',
    '[ "$1" != "--fail" ] || exit 7',
    '',
  ];
  await writeFile(join(folder, name), lines.join('\n'), { mode: 0o755 });
}

/** `npm run notebooks` on a machine that has only the programs of this folder. */
function openWith(folder: string, ...args: string[]): { status: number | null; out: string; err: string } {
  const env = { PATH: folder, JUPYTER_PATH: '/elsewhere' };
  const options = { env, encoding: 'utf8' as const };
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', 'tsx', script, ...args],
    options,
  );
  return { status, out: stdout, err: stderr };
}

describe('npm run notebooks', function () {
  this.timeout(60_000);

  it('finds each way to start Jupyter, and passes on arguments, kernel and exit code', () =>
    inTemporaryFolder(async (folder) => {
      await writeProgram(folder, 'jupyter', 'notebook');
      const { status, out, err } = openWith(folder, '--no-browser', '--port=1');
      const path = `JUPYTER_PATH=${join(notebooks, '.jupyter')}:/elsewhere`;
      assert.equal(out, `jupyter notebook --no-browser --port=1${forRoot}\n${path}\n${notebooks}\n`);
      assert.equal(status, 0);
      assert.equal(err.includes('--allow-root'), isRoot);
      await writeProgram(folder, 'jupyter-notebook');
      assert.match(openWith(folder).out, new RegExp(`^jupyter-notebook ${forRoot.trim()}\n`));
      await writeProgram(folder, 'jupyter', '*');
      assert.match(openWith(folder, '--allow-root').out, /^jupyter lab --allow-root\n/);
      await writeProgram(folder, 'jupyter-lab');
      const failed = openWith(folder, '--fail');
      assert.match(failed.out, /^jupyter-lab --fail/);
      assert.equal(failed.status, 7);
    }));

  it('offers what this machine can install Jupyter with, and never pip install --user', () =>
    inTemporaryFolder(async (folder) => {
      const bare = openWith(folder);
      assert.equal(bare.status, 1);
      assert.match(bare.err, /Install pipx \(https:\/\/pipx\.pypa\.io\), then: pipx install jupyterlab/);
      assert.match(bare.err, /npx autodidact notebook run/);
      await writeProgram(folder, 'apt-get');
      await writeProgram(folder, 'uv');
      const { err } = openWith(folder);
      const sudo = isRoot ? '' : 'sudo ';
      const commands = `  uv tool install jupyterlab\n  ${sudo}apt-get install jupyter-notebook\n`;
      assert.ok(err.startsWith(`Jupyter is not installed. Install it with:\n${commands}Notebooks`), err);
      assert.doesNotMatch(err, /--user/);
    }));
});
