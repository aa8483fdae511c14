// The registry of trainers. A new one is its FineTuneBackend, a section in trainer-schema.ts and an entry here.
import type OpenAI from 'openai';
import type { RetryPolicy } from '../core/backoff.js';
import type { FineTuneBackend } from './backend.js';
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
}

const TRAINERS: {
  [Name in TrainerConfig['backend']]: TrainerEntry<Extract<TrainerConfig, { backend: Name }>>;
} = {
  openai: {
    needsTrainingServer: ({ flavour }) => FLAVOURS[flavour].hasOpenAIJobs,
    open: ({ flavour, lora }, { client, retry, redact }) =>
      new OpenAIBackend({ client, retry, redact, flavour, lora }),
  },
  command: {
    needsTrainingServer: () => false,
    open: (config, surroundings) => new CommandBackend({ config, ...surroundings }),
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
