// The registry of trainers. A new one is its FineTuneBackend, a section in trainer-schema.ts and an entry here.
import type OpenAI from 'openai';
import type { RetryPolicy } from '../core/backoff.js';
import type { Finding } from '../schema/finding.js';
import type { FineTuneBackend, FineTuneRequest } from './backend.js';
import { checkCommand } from './command/command-check.js';
import { CommandBackend, type CommandBackendOptions } from './command/command-backend.js';
import { FLAVOURS } from './flavours.js';
import { OpenAIBackend } from './openai-backend.js';
import type { TrainerConfig } from './trainer-schema.js';

/** What trainers are opened with, besides their settings. */
export interface TrainerSurroundings extends Omit<CommandBackendOptions, 'config' | 'now'> {
  /** Of the server where the judge is served. */
  client: OpenAI;
  retry: RetryPolicy;
}

interface TrainerEntry<Config> {
  /** Whether the judge's server has to offer fine-tuning jobs in the OpenAI API. */
  needsTrainingServer: (config: Config) => boolean;
  open: (config: Config, surroundings: TrainerSurroundings) => FineTuneBackend;
  /** What can be known before it is used; nothing is started or sent. */
  check: (config: Config, place: TrainerPlace, requests: readonly FineTuneRequest[]) => Promise<Finding[]>;
}

/** Where a trainer runs. */
export type TrainerPlace = Pick<TrainerSurroundings, 'baseFolder' | 'environment'>;

const TRAINERS: {
  [Name in TrainerConfig['backend']]: TrainerEntry<Extract<TrainerConfig, { backend: Name }>>;
} = {
  openai: {
    needsTrainingServer: ({ flavour }) => FLAVOURS[flavour].hasOpenAIJobs,
    open: ({ flavour, lora }, { client, retry, redact }) =>
      new OpenAIBackend({ client, retry, redact, flavour, lora }),
    // Its server is contacted at the start of a run.
    check: () => Promise.resolve([]),
  },
  command: {
    needsTrainingServer: () => false,
    open: (config, surroundings) => new CommandBackend({ config, ...surroundings }),
    check: (config, place, requests) => checkCommand({ config, ...place }, requests),
  },
};

const entryOf = ({ backend }: TrainerConfig): TrainerEntry<TrainerConfig> =>
  TRAINERS[backend] as TrainerEntry<TrainerConfig>;

/** Whether the judge's server has to offer fine-tuning jobs in the OpenAI API. */
export function needsTrainingServer(config: TrainerConfig): boolean {
  return entryOf(config).needsTrainingServer(config);
}

/** Opens the trainer that the settings name. */
export function openTrainer(config: TrainerConfig, surroundings: TrainerSurroundings): FineTuneBackend {
  return entryOf(config).open(config, surroundings);
}

/** Checks a trainer before anything is paid for. @param requests one of each kind of job that it would get */
export function checkTrainer(
  config: TrainerConfig,
  place: TrainerPlace,
  requests: readonly FineTuneRequest[],
): Promise<Finding[]> {
  return entryOf(config).check(config, place, requests);
}
