// What is in the folder of a partition, and which model's completions these are.
import { randomUUID } from 'node:crypto';
import { rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { hasErrorCode } from '../core/errors.js';
import {
  createExclusive,
  makeFolder,
  namesIn,
  readError,
  readTextIfPresent,
  writeError,
} from '../core/files.js';
import { sha256 } from '../core/hash.js';
import { parseJson } from '../core/jsonl.js';

const IDENTITY_FILE = 'partition.json';
const ORIGIN_FILE = 'origin.json';
const identitySchema = z.object({ partition: z.string() });
const PARTITION_NAME = /^[0-9a-f]{16}$/;

/** The folder of a partition in a store. */
export function partitionFolder(storeFolder: string, partition: string): string {
  return join(storeFolder, sha256(partition).slice(0, 16));
}

/** The folders of all partitions of a store by name; none where there is no store. @throws DataError */
export async function listPartitions(storeFolder: string): Promise<string[]> {
  return (await namesIn(storeFolder)).filter((name) => PARTITION_NAME.test(name));
}

/**
 * The segments of a partition, the earliest first: of two lines with one key, the one in the later segment counts.
 * @throws DataError
 */
export async function listSegments(folder: string): Promise<string[]> {
  return (await namesIn(folder))
    .filter((name) => name.endsWith('.jsonl'))
    .map((name) => name.slice(0, -'.jsonl'.length))
    .sort()
    .map((name) => join(folder, `${name}.jsonl`));
}

/** A file, its size in bytes, and when it was last written to, in milliseconds since 1970. */
export interface FileFacts {
  path: string;
  nBytes: number;
  modifiedMs: number;
}

/** Size and time of files; missing files are left out. @throws DataError */
export async function factsOf(paths: readonly string[]): Promise<FileFacts[]> {
  const facts: FileFacts[] = [];
  for (const path of paths) {
    try {
      const { size, mtimeMs } = await stat(path);
      facts.push({ path, nBytes: size, modifiedMs: mtimeMs });
    } catch (thrown) {
      if (!hasErrorCode(thrown, 'ENOENT')) throw readError(path, thrown);
    }
  }
  return facts;
}

/** The sum of their sizes. */
export function bytesOf(facts: readonly FileFacts[]): number {
  return facts.reduce((sum, { nBytes }) => sum + nBytes, 0);
}

/**
 * Writes down which model's completions a partition holds, unless that is written. It need not be durable: where it is lost, it is
 * written again.
 * @throws DataError
 */
export async function writeIdentity(folder: string, partition: string): Promise<void> {
  if ((await readIdentity(folder)) !== null) return;
  const path = join(folder, IDENTITY_FILE);
  const draft = `${path}.${randomUUID()}.partial`;
  // A user name and a password in an address are not part of the identity and do not belong on disk.
  const identity = partition.replace(/\/\/[^/\s]*@/g, '//');
  await makeFolder(folder);
  try {
    await writeFile(draft, `${JSON.stringify({ partition: identity })}\n`);
    await rename(draft, path);
  } catch (thrown) {
    await rm(draft, { force: true });
    throw writeError(path, thrown);
  }
}

/** Which model's completions a partition holds; null where that was not written down, as by earlier versions. @throws DataError */
export async function readIdentity(folder: string): Promise<string | null> {
  const text = await readTextIfPresent(join(folder, IDENTITY_FILE));
  if (text === null) return null;
  const parsed = parseJson(text, identitySchema);
  return parsed.ok ? parsed.value.partition : null;
}

/**
 * Writes down where the model of a partition comes from, unless that is written. Of several processes the first counts.
 * @param origin null: nothing is written
 * @returns the origin that is written there; null for none
 * @throws DataError
 */
export async function writeOrigin(folder: string, origin: string | null): Promise<string | null> {
  const path = join(folder, ORIGIN_FILE);
  if (origin !== null) {
    await makeFolder(folder);
    await createExclusive(path, origin);
  }
  return readTextIfPresent(path);
}

/** Whether a name in the folder of a partition is a draft that a killed process left behind. */
export function isDraft(name: string): boolean {
  return name.endsWith('.partial');
}
