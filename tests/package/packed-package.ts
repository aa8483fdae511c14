// The package as npm packs it, unpacked into an empty folder beside the dependencies that it declares, and nothing else.
import { execFile } from 'node:child_process';
import { mkdir, readFile, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../', import.meta.url));

/** `lib/package.json`, as far as these tests read it. */
export interface PackageJson {
  dependencies: Record<string, string>;
  exports: Record<string, string | { types: string; default: string }>;
  typesVersions: { '*': Record<string, [string]> };
}

/** Reads `lib/package.json`. */
export async function readPackageJson(): Promise<PackageJson> {
  return JSON.parse(await readFile(join(root, 'lib/package.json'), 'utf8')) as PackageJson;
}

/**
 * Packs the built package and installs it in a folder, without a registry: dependencies are links to those of the workspace.
 * @returns the paths in the tarball, such as `README.md`
 */
export async function installPacked(folder: string): Promise<string[]> {
  const packed = await run('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', folder], {
    cwd: join(root, 'lib'),
    // The list of files takes more than the default of 1 MiB.
    maxBuffer: 2 ** 26,
  });
  const [tarball] = JSON.parse(packed.stdout) as { filename: string; files: { path: string }[] }[];
  if (tarball === undefined) throw new Error('npm pack packed nothing');
  const modules = join(folder, 'node_modules');
  await mkdir(join(modules, 'autodidact'), { recursive: true });
  await run('tar', [
    '-xzf',
    join(folder, tarball.filename),
    '--strip-components=1',
    '-C',
    join(modules, 'autodidact'),
  ]);
  const { dependencies } = await readPackageJson();
  // Types of Node belong to the program that uses the package.
  for (const name of [...Object.keys(dependencies), '@types/node']) {
    await mkdir(dirname(join(modules, name)), { recursive: true });
    await symlink(join(root, 'node_modules', name), join(modules, name));
  }
  return tarball.files.map(({ path }) => path);
}
