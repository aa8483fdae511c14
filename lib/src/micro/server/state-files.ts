// Small JSON records in a folder that several servers share: each appears whole, and the first writer of a name wins.
import { randomUUID } from 'node:crypto';
import { readdir, rename, rm } from 'node:fs/promises';
import type { z } from 'zod';
import { DataError, hasErrorCode } from '../../core/errors.js';
import { readTextIfPresent, writeError, writeFileAtomic } from '../../core/files.js';
import { schemaProblems } from '../../core/jsonl.js';

/** Writes a file whose content follows from its name, so that it does not matter which of several writers comes last. */
export async function writeImmutable(path: string, content: Uint8Array): Promise<void> {
  const draft = `${path}.${randomUUID()}`;
  await writeFileAtomic(draft, content);
  try {
    await rename(draft, path);
  } catch (thrown) {
    await rm(draft, { force: true });
    throw writeError(path, thrown);
  }
}

/** The record in a JSON file, or null where there is none. @throws DataError when it is not of the right shape */
export async function readRecord<Schema extends z.ZodType>(
  path: string,
  schema: Schema,
): Promise<z.output<Schema> | null> {
  const text = await readTextIfPresent(path);
  if (text === null) return null;
  const result = schema.safeParse(parseJson(text));
  if (result.success) return result.data;
  throw new DataError({
    subject: path,
    expected: "a record of the server's state",
    received: schemaProblems(result.error),
    remedy: 'The file was changed or damaged: remove it, or point the server at another state folder.',
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Reported by the schema, which finds nothing of what it wants.
    return undefined;
  }
}

/** Names of the files in a folder; none where the folder is missing. */
export async function fileNames(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (thrown) {
    if (hasErrorCode(thrown, 'ENOENT')) return [];
    throw thrown;
  }
}
