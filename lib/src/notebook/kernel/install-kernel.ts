// Installs the TypeScript kernel for one user, without Python: a kernel spec in Jupyter's data folder, where Jupyter, nbconvert and VS Code
// look for kernels (https://docs.jupyter.org/en/latest/use/jupyter-directories.html).
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { ConfigError } from '../../core/errors.js';
import { readTextIfPresent, writeFileAtomic } from '../../core/files.js';
import { parseJson } from '../../core/jsonl.js';
import { requireFile } from './kernel-spec.js';

/** Loaded into the kernel before tslab. */
const PRELOAD = fileURLToPath(new URL('../../../assets/kernel/preload.cjs', import.meta.url));

const ownSpecSchema = z.object({ metadata: z.object({ installedBy: z.literal('autodidact') }) });

/** Where and how a kernel is installed. */
export interface InstallKernelOptions {
  /** The folder in which tslab and this package are installed. */
  workspace: string;
  /** Jupyter's data folder; see {@link jupyterDataFolder}. */
  dataFolder: string;
  /** Replace a kernel of this name that something else has installed. Default: false. */
  replace?: boolean;
}

/** Jupyter's data folder of a user: `JUPYTER_DATA_DIR`, or the folder of the platform. */
export function jupyterDataFolder(
  environment: NodeJS.ProcessEnv,
  { platform, home }: { platform: NodeJS.Platform; home: string },
): string {
  const { JUPYTER_DATA_DIR, APPDATA, XDG_DATA_HOME } = environment;
  // As Jupyter does, an empty variable is passed over.
  const given = (value: string | undefined): string | undefined => (value === '' ? undefined : value);
  if (JUPYTER_DATA_DIR) return JUPYTER_DATA_DIR;
  if (platform === 'darwin') return join(home, 'Library', 'Jupyter');
  if (platform === 'win32') return join(given(APPDATA) ?? join(home, 'AppData', 'Roaming'), 'jupyter');
  return join(given(XDG_DATA_HOME) ?? join(home, '.local', 'share'), 'jupyter');
}

/**
 * Writes the spec of the kernel `tslab`, which notebooks of this package name. Its paths are absolute: VS Code starts kernels without the
 * PATH of a shell.
 * @returns the folder of the spec; without it, the kernel is gone
 * @throws ConfigError where tslab is not installed in the workspace, or a kernel of this name was installed by something else
 */
export async function installKernel({
  workspace,
  dataFolder,
  replace = false,
}: InstallKernelOptions): Promise<string> {
  const folder = join(dataFolder, 'kernels', 'tslab');
  const path = join(folder, 'kernel.json');
  const present = await readTextIfPresent(path);
  if (present !== null && !replace && !parseJson(present, ownSpecSchema).ok) {
    throw new ConfigError({
      subject: path,
      expected: 'no kernel of this name, or one that this command has installed',
      received: 'another one',
      remedy: 'Keep that one, or replace it with --replace.',
    });
  }
  const tslab = join(workspace, 'node_modules', 'tslab', 'bin', 'tslab');
  const options = ['--disable-warning=ExperimentalWarning', '--require', PRELOAD];
  const spec = {
    argv: [process.execPath, ...options, tslab, 'kernel', '--config-path', '{connection_file}'],
    display_name: 'TypeScript',
    language: 'typescript',
    metadata: { installedBy: 'autodidact' },
  };
  await requireFile(tslab, path);
  await writeFileAtomic(path, `${JSON.stringify(spec, null, 2)}\n`);
  return folder;
}
