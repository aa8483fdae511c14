// The suite on other versions of Node: npm run test:nodes [-- 22 24 26] [-- tests/core/**/*.test.ts]; without versions, all of them.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const VERSIONS = ['20', '22', '24', '26'];
const ALL_TESTS = 'tests/**/*.test.ts';

/** Loads what has native code, and uses each once. */
const NATIVE = `
  const { Reply } = await import('zeromq');
  const socket = new Reply();
  await socket.bind('tcp://127.0.0.1:*');
  socket.close();
  const { Resvg } = await import('@resvg/resvg-js');
  new Resvg('<svg xmlns="http://www.w3.org/2000/svg" width="4" height="4"/>').render().asPng();
  const { DataFrame } = (await import('danfojs-node')).default;
  new DataFrame([[1, 2]]);
  console.log(process.version + ': zeromq, resvg and danfojs-node load');`;

function run(program: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env): boolean {
  return spawnSync(program, args, { cwd: ROOT, env, stdio: ['ignore', 'inherit', 'inherit'] }).status === 0;
}

/** Gets a version from the registry of npm, whose packages `node-<system>-<processor>` hold it, and gives the folder of its program. */
function installed(major: string): string {
  const folder = join(tmpdir(), 'autodidact-nodes', major);
  mkdirSync(folder, { recursive: true });
  const install = (spec: string): void => {
    const flags = ['--no-save', '--no-package-lock', '--ignore-scripts', '--loglevel=error'];
    if (!run('npm', ['install', '--prefix', folder, ...flags, spec]))
      throw new Error(`${spec}: expected npm to install it`);
  };
  // This package only names the version; scripts would install the program below it.
  install(`node@${major}`);
  const about = join(folder, 'node_modules', 'node', 'package.json');
  const { version } = JSON.parse(readFileSync(about, 'utf8')) as { version: string };
  const system = process.platform === 'win32' ? 'win' : process.platform;
  const isAppleSilicon = process.platform === 'darwin' && process.arch === 'arm64';
  const name = `${isAppleSilicon ? 'node-bin' : 'node'}-${system}-${process.arch}`;
  install(`${name}@${version}`);
  return join(folder, 'node_modules', name, 'bin');
}

const given = process.argv.slice(2);
const versions = given.filter((argument) => /^\d+$/.test(argument));
const files = given.filter((argument) => !/^\d+$/.test(argument));
const failed: string[] = [];
for (const major of versions.length > 0 ? versions : VERSIONS) {
  const bin = installed(major);
  const node = join(bin, 'node');
  // Processes that tests start take the same version.
  const env = { ...process.env, PATH: [bin, process.env.PATH].join(delimiter) };
  const mocha = ['node_modules/mocha/bin/mocha.js', '--parallel', '--jobs', '2', '--reporter', 'dot'];
  const passes =
    run(node, ['--input-type=module', '--eval', NATIVE], env) &&
    run(node, [...mocha, ...(files.length > 0 ? files : [ALL_TESTS])], env);
  if (!passes) failed.push(major);
  process.stdout.write(`node ${major}: ${passes ? 'passes' : 'fails'}\n`);
}
if (failed.length > 0) process.exitCode = 1;
