// Checks that every training has a model name of its own: requests and stored completions know a model by its name alone.
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { DataError } from '../../core/errors.js';
import { foldersIn } from '../../core/files.js';
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
import { suffixOf } from './suffix.js';

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

/** The error about a model whose name is taken. @param taken whose name it is */
function takenName(model: string, { iteration, taken }: { iteration: number; taken: string }): DataError {
  return new DataError({
    subject: `model ${printable(model)} of iteration ${iteration}`,
    expected: 'a name that no other model has, since requests and stored completions go by the name',
    received: `the name of ${taken}`,
    remedy:
      'Let the trainer put {{jobKey}} ($AUTODIDACT_JOB_KEY) into the name, which differs for every training; serve new weights ' +
      `under a new name. Completions that are not needed any more: npx autodidact cache prune --partition '${printable(model).replaceAll("'", '')}'`,
  });
}

/**
 * Sends requests for the model of a training to the address where its trainer serves it, after a check that no other model has this
 * name: its completions would be taken for those of the new one.
 * @throws DataError for the name of a model that the experiment asks itself, of another training of this run, or of one whose completions
 * are stored
 */
export async function serveModel(
  { model, endpoint, hyperparameters: used }: Pick<FineTunedModel, 'model' | 'endpoint' | 'hyperparameters'>,
  training: Training,
  opened: OpenedExperiment,
): Promise<void> {
  const { config, runId, folder, baseFolder } = opened;
  const { parent, trainingFileHash, method, seed, iteration, hyperparameters } = training;
  const refuse = (taken: string): never => {
    throw takenName(model, { iteration, taken });
  };
  if (askedModels(config).includes(model))
    refuse(model === config.model ? 'the seed model' : 'another model of the experiment');
  const what = [parent, trainingFileHash, method.type, seed].join();
  for (const made of await readModels(folder.file(MODELS_FILE))) {
    const isSame = [made.parent, made.trainingFileHash, made.method, made.seed].join() === what;
    if (made.model === model && !isSame)
      refuse(`the model of iteration ${made.iteration ?? iteration}, which was trained on other examples`);
  }
  if (endpoint !== undefined) opened.serveAt(model, endpoint);
  // The embedded server makes names of its models from what they are trained on.
  if (config.endpoint.provider === 'embedded') return;
  const { trainer: settings } = config.finetune;
  const trainer = settings.backend === 'command' ? await trainerHash({ config: settings, baseFolder }) : null;
  const idsOf = (knobs: Hyperparameters): string[] => {
    const { learningRateMultiplier: factor } = knobs;
    // A factor of 1 is the trainer's own learning rate, written out or not.
    const factors = factor === undefined || factor === 1 ? [factor, undefined, 1] : [factor];
    return factors.map((learningRateMultiplier) => {
      const asked = { ...knobs, learningRateMultiplier };
      return contentHash({ parent, trainingFileHash, method, seed, trainer, hyperparameters: asked });
    });
  };
  // What the trainer says it used is known at the end of a job alone; before, and by earlier versions, what it was asked for is noted.
  const ids = [...idsOf({ ...hyperparameters, ...used }), ...idsOf(hyperparameters)];
  const origin = { training: ids[0], experiment: config.name, runId, iteration };
  const noted = parseJson((await opened.originOf(model, `${JSON.stringify(origin)}\n`)) ?? '', originSchema);
  // A damaged note says nothing.
  if (!noted.ok || ids.includes(noted.value.training)) return;
  refuse(describeOrigin(noted.value));
}

function describeOrigin({ iteration, experiment, runId }: z.output<typeof originSchema>): string {
  return `the model of iteration ${iteration} of ${experiment}/${runId}`;
}

/**
 * Refuses a run whose trainer will use names of models of another seed's run again. That is known before anything is paid for where those
 * names differ from each other in the suffix alone, which holds the experiment and the iteration, but no seed.
 * @throws DataError for a name of models whose completions are stored
 */
export async function requireOtherNames(opened: OpenedExperiment): Promise<void> {
  const { config, folder, baseFolder } = opened;
  const { trainer } = config.finetune;
  if (trainer.backend !== 'command') return;
  const runs = dirname(folder.path);
  const ofSeed = `seed-${config.seed}-`;
  const job = `-${await trainerHash({ config: trainer, baseFolder })}/`;
  for (const run of await foldersIn(runs)) {
    if (run.startsWith(ofSeed)) continue;
    const made = await readModels(join(runs, run, MODELS_FILE)).catch(() => []);
    const named = made
      .filter(({ jobId }) => jobId.includes(job))
      .map(({ iteration = 0, ...record }) => {
        const suffix = suffixOf(config.name, iteration);
        return { ...record, iteration, suffix, rest: record.model.replaceAll(suffix, '') };
      });
    for (const { model, endpoint, iteration, suffix, rest } of named) {
      if (iteration > config.iterations || !model.includes(suffix)) continue;
      // Times, seeds and hashes have digits, and differ between trainings; the loop seed may come from the user's own surroundings.
      const numbers: string[] = rest.match(/\d+/g) ?? [];
      const isShared = named.some((other) => other.iteration !== iteration && other.rest === rest);
      const ownSeed = /^seed-(\d+)-/.exec(run)?.[1];
      if (numbers.length > 0 && (!isShared || numbers.includes(ownSeed ?? ''))) continue;
      if (endpoint !== undefined) opened.serveAt(model, endpoint);
      const noted = parseJson((await opened.originOf(model, null)) ?? '', originSchema);
      if (noted.ok && !noted.value.runId.startsWith(ofSeed))
        throw takenName(model, { iteration, taken: describeOrigin(noted.value) });
    }
  }
}
