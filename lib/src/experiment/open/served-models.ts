// The addresses of models that jobs of a trainer serve: a job that is started again may serve at another one.
import { AutodidactError } from '../../core/errors.js';
import { readModels, recordModel, type FineTuneBackend, type TrainerConfig } from '../../finetune/index.js';

/** What is needed to learn an address again. */
export interface RenewalOptions {
  trainer: TrainerConfig;
  openTrainer: () => Promise<FineTuneBackend>;
  /** Sends requests for a model to another address. */
  serveAt: (model: string, baseUrl: string) => void;
  warn: (message: string) => void;
  signal: AbortSignal;
}

/**
 * Sends requests for models whose job goes on serving (`trainer.serves`) to the address that the job's result file names now, and records
 * it. Where the job is not there any more, the recorded address stays.
 * @param modelsFile the list of the run's models
 * @throws DataError for a list of models that cannot be read or written
 */
export async function renewAddresses(
  modelsFile: string,
  { trainer, openTrainer, serveAt, warn, signal }: RenewalOptions,
): Promise<void> {
  if (trainer.backend !== 'command' || trainer.serves !== true) return;
  for (const record of await readModels(modelsFile)) {
    try {
      const status = await (await openTrainer()).poll(record.jobId, signal);
      const endpoint = status.state === 'succeeded' ? status.endpoint : undefined;
      if (endpoint === undefined || endpoint === record.endpoint) continue;
      serveAt(record.model, endpoint);
      await recordModel(modelsFile, { ...record, endpoint });
    } catch (thrown) {
      signal.throwIfAborted();
      if (!(thrown instanceof AutodidactError)) throw thrown;
      warn(`the address of ${record.model} was not renewed: ${thrown.message}`);
    }
  }
}
