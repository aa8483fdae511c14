// The check of a trainer before anything is paid for: by `autodidact doctor`, and at the start of a run.
import { dirname } from 'node:path';
import { ConfigError } from '../../core/errors.js';
import { checkTrainer, type FineTuneRequest } from '../../finetune/index.js';
import type { Finding } from '../../schema/finding.js';
import type { ExperimentConfig } from '../config/config.js';
import { finishedStages } from '../layout/finished-stages.js';
import type { OpenedExperiment } from '../open/opened-experiment.js';
import { requireOtherNames } from './model-names.js';
import { trainingOptionsOf } from './train-on-file.js';

/** Where a trainer is found: the experiment file, from whose folder its command runs, and the environment. */
export interface TrainerSurroundings {
  configPath: string;
  environment: NodeJS.ProcessEnv;
}

/** Checks the trainer of an experiment; empty if nothing is trained, or nothing can be known of it before. */
export async function trainerFindings(
  config: ExperimentConfig,
  { configPath, environment }: TrainerSurroundings,
): Promise<Finding[]> {
  const { iterations, model: baseModel, finetune } = config;
  if (iterations === 0) return [];
  const methods = [
    ...(finetune.reinforcement?.warmStart === false ? [] : (['supervised'] as const)),
    ...(finetune.dpo ? (['dpo'] as const) : []),
    ...(finetune.reinforcement ? (['reinforcement'] as const) : []),
  ];
  const files = {
    trainingFilePath: 'training.jsonl',
    ...(finetune.validation ? { validationFilePath: 'validation.jsonl' } : {}),
  };
  // Two iterations show whether their models are told apart.
  const wanted = [1, 2].slice(0, iterations).flatMap((iteration) =>
    methods.map((method): FineTuneRequest => {
      const training = trainingOptionsOf(iteration, { config, method });
      return { ...training, ...files, baseModel, jobKey: `doctor-${iteration}-${method}` };
    }),
  );
  return checkTrainer(finetune.trainer, { baseFolder: dirname(configPath), environment }, wanted);
}

/**
 * Checks the trainer of a run that still has to train, and opens it.
 * @throws ConfigError for what would stop the training; DataError for models whose names will be those of another run's
 */
export async function requireTrainer(
  opened: OpenedExperiment,
  surroundings: TrainerSurroundings,
): Promise<void> {
  const { config, folder, observers } = opened;
  if (config.iterations === 0) return;
  await opened.openTrainer();
  if ((await finishedStages(folder, config.iterations)).records.has('finetune')) return;
  const findings = await trainerFindings(config, surroundings);
  for (const { verdict, check, found, remedy } of findings)
    if (verdict === 'warning') observers.warn(`${check}: ${found}. ${remedy ?? ''}`);
  const [first, ...others] = findings.filter(({ verdict }) => verdict === 'stop');
  if (!first) return requireOtherNames(opened);
  throw new ConfigError({
    subject: 'finetune.trainer',
    expected: 'a trainer that can start, before anything is paid for',
    received: [first, ...others].map(({ found }) => found).join('; '),
    remedy: `${first.remedy ?? ''} All checks: autodidact doctor ${surroundings.configPath}`,
  });
}
