// The values that a trainer's templates and command can use.
import { dirname, join } from 'node:path';
import { ConfigError } from '../../core/errors.js';
import type { FineTuneRequest, Hyperparameters } from '../backend.js';
import type { TemplateValues } from './template.js';

/** Files and folders of one attempt at a job; all paths are absolute. With them, what the training has to do. */
export interface JobPaths {
  jobFolder: string;
  /** Lines of the training file. */
  nExamples: number;
  /** Devices that train together, if the experiment says so. */
  devices: number | undefined;
  trainingFile: string;
  validationFile: string | undefined;
  /** The first of the filled-in templates. */
  trainerConfig: string | undefined;
}

/** What is in a job's folder besides the templates. */
export const JOB_FILES = {
  /** The folder for the model. */
  output: 'output',
  /** Where the trainer may report its model. */
  result: 'result.json',
  log: 'job.log',
  /** The output of the command that handed the job to a scheduler. */
  submitLog: 'submit.log',
  training: 'training.jsonl',
  validation: 'validation.jsonl',
  /** Written when everything above that a trainer needs exists. */
  record: 'job.json',
  /** The end of a job that this program ended. */
  outcome: 'outcome.json',
  /** The end of a job as the scheduler reported it. */
  scheduled: 'scheduled.json',
  process: 'process.json',
  started: 'started',
  exitCode: 'exit-code',
} as const;

/** Every name, with its value for a job; undefined: this job has none. */
const VALUES: Record<string, (request: FineTuneRequest, paths: JobPaths) => string | number | undefined> = {
  jobKey: ({ jobKey }) => jobKey,
  jobFolder: (_, { jobFolder }) => jobFolder,
  keptFolder: (_, { jobFolder }) => join(dirname(jobFolder), 'kept'),
  trainingFile: (_, { trainingFile }) => trainingFile,
  validationFile: (_, { validationFile }) => validationFile,
  trainerConfig: (_, { trainerConfig }) => trainerConfig,
  outputFolder: (_, { jobFolder }) => join(jobFolder, JOB_FILES.output),
  resultFile: (_, { jobFolder }) => join(jobFolder, JOB_FILES.result),
  logFile: (_, { jobFolder }) => join(jobFolder, JOB_FILES.log),
  baseModel: ({ baseModel }) => baseModel,
  suffix: ({ suffix }) => suffix,
  seed: ({ seed }) => seed,
  method: ({ method }) => method.type,
  epochs: ({ hyperparameters }) => hyperparameters.nEpochs,
  batchSize: ({ hyperparameters }) => hyperparameters.batchSize,
  examples: (_, { nExamples }) => nExamples,
  devices: (_, { devices }) => devices,
  accumulation: accumulationOf,
  steps: ({ hyperparameters }, { nExamples }) => stepsOf(hyperparameters, nExamples),
  warmupSteps: ({ hyperparameters }, { nExamples }) => warmupOf(stepsOf(hyperparameters, nExamples)),
  learningRate: ({ hyperparameters }) => hyperparameters.learningRate,
  learningRateMultiplier: ({ hyperparameters }) => hyperparameters.learningRateMultiplier,
  beta: ({ method }) => (method.type === 'dpo' ? method.beta : undefined),
  nllScale: ({ method }) => (method.type === 'dpo' ? method.nllScale : undefined),
  groupSize: ({ method }) => (method.type === 'reinforcement' ? method.groupSize : undefined),
  nUpdates: ({ method }) => (method.type === 'reinforcement' ? method.nUpdates : undefined),
  clip: ({ method }) => (method.type === 'reinforcement' ? method.clip : undefined),
  klScale: ({ method }) => (method.type === 'reinforcement' ? method.klScale : undefined),
};

/** What a value without a value needs, by name. */
export const NEEDED: Readonly<Record<string, string>> = {
  devices: 'trainer.devices',
  accumulation: 'trainer.devices and finetune.batchSize',
  steps: 'finetune.batchSize and finetune.epochs',
  warmupSteps: 'finetune.batchSize and finetune.epochs',
  batchSize: 'finetune.batchSize',
  epochs: 'finetune.epochs',
};

/** Examples that each device adds up before an optimizer step, so that all devices together make a step of `batchSize` examples. */
function accumulationOf(
  { hyperparameters: { batchSize } }: FineTuneRequest,
  { devices }: JobPaths,
): number | undefined {
  if (batchSize === undefined || devices === undefined) return undefined;
  if (batchSize % devices === 0) return batchSize / devices;
  throw new ConfigError({
    subject: 'finetune.batchSize',
    expected: `a multiple of trainer.devices, which is ${devices}`,
    received: String(batchSize),
    remedy: 'It counts the examples of a step on all devices together; change one of the two.',
  });
}

/** Optimizer steps of a training; the last one of an epoch may be smaller. */
function stepsOf({ nEpochs, batchSize }: Hyperparameters, nExamples: number): number | undefined {
  if (nEpochs === undefined || batchSize === undefined) return undefined;
  return Math.ceil(nExamples / batchSize) * nEpochs;
}

/**
 * The paper's 100 warm-up steps.
 * DEVIATION: at most a tenth of all steps. The paper trained on more examples; on fewer, 100 steps would be most of the training.
 */
function warmupOf(steps: number | undefined): number | undefined {
  return steps === undefined ? undefined : Math.min(100, Math.floor(steps / 10));
}

/** Values that were saved, with the names for which the job has none. */
export function withAllNames(values: TemplateValues): TemplateValues {
  return { ...Object.fromEntries(Object.keys(VALUES).map((name) => [name, undefined])), ...values };
}

/**
 * The values of a job by name.
 * @param own values that the experiment adds, as `values.<name>`
 * @throws ConfigError when one of them has a name that is taken
 */
export function jobValues(
  request: FineTuneRequest,
  paths: JobPaths,
  own: Readonly<Record<string, string | number>>,
): TemplateValues {
  const taken = Object.keys(own).filter((name) => Object.hasOwn(VALUES, name));
  if (taken.length > 0)
    throw new ConfigError({
      subject: `trainer.values: ${taken.join(', ')}`,
      expected: 'names that are free',
      received: 'names of values that every job has',
      remedy: 'Choose other names, and change the templates accordingly.',
    });
  return Object.fromEntries([
    ...Object.entries(VALUES).map(([name, valueOf]) => [name, valueOf(request, paths)]),
    ...Object.entries(own).map(([name, value]) => [`values.${name}`, value]),
  ]) as TemplateValues;
}
