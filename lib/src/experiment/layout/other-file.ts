// Keeps a command from writing over what it reads.
import { realpath } from 'node:fs/promises';
import { resolve } from 'node:path';
import { ConfigError } from '../../core/errors.js';

/**
 * Requires that files to be written are none of those that are read, by whatever path.
 * @param outFile the file of `--out`, which the error names
 * @param moreOutFiles files that are written besides
 * @throws ConfigError
 */
export async function requireOtherFile(
  outFile: string,
  inFiles: readonly string[],
  moreOutFiles: readonly string[] = [],
): Promise<void> {
  const read = new Map<string, string>();
  for (const path of inFiles) read.set(await realPathOf(path), path);
  for (const path of [outFile, ...moreOutFiles]) {
    const clash = read.get(await realPathOf(path));
    if (clash === undefined) continue;
    throw new ConfigError({
      subject: `--out ${outFile}`,
      expected: 'another file than those that are read',
      received: clash,
      remedy: 'Name another file; it can replace the input afterwards.',
    });
  }
}

/** The real path of a file, or the absolute path if it does not exist. */
async function realPathOf(path: string): Promise<string> {
  return realpath(path).catch(() => resolve(path));
}
