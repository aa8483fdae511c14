// A disk that stops taking changes at the n-th one, and stays so: what a process that is killed at that moment leaves behind.
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const CHANGES = ['mkdir', 'rename', 'copyFile', 'link', 'rm', 'writeFile'] as const;

/** What every change after the last one gets. */
export class Killed extends Error {}

/**
 * Runs some work whose n-th change of the disk, and all after it, do not happen.
 * @returns whether it came to its end without
 */
export async function killedAtChange(n: number, work: () => Promise<unknown>): Promise<boolean> {
  let nChanges = 0;
  const originals = CHANGES.map((name) => [name, fs.promises[name]] as const);
  const functions = fs.promises as unknown as Record<string, unknown>;
  for (const [name, original] of originals) {
    functions[name] = (...parameters: never[]): unknown => {
      nChanges++;
      if (nChanges >= n) return Promise.reject(new Killed(`change ${nChanges}: ${name}`));
      return (original as (...given: never[]) => unknown)(...parameters);
    };
  }
  syncBuiltinESMExports();
  try {
    await work();
    return nChanges < n;
  } catch (thrown) {
    if (nChanges < n) throw thrown;
    return false;
  } finally {
    for (const [name, original] of originals) functions[name] = original;
    syncBuiltinESMExports();
  }
}
