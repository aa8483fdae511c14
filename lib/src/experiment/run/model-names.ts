// Checks that every training has a model name of its own: requests and stored completions know a model by its name alone.
import { z } from 'zod';
import { DataError } from '../../core/errors.js';
import { contentHash } from '../../core/hash.js';
import { parseJson } from '../../core/jsonl.js';
import { printable } from '../../core/text.js';
import {
  MODELS_FILE,
  readModels,
  trainerHash,
  type Hyperparameters,
  type TrainingMethod,
} from '../../finetune/index.js';
import type { FineTunedModel } from '../../schema/fine-tuned-model.js';
import { askedModels } from '../config/config.js';
import type { OpenedExperiment } from '../open/opened-experiment.js';

/** What a training makes its model from. */
export type Training = Required<Pick<FineTunedModel, 'parent' | 'trainingFileHash'>> & {
  /** With its settings. */
  method: TrainingMethod;
  iteration: number;
  seed: number;
  /** Absent ones have the trainer's default. */
  hyperparameters: Hyperparameters;
};

const originSchema = z.object({
  training: z.string(),
  experiment: z.string(),
  runId: z.string(),
  iteration: z.int(),
});

/**
 * Sends requests for the model of a training to the address where its trainer serves it, after a check that no other model has this
 * name: its completions would be taken for those of the new one.
 * @throws DataError for the name of a model that the experiment asks itself, of another training of this run, or of one whose completions
 * are stored
 */
export async function serveModel(
  { model, endpoint }: Pick<FineTunedModel, 'model' | 'endpoint'>,
  training: Training,
  opened: OpenedExperiment,
): Promise<void> {
  const { config, runId, folder, baseFolder } = opened;
  const refuse = (taken: string): never => {
    throw new DataError({
      subject: `model ${printable(model)} of iteration ${training.iteration}`,
      expected: 'a name that no other model has, since requests and stored completions go by the name',
      received: `the name of ${taken}`,
      remedy:
        'Let the trainer put {{jobKey}} ($AUTODIDACT_JOB_KEY) into the name, which differs for every training; serve new weights ' +
        `under a new name. Completions that are not needed any more: npx autodidact cache prune --partition '${printable(model).replaceAll("'", '')}'`,
    });
  };
  if (askedModels(config).includes(model))
    refuse(model === config.model ? 'the seed model' : 'another model of the experiment');
  const { parent, trainingFileHash, method, seed, iteration } = training;
  const what = [parent, trainingFileHash, method.type, seed].join();
  for (const made of await readModels(folder.file(MODELS_FILE))) {
    const isSame = [made.parent, made.trainingFileHash, made.method, made.seed].join() === what;
    if (made.model === model && !isSame)
      refuse(`the model of iteration ${made.iteration ?? iteration}, which was trained on other examples`);
  }
  if (endpoint !== undefined) opened.serveAt(model, endpoint);
  // The embedded server makes names of its models from what they are trained on.
  if (config.endpoint.provider === 'embedded') return;
  const { hyperparameters } = training;
  const { trainer: settings } = config.finetune;
  const trainer = settings.backend === 'command' ? await trainerHash({ config: settings, baseFolder }) : null;
  const id = contentHash({ parent, trainingFileHash, method, seed, hyperparameters, trainer });
  const origin = { training: id, experiment: config.name, runId, iteration };
  const noted = parseJson(await opened.originOf(model, `${JSON.stringify(origin)}\n`), originSchema);
  // A damaged note says nothing.
  if (!noted.ok || noted.value.training === id) return;
  const { experiment, ...first } = noted.value;
  refuse(`the model of iteration ${first.iteration} of ${experiment}/${first.runId}`);
}
