// Fine-tuning: writes the training file, submits one job and waits for its model.
import { ModelError } from '../core/errors.js';
import { writeFileAtomic } from '../core/files.js';
import { contentHash, sha256 } from '../core/hash.js';
import { pause } from '../core/pause.js';
import type { FineTunedModel } from '../schema/manifest.js';
import type { TrainingExample } from '../schema/training-example.js';
import type { FineTuneBackend, Hyperparameters } from './backend.js';

/** What to train, from what, and with whom. */
export interface FineTuneOptions {
  backend: FineTuneBackend;
  baseModel: string;
  hyperparameters: Hyperparameters;
  suffix: string;
  seed: number;
  /** Where the training file is written, in the OpenAI format. */
  trainingFilePath: string;
  onProgress: (detail: string) => void;
  signal: AbortSignal;
}

/** The pause between polls grows from the first to the longest, by a fifth each time. */
const FIRST_POLL_MS = 100;
const LONGEST_POLL_MS = 10_000;

/** Examples as the OpenAI supervised format has them, one JSON object a line. */
export function toSupervisedJsonl(examples: readonly TrainingExample[]): string {
  return examples
    .map(({ prompt, completion }) =>
      JSON.stringify({ messages: [...prompt, { role: 'assistant', content: completion }] }),
    )
    .map((line) => `${line}\n`)
    .join('');
}

/**
 * Trains a model on the examples and returns its name. An interrupted call leaves the job running: the next call with
 * the same examples and settings finds it.
 * @throws ModelError when the endpoint fails or the job does
 */
export async function fineTune(
  examples: readonly TrainingExample[],
  options: FineTuneOptions,
): Promise<FineTunedModel> {
  const { backend, baseModel, hyperparameters, suffix, seed, trainingFilePath, onProgress, signal } = options;
  const content = toSupervisedJsonl(examples);
  const trainingFileHash = sha256(content);
  await writeFileAtomic(trainingFilePath, content);
  const jobKey = contentHash({
    baseModel,
    trainingFileHash,
    hyperparameters: { ...hyperparameters },
    suffix,
    seed,
  });
  const jobId = await backend.submit(
    { baseModel, trainingFilePath, hyperparameters, suffix, seed, jobKey: jobKey.slice(0, 32) },
    signal,
  );
  for (let pauseMs = FIRST_POLL_MS; ; pauseMs = Math.min(LONGEST_POLL_MS, pauseMs * 1.2)) {
    const status = await backend.poll(jobId, signal);
    switch (status.state) {
      case 'succeeded':
        return {
          model: status.model,
          parent: baseModel,
          jobId,
          trainingFileHash,
          nExamples: examples.length,
        };
      case 'failed':
      case 'cancelled':
        throw new ModelError({
          subject: `fine-tuning job ${jobId} of ${baseModel}`,
          expected: 'a trained model',
          received: `${status.state}: ${status.detail}`,
          remedy: 'Look at the job at the server; running the same command again submits a new one.',
          scope: 'endpoint',
          code: `job-${status.state}`,
        });
      case 'waiting':
      case 'running':
        onProgress(status.detail);
        await pause(pauseMs, signal);
    }
  }
}
