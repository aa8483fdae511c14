// The lists of trained models of one run, or of all runs below a folder.
import { join } from 'node:path';
import { DataError } from '../../core/errors.js';
import { exists, foldersIn } from '../../core/files.js';
import { MODELS_FILE, readModels } from '../../finetune/index.js';
import type { ModelRecord } from '../../schema/fine-tuned-model.js';

/** The models of one run. */
export interface ModelList {
  /** The run's folder. */
  folder: string;
  /** Parents before children. */
  models: ModelRecord[];
}

/** A folder of results holds experiments, and those hold runs. */
const DEPTH = 2;

/**
 * The lists in a folder: a run's own, or those of all runs below it, by name.
 * @throws DataError when the folder cannot be read, there is no list, or one is damaged
 */
export async function readModelLists(folder: string): Promise<ModelList[]> {
  const lists = await listsIn(folder, DEPTH);
  if (lists.length > 0) return lists;
  throw new DataError({
    subject: folder,
    expected: `the folder of a run that has trained, or one of results: ${MODELS_FILE} in it or below`,
    received: 'none',
    remedy: 'A run writes it with its first model; show all runs with: autodidact status',
  });
}

async function listsIn(folder: string, depth: number): Promise<ModelList[]> {
  const path = join(folder, MODELS_FILE);
  if (await exists(path)) return [{ folder, models: await readModels(path) }];
  if (depth === 0) return [];
  const lists: ModelList[] = [];
  for (const name of await foldersIn(folder)) lists.push(...(await listsIn(join(folder, name), depth - 1)));
  return lists;
}
