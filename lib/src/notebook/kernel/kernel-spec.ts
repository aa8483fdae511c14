// Kernel specs: how a kernel is started (https://jupyter-client.readthedocs.io/en/stable/kernels.html#kernel-specs).
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { z } from 'zod';
import { ConfigError, DataError, messageOf } from '../../core/errors.js';
import { exists, readTextIfPresent } from '../../core/files.js';
import { printable } from '../../core/text.js';

/** Places of the kernel spec, relative to a folder above the notebook. */
const PLACES = ['.jupyter', join('notebooks', '.jupyter')].map((folder) =>
  join(folder, 'kernels', 'tslab', 'kernel.json'),
);

const specSchema = z.object({
  argv: z.array(z.string()).min(1),
  env: z.record(z.string(), z.string()).default({}),
});

/** How to start a kernel. */
export interface KernelSpec {
  /** Command and arguments; `{connection_file}` stands for the path of the connection file. */
  argv: readonly string[];
  env: Readonly<Record<string, string>>;
}

/**
 * The spec of the TypeScript kernel for a notebook: the nearest one above its folder.
 * @throws ConfigError when there is none
 */
export async function findKernelSpec(folder: string): Promise<string> {
  for (let above = resolve(folder); ; above = dirname(above)) {
    for (const place of PLACES) {
      const path = join(above, place);
      if (await exists(path)) return path;
    }
    if (above === dirname(above)) break;
  }
  throw new ConfigError({
    subject: folder,
    expected: `the spec of a kernel in this folder or one above (${PLACES.join(' or ')})`,
    received: 'none',
    remedy: 'Run notebooks of the workspace, or name the kernel with --kernel path/to/kernel.json.',
  });
}

/**
 * Reads a kernel spec and checks that the files of its command exist.
 * @throws DataError when it is not a kernel spec
 * @throws ConfigError when such a file is not installed
 */
export async function readKernelSpec(path: string): Promise<KernelSpec> {
  const text = await readTextIfPresent(path);
  const spec = specOf(text ?? 'no file', path);
  const folder = dirname(resolve(path));
  const argv = spec.argv.map((word) => word.replaceAll('{resource_dir}', folder));
  for (const [i, word] of argv.entries()) {
    const isOfSpec = word !== spec.argv[i];
    if (isOfSpec && isAbsolute(word)) await requireFile(word, path);
  }
  return { argv, env: spec.env };
}

/** Checks that a file which starts a kernel exists. @throws ConfigError where it is not installed */
export async function requireFile(file: string, specPath: string): Promise<void> {
  if (await exists(file)) return;
  const isTslab = file.replaceAll('\\', '/').includes('tslab/bin');
  throw new ConfigError({
    subject: specPath,
    expected: isTslab ? 'tslab, which runs TypeScript cells' : `a file at ${resolve(file)}`,
    received: isTslab ? `nothing at ${resolve(file)}` : 'nothing',
    remedy: isTslab
      ? 'Install it in the workspace: npm ci, or npm install --save-dev tslab@1.0.22.'
      : 'Restore it, or name another kernel with --kernel.',
  });
}

function specOf(text: string, path: string): z.infer<typeof specSchema> {
  try {
    return specSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new DataError({
      subject: path,
      expected: 'a kernel spec: JSON with argv',
      received: printable(messageOf(cause)),
      remedy: 'Name the kernel.json of a kernel.',
      cause,
    });
  }
}
