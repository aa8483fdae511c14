// The partitions of the completion store in which a run keeps the completions of its models.
import { MODELS_FILE, readModels } from '../../finetune/index.js';
import type { RunInputs } from '../../schema/manifest.js';
import type { RunFolder } from '../../store/index.js';
import { otherIdentity, trainedIdentity } from './endpoint.js';
import type { PreparedExperiment } from './prepare.js';

/** The addresses of models that the trainer of a run serves elsewhere, by name. @throws DataError for a list that cannot be read */
export async function modelsServedElsewhere(run: RunFolder): Promise<ReadonlyMap<string, string>> {
  const models = await readModels(run.file(MODELS_FILE));
  return new Map(
    models.flatMap(({ model, endpoint }): [string, string][] =>
      endpoint === undefined ? [] : [[model, endpoint]],
    ),
  );
}

/**
 * Names the partition of a model as the endpoints of a run do, without contacting any server.
 * @param run the run's folder, which need not exist
 * @throws DataError for a list of models that cannot be read
 */
export async function partitionsOf(
  { config, inputs }: Pick<PreparedExperiment, 'config'> & { inputs: Pick<RunInputs, 'server'> },
  run: RunFolder,
): Promise<(model: string) => string> {
  const servedElsewhere = await modelsServedElsewhere(run);
  const { endpoint } = config;
  return (model) => {
    const address = servedElsewhere.get(model);
    if (address !== undefined) return `${trainedIdentity(config, address)}:${model}`;
    return `${otherIdentity(endpoint, model) ?? inputs.server}:${model}`;
  };
}
