// The workspace: the folder that the package is installed in, beside which its files are kept.
import { dirname, join, resolve } from 'node:path';
import { exists } from './files.js';

/**
 * The nearest folder, from the given one upwards, with `node_modules/autodidact`: there Node finds the package for a script or a cell, and
 * there `npx autodidact` keeps `results` and `.autodidact`. Where the package is installed elsewhere, the folder itself.
 * @returns an absolute path
 */
export async function workspaceOf(folder: string): Promise<string> {
  for (let above = resolve(folder); ; above = dirname(above)) {
    if (await exists(join(above, 'node_modules', 'autodidact'))) return above;
    if (above === dirname(above)) return resolve(folder);
  }
}
