// What a trainer's templates and command can refer to.
import { join } from 'node:path';
import { ConfigError } from '../../core/errors.js';
import type { FineTuneRequest } from '../backend.js';
import type { TemplateValues } from './template.js';

/** Files and folders of one attempt at a job; all paths are absolute. */
export interface JobPaths {
  jobFolder: string;
  trainingFile: string;
  validationFile: string | undefined;
  /** The first of the rendered templates. */
  trainerConfig: string | undefined;
}

/** What stands in a job's folder beside the templates. */
export const JOB_FILES = {
  /** Where the model goes. */
  output: 'output',
  /** Where the trainer may say what came out. */
  result: 'result.json',
  log: 'job.log',
  /** What the command wrote that handed the job to a scheduler. */
  submitLog: 'submit.log',
  training: 'training.jsonl',
  validation: 'validation.jsonl',
  /** Written when all of the above that a trainer needs is there. */
  record: 'job.json',
  /** How a job ended that was ended from here. */
  outcome: 'outcome.json',
  /** How a job ended at its scheduler. */
  scheduled: 'scheduled.json',
  process: 'process.json',
  started: 'started',
  exitCode: 'exit-code',
} as const;

/** Names for which a job may have no value. */
const OPTIONAL_NAMES = [
  'validationFile',
  'trainerConfig',
  'epochs',
  'batchSize',
  'learningRate',
  'learningRateMultiplier',
  'beta',
  'nllScale',
];

/** Values that were kept, with the names of those that the job has not. */
export function withOptionalNames(values: Readonly<Record<string, string | number>>): TemplateValues {
  return { ...Object.fromEntries(OPTIONAL_NAMES.map((name) => [name, undefined])), ...values };
}

/**
 * The values of a job by name.
 * @param own values that the experiment adds; their names begin with `values.` from here on
 * @throws ConfigError when one of its own has a name that is taken
 */
export function jobValues(
  request: FineTuneRequest,
  { jobFolder, trainingFile, validationFile, trainerConfig }: JobPaths,
  own: Readonly<Record<string, string | number>>,
): TemplateValues {
  const { baseModel, method, hyperparameters, suffix, seed, jobKey } = request;
  const preference = method.type === 'dpo' ? method : undefined;
  const values: TemplateValues = {
    jobKey,
    jobFolder,
    trainingFile,
    validationFile,
    trainerConfig,
    outputFolder: join(jobFolder, JOB_FILES.output),
    resultFile: join(jobFolder, JOB_FILES.result),
    logFile: join(jobFolder, JOB_FILES.log),
    baseModel,
    suffix,
    seed,
    method: method.type,
    epochs: hyperparameters.nEpochs,
    batchSize: hyperparameters.batchSize,
    learningRate: hyperparameters.learningRate,
    learningRateMultiplier: hyperparameters.learningRateMultiplier,
    beta: preference?.beta,
    nllScale: preference?.nllScale,
  };
  const taken = Object.keys(own).filter((name) => Object.hasOwn(values, name));
  if (taken.length === 0) {
    const added = Object.entries(own).map(([name, value]) => [`values.${name}`, value] as const);
    return { ...values, ...Object.fromEntries(added) };
  }
  throw new ConfigError({
    subject: `trainer.values: ${taken.join(', ')}`,
    expected: 'names that are free',
    received: 'names that every job has a value for',
    remedy: 'Choose other names, and change the templates accordingly.',
  });
}
