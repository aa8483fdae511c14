// Opens Jupyter on the notebooks, with the TypeScript kernel of this workspace: npm run notebooks -- [options of Jupyter]
import { spawn, spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const notebooks = join(dirname(fileURLToPath(import.meta.url)), '..', 'notebooks');
const isRoot = process.getuid?.() === 0;

/** The ways to start Jupyter, the best first. Which of them are there depends on how it was installed: pipx, for one, gives no `jupyter`. */
const commands = [['jupyter-lab'], ['jupyter', 'lab'], ['jupyter-notebook'], ['jupyter', 'notebook']];

/** Programs that install Jupyter, and how; Debian refuses `pip install --user` (PEP 668). */
const installers = [
  ['pipx', 'pipx install jupyterlab'],
  ['uv', 'uv tool install jupyterlab'],
  ['conda', 'conda install -c conda-forge jupyterlab'],
  ['brew', 'brew install jupyterlab'],
  ['apt-get', `${isRoot ? '' : 'sudo '}apt-get install jupyter-notebook`],
] as const;

function isOnPath(program: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

function answers([program = '', ...args]: readonly string[]): boolean {
  return spawnSync(program, [...args, '--version'], { stdio: 'ignore' }).status === 0;
}

function sayHowToInstall(): void {
  const offered = installers.filter(([program]) => isOnPath(program)).map(([, command]) => command);
  const lines =
    offered.length > 0
      ? ['Jupyter is not installed. Install it with:', ...offered.map((command) => `  ${command}`)]
      : ['Jupyter is not installed. Install pipx (https://pipx.pypa.io), then: pipx install jupyterlab'];
  process.stderr.write(
    `${lines.join('\n')}\n` +
      'Notebooks also run and become pages without it:\n' +
      '  npx autodidact notebook run notebooks/*.ipynb\n' +
      '  npx autodidact notebook html notebooks/*.ipynb\n',
  );
  process.exitCode = 1;
}

function open([program = '', ...subcommand]: readonly string[]): void {
  const args = process.argv.slice(2);
  if (isRoot && !args.includes('--allow-root')) {
    args.push('--allow-root');
    process.stderr.write('You are root: --allow-root is added, without which Jupyter does not start.\n');
  }
  // The kernel of the workspace comes first, other places stay.
  const path = [join(notebooks, '.jupyter'), process.env.JUPYTER_PATH].filter(Boolean).join(delimiter);
  const env = { ...process.env, JUPYTER_PATH: path };
  const jupyter = spawn(program, [...subcommand, ...args], { cwd: notebooks, env, stdio: 'inherit' });
  // Ctrl-C reaches Jupyter as well, which asks whether it is meant: its end is the end.
  process.on('SIGINT', () => undefined);
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.on(signal, () => jupyter.kill(signal));
  jupyter.on('exit', (code) => {
    process.exitCode = code ?? 1;
  });
}

const found = commands.find(answers);
if (found === undefined) sayHowToInstall();
else open(found);
