import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { jupyterDataFolder } from '../../lib/src/notebook/kernel/install-kernel.js';
import { runNotebook } from '../../lib/src/notebook/index.js';
import { commandArguments } from '../fixtures/command-process.js';
import { inNotebookWorkspace } from '../fixtures/notebook-workspace.js';
import { code, notebookOf } from './notebook-of.js';

describe("Jupyter's data folder", () => {
  it('is that of the variable, or that of the platform', () => {
    const on = (platform: NodeJS.Platform, environment: NodeJS.ProcessEnv): string =>
      jupyterDataFolder(environment, { platform, home: '/home/me' });
    assert.equal(on('linux', { JUPYTER_DATA_DIR: '/data' }), '/data');
    assert.equal(on('linux', {}), '/home/me/.local/share/jupyter');
    assert.equal(on('linux', { XDG_DATA_HOME: '/xdg' }), '/xdg/jupyter');
    assert.equal(on('linux', { XDG_DATA_HOME: '' }), '/home/me/.local/share/jupyter');
    assert.equal(on('darwin', { XDG_DATA_HOME: '/xdg' }), '/home/me/Library/Jupyter');
    assert.equal(on('win32', { APPDATA: '/roaming' }), '/roaming/jupyter');
  });
});

describe('autodidact notebook install-kernel', function () {
  this.timeout(90_000);

  it('writes a kernel that runs cells in any folder, and says how to remove it', () =>
    inNotebookWorkspace(async ({ folder, notebooks }) => {
      const dataFolder = join(folder, 'data');
      const { status, stdout, stderr } = install(notebooks, dataFolder);
      assert.equal(status, 0, stderr);
      const spec = join(dataFolder, 'kernels', 'tslab', 'kernel.json');
      assert.match(
        stdout,
        new RegExp(`Installed .* in ${dirname(spec)}\nRemove it with: rm -r "${dirname(spec)}"`),
      );
      const { argv } = JSON.parse(await readFile(spec, 'utf8')) as { argv: string[] };
      assert.equal(argv[0], process.execPath);
      assert.ok(argv.includes(join(folder, 'node_modules/tslab/bin/tslab')), argv.join(' '));

      const { notebook } = await runNotebook(notebookOf(code('const answer: number = 42; answer')), {
        kernelSpecPath: spec,
        cwd: notebooks,
        timeoutMs: 60_000,
        signal: new AbortController().signal,
      });
      assert.match(JSON.stringify(notebook.cells), /"text":"42\\n"/);
      // A second time renews it, and nothing else was written.
      assert.equal(install(notebooks, dataFolder).status, 0);
      assert.deepEqual(await readdir(dataFolder, { recursive: true }), ['kernels', 'kernels/tslab', 'kernels/tslab/kernel.json']); // prettier-ignore
    }));

  it('replaces the kernel of somebody else only when told to, and needs tslab', () =>
    inNotebookWorkspace(async ({ folder, notebooks }) => {
      const dataFolder = join(folder, 'data');
      const spec = join(dataFolder, 'kernels', 'tslab', 'kernel.json');
      await mkdir(dirname(spec), { recursive: true });
      await writeFile(spec, '{"argv":["tslab"]}');
      const refused = install(notebooks, dataFolder);
      assert.equal(refused.status, 2);
      assert.match(refused.stderr, /received another one.*--replace/);
      assert.equal(await readFile(spec, 'utf8'), '{"argv":["tslab"]}');
      assert.equal(install(notebooks, dataFolder, '--replace').status, 0);

      const bare = join(folder, 'bare');
      await mkdir(join(bare, 'node_modules'), { recursive: true });
      await symlink(
        fileURLToPath(new URL('../../lib', import.meta.url)),
        join(bare, 'node_modules/autodidact'),
      );
      assert.match(install(bare, join(bare, 'data')).stderr, /npm install --save-dev tslab@/);
      assert.deepEqual(await readdir(bare), ['node_modules']);
    }));
});

function install(cwd: string, dataFolder: string, ...args: string[]) {
  const env = { ...process.env, JUPYTER_DATA_DIR: dataFolder };
  return spawnSync(process.execPath, [...commandArguments(), 'notebook', 'install-kernel', ...args], {
    cwd,
    env,
    encoding: 'utf8',
  });
}
