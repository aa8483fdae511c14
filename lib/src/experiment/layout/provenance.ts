// Provenance of a run: the git commit and the versions of the programs.
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { z } from 'zod';

const run = promisify(execFile);

/** The git commit of a folder and whether it has uncommitted changes; null outside a repository or without git. */
export async function gitState(folder: string): Promise<{ commit: string; dirty: boolean } | null> {
  try {
    const { stdout: commit } = await run('git', ['rev-parse', 'HEAD'], { cwd: folder });
    const { stdout: changes } = await run('git', ['status', '--porcelain'], { cwd: folder });
    return { commit: commit.trim(), dirty: changes.trim() !== '' };
  } catch {
    return null;
  }
}

/** The version of this package. */
export const AUTODIDACT_VERSION = z
  .object({ version: z.string() })
  .parse(JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'))).version;

/** Versions of the programs that a run's figures depend on. */
export function versions(): Record<string, string> {
  return { autodidact: AUTODIDACT_VERSION, node: process.versions.node, v8: process.versions.v8 };
}
