// Opens the trainer of an experiment, from its section `finetune.trainer`.
import { dirname, join } from 'node:path';
import { CommandBackend, OpenAIBackend, type FineTuneBackend } from '../../finetune/index.js';
import { isApiError } from '../../model/index.js';
import type { ExperimentConfig } from '../config/config.js';
import { RUN_RETRIES, type ConnectedEndpoint } from './endpoint.js';
import { writeTrainerDataset } from './trainer-dataset.js';

/** What a trainer works with besides its settings. */
export interface TrainerSurroundings {
  connected: ConnectedEndpoint;
  /** The experiment file; relative paths in it are taken from its folder, in which a command runs. */
  configPath: string;
  /** Default folder of a command's jobs. */
  jobsFolder: string;
  environment: NodeJS.ProcessEnv;
}

/** Opens the trainer that an experiment names. */
export async function openTrainer(
  { finetune: { trainer } }: ExperimentConfig,
  { connected, configPath, jobsFolder, environment }: TrainerSurroundings,
): Promise<FineTuneBackend> {
  const { redact } = connected;
  const client = await connected.endpoint.openClient();
  if (trainer.backend === 'openai') {
    const { flavour, lora } = trainer;
    return new OpenAIBackend({ client, retry: RUN_RETRIES, redact, flavour, together: { lora } });
  }
  return new CommandBackend({
    config: trainer,
    jobsFolder: join(jobsFolder, 'trainer-jobs'),
    baseFolder: dirname(configPath),
    environment,
    redact,
    writeDataset: writeTrainerDataset,
    isServed,
  });

  async function isServed(model: string, signal: AbortSignal): Promise<boolean> {
    try {
      await client.models.retrieve(model, { signal });
      return true;
    } catch (thrown) {
      signal.throwIfAborted();
      // Any other failure says nothing about the model.
      return !(isApiError(thrown) && thrown.status === 404);
    }
  }
}
