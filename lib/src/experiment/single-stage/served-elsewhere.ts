// Where the models of a run are asked that its trainer serves elsewhere, as the run's models.json tells.
import { MODELS_FILE, readModels } from '../../finetune/index.js';
import type { RunFolder } from '../../store/index.js';

/**
 * The addresses of models, by name; those that are asked where the experiment says are not in it.
 * @throws DataError for a file of models that cannot be read
 */
export async function servedElsewhere(folder: RunFolder): Promise<ReadonlyMap<string, string>> {
  const models = await readModels(folder.file(MODELS_FILE));
  return new Map(
    models.flatMap(({ model, endpoint }): [string, string][] =>
      endpoint === undefined ? [] : [[model, endpoint]],
    ),
  );
}
