// A real Jupyter on loopback, whose kernel, settings and notebooks lie in a temporary folder.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installKernel } from '../../lib/src/notebook/index.js';
import { browserPath } from '../../scripts/browser.js';
import { freePort } from '../fixtures/free-port.js';
import type { NotebookWorkspace } from '../fixtures/notebook-workspace.js';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Servers of notebook pages, those with the page that can be driven first. */
const servers = [
  ['jupyter-nbclassic'],
  ['jupyter', 'nbclassic'],
  ['jupyter-notebook'],
  ['jupyter', 'notebook'],
  ['jupyter-lab'],
];

/** The output of a program that ends with success, or null. */
function outputOf([program = '', ...args]: readonly string[]): string | null {
  const { status, stdout } = spawnSync(program, args, { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : null;
}

/** What is missing on this machine to try a real Jupyter, or null. */
export function missingForJupyter(): string | null {
  if (!servers.some((command) => outputOf([...command, '--version']) !== null))
    return 'no Jupyter is installed';
  if (outputOf(['jupyter-nbconvert', '--version']) === null) return 'jupyter-nbconvert is not installed';
  return browserPath() === null ? 'no Chromium is installed' : null;
}

/** A running server, and the workspace that it serves. */
export interface JupyterServer {
  /** E.g. `jupyter-notebook 6.4.12`. */
  name: string;
  /** The folder that is served. */
  notebooks: string;
  /** The address of something that it serves, with what it takes to get in. */
  urlOf: (path: string) => string;
  /** The surroundings in which Jupyter's programs find the kernel. */
  env: NodeJS.ProcessEnv;
  stop: () => Promise<void>;
}

/** Starts a server of the notebooks of a workspace. @throws Error where it does not answer */
export async function startJupyter({ folder, notebooks }: NotebookWorkspace): Promise<JupyterServer> {
  const command = servers.find((each) => outputOf([...each, '--version']) !== null);
  if (command === undefined) throw new Error('no Jupyter is installed');
  await cp(join(root, 'experiments'), join(folder, 'experiments'), { recursive: true });
  await cp(join(root, 'results/reference'), join(folder, 'results/reference'), { recursive: true });
  const dataFolder = join(folder, 'jupyter');
  await installKernel({ workspace: folder, dataFolder });
  const token = randomUUID();
  const port = await freePort();
  const env = {
    ...process.env,
    JUPYTER_DATA_DIR: dataFolder,
    JUPYTER_CONFIG_DIR: join(dataFolder, 'config'),
    JUPYTER_RUNTIME_DIR: join(dataFolder, 'runtime'),
    JUPYTER_TOKEN: token,
  };
  const [program = '', ...subcommand] = command;
  const args = [...subcommand, '--no-browser', '--ip=127.0.0.1', `--port=${port}`];
  if (process.getuid?.() === 0) args.push('--allow-root');
  const server = spawn(program, args, { cwd: notebooks, env, stdio: ['ignore', 'ignore', 'pipe'] });
  // However this process ends, its server ends with it.
  const kill = (): void => void server.kill('SIGKILL');
  process.once('exit', kill);
  const urlOf = (path: string): string => `http://127.0.0.1:${port}/${path}?token=${token}`;
  try {
    await untilAnswering(server, urlOf('api/status'));
  } catch (thrown) {
    server.kill('SIGKILL');
    throw thrown;
  }
  return {
    name: `${command.join(' ')} ${outputOf([...command, '--version']) ?? ''}`,
    notebooks,
    urlOf,
    env,
    stop: async () => {
      process.off('exit', kill);
      if (server.exitCode !== null || server.signalCode !== null) return;
      server.kill('SIGTERM');
      await once(server, 'exit');
    },
  };
}

/** Jupyter logs a line for whatever it does: after each, it is asked. */
async function untilAnswering(server: ChildProcess, url: string): Promise<void> {
  let log = '';
  const ended = once(server, 'exit').then(() => {
    throw new Error(`Jupyter did not start:\n${log}`);
  });
  ended.catch(() => undefined);
  for (;;) {
    const line = once(server.stderr!, 'data').then(([chunk]) => (log += String(chunk)));
    const answer = await fetch(url).catch(() => null);
    if (answer?.ok) break;
    await Promise.race([line, ended]);
  }
  // Output that is not read would block it.
  server.stderr!.resume();
}
