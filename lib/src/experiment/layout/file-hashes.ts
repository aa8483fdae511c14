// Hashes of the files that a record vouches for: a file that was changed later is noticed.
import { exists } from '../../core/files.js';
import { fileHash } from '../../core/hash.js';
import type { IterationManifest } from '../../schema/manifest.js';
import type { RunFolder } from '../../store/index.js';

/** SHA-256 by the name of a file. */
export type FileHashes = Readonly<Record<string, string>>;

/** The hashes of some files of a folder. */
export async function hashesOf(folder: RunFolder, names: readonly string[]): Promise<FileHashes> {
  const hashes: Record<string, string> = {};
  for (const name of names) hashes[name] = await fileHash(folder.file(name));
  return hashes;
}

/**
 * The first file that is missing or is not the one that was hashed, as `<path> was changed or damaged`; null where all are intact.
 * @param hashes undefined: of a run of an earlier version, which is taken as it is
 */
export async function damageOf(folder: RunFolder, hashes: FileHashes | undefined): Promise<string | null> {
  for (const [name, hash] of Object.entries(hashes ?? {})) {
    const path = folder.file(name);
    if (!(await exists(path))) return `${path} is missing`;
    if ((await fileHash(path)) !== hash) return `${path} was changed or damaged`;
  }
  return null;
}

/** The first damaged file of an iteration, as {@link damageOf} has it. Files of the pool are in another folder; its stage checks them. */
export async function damageOfIteration(
  folder: RunFolder,
  { stages }: IterationManifest,
): Promise<string | null> {
  for (const { stage, files } of stages) {
    const damage = stage === 'classify' ? null : await damageOf(folder, files);
    if (damage !== null) return damage;
  }
  return null;
}
