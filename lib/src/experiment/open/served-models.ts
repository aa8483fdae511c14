// The addresses of models that jobs of a trainer serve: a job that is started again may serve at another one.
import { AutodidactError } from '../../core/errors.js';
import { MODELS_FILE, readModels, recordModel } from '../../finetune/index.js';
import type { OpenedExperiment } from './opened-experiment.js';

/**
 * Sends requests for models whose job goes on serving (`trainer.serves`) to the address that the job's result file names now, and records
 * it. Where the job is not there any more, the recorded address stays.
 * @throws DataError for a list of models that cannot be read or written
 */
export async function renewAddresses({
  config,
  folder,
  openTrainer,
  serveAt,
  observers,
  signal,
}: Pick<
  OpenedExperiment,
  'config' | 'folder' | 'openTrainer' | 'serveAt' | 'observers' | 'signal'
>): Promise<void> {
  const { trainer } = config.finetune;
  if (trainer.backend !== 'command' || !trainer.serves) return;
  const path = folder.file(MODELS_FILE);
  for (const record of await readModels(path)) {
    try {
      const status = await (await openTrainer()).poll(record.jobId, signal);
      const endpoint = status.state === 'succeeded' ? status.endpoint : undefined;
      if (endpoint === undefined || endpoint === record.endpoint) continue;
      serveAt(record.model, endpoint);
      await recordModel(path, { ...record, endpoint });
    } catch (thrown) {
      signal.throwIfAborted();
      if (!(thrown instanceof AutodidactError)) throw thrown;
      observers.warn(`the address of ${record.model} was not renewed: ${thrown.message}`);
    }
  }
}
