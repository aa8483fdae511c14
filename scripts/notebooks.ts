// Opens Jupyter on the notebooks, with the TypeScript kernel of this workspace: npm run notebooks.
import { spawn, spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const notebooks = join(dirname(fileURLToPath(import.meta.url)), '..', 'notebooks');
/** The kernel of the workspace comes first, other places stay. */
const path = [join(notebooks, '.jupyter'), process.env.JUPYTER_PATH]
  .filter(Boolean)
  .join(process.platform === 'win32' ? ';' : ':');
const program = ['lab', 'notebook'].find(
  (name) => spawnSync('jupyter', [name, '--version'], { stdio: 'ignore' }).status === 0,
);

if (program === undefined) {
  process.stderr.write(
    'Jupyter is not installed. Get it with one of:\n' +
      '  pipx install jupyterlab\n' +
      '  python3 -m pip install --user jupyterlab\n' +
      '  apt-get install jupyter-notebook\n' +
      'Without it, notebooks run and are shown all the same:\n' +
      '  npx autodidact notebook run notebooks/*.ipynb\n' +
      '  npx autodidact notebook html notebooks/*.ipynb\n',
  );
  process.exitCode = 1;
} else {
  const jupyter = spawn('jupyter', [program, ...process.argv.slice(2)], {
    cwd: notebooks,
    env: { ...process.env, JUPYTER_PATH: path },
    stdio: 'inherit',
  });
  // Ctrl-C reaches Jupyter as well, which asks whether it is meant: its end is the end.
  process.on('SIGINT', () => undefined);
  jupyter.on('exit', (code) => {
    process.exitCode = code ?? 1;
  });
}
