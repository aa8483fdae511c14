// The sampling engine: deals requests over worker threads, each of which decodes by continuous batching.
import { availableParallelism } from 'node:os';
import type { Worker } from 'node:worker_threads';
import { ModelError } from '../core/errors.js';
import { startWorkerThread } from '../core/worker-thread.js';
import { readCheckpoint, vocabularyHash } from './checkpoint.js';
import { SamplingLane } from './sampling-lane.js';
import type { SamplingThreadSetup } from './sampling-messages.js';
import { assertSamplingRequest } from './sampling-request.js';
import { endOfSequence as defaultEndOfSequence, vocabulary as defaultVocabulary } from './tokenizer.js';
import type { ModelShape, SampledChoice, SamplingEngine, SamplingRequest, TokenListener } from './types.js';

/** How to build an engine; nothing here changes what is sampled. */
export interface SamplingEngineOptions {
  /** Threads; default: one for each core, but no more than eight, to bound their memory. */
  nWorkers?: number;
  /** Words by token id, and the id that ends a completion; default: those of the tokenizer. */
  vocabulary?: readonly string[];
  endOfSequence?: number;
  /** Starts a thread of `sampling-worker`. */
  startThread?: (setup: SamplingThreadSetup) => Worker;
}

/** Requests of at least twice this many choices are split over threads: fewer would not pay for reading the prompt again. */
const leastChoicesOfPart = 16;

/** Starts an engine. Its threads start with the first request and live until it is closed. */
export function createSamplingEngine(options: SamplingEngineOptions = {}): SamplingEngine {
  return new ThreadedSamplingEngine(options);
}

class ThreadedSamplingEngine implements SamplingEngine {
  readonly #lanes: SamplingLane[];
  readonly #vocabularySha256: string;
  readonly #models = new Map<string, Promise<{ shape: ModelShape; checkpointPath: string }>>();
  #nParts = 0;
  #closed = false;

  constructor(options: SamplingEngineOptions) {
    const setup: SamplingThreadSetup = {
      vocabulary: options.vocabulary ?? defaultVocabulary,
      endOfSequence: options.endOfSequence ?? defaultEndOfSequence,
    };
    const place = new URL('./sampling-worker', import.meta.url);
    const startThread = options.startThread ?? ((threadSetup) => startWorkerThread(place, threadSetup));
    const nWorkers = Math.max(1, options.nWorkers ?? Math.min(8, availableParallelism()));
    this.#lanes = Array.from({ length: nWorkers }, () => new SamplingLane(() => startThread(setup)));
    this.#vocabularySha256 = vocabularyHash(setup.vocabulary);
  }

  async loadModel(modelId: string, checkpointPath: string): Promise<void> {
    let loading = this.#models.get(modelId);
    if (loading === undefined) {
      loading = this.#read(checkpointPath);
      this.#models.set(modelId, loading);
      // A model that could not be read may be there at the next attempt.
      loading.catch(() => this.#models.delete(modelId));
    }
    await loading;
  }

  async sample(
    request: SamplingRequest,
    { signal, onToken }: { signal?: AbortSignal; onToken?: TokenListener } = {},
  ): Promise<SampledChoice[]> {
    signal?.throwIfAborted();
    if (this.#isClosed()) throw closedError();
    const model = await this.#models.get(request.modelId);
    if (model === undefined) {
      throw new ModelError({
        subject: `model ${request.modelId}`,
        expected: 'a model that was loaded',
        received: [...this.#models.keys()].join(', ') || 'none loaded',
        remedy: 'Call loadModel first.',
        scope: 'request',
        code: 'model-not-found',
      });
    }
    assertSamplingRequest(request, model.shape);
    signal?.throwIfAborted();
    if (this.#isClosed()) throw closedError();
    return this.#run(request, model.checkpointPath, { signal, onToken });
  }

  /** Asked again after a pause, in which the engine may have been closed. */
  #isClosed(): boolean {
    return this.#closed;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#lanes.map((lane) => lane.close()));
  }

  async #read(checkpointPath: string): Promise<{ shape: ModelShape; checkpointPath: string }> {
    const { shape } = await readCheckpoint(checkpointPath, { vocabularySha256: this.#vocabularySha256 });
    return { shape, checkpointPath };
  }

  #run(
    request: SamplingRequest,
    checkpointPath: string,
    { signal, onToken }: { signal: AbortSignal | undefined; onToken: TokenListener | undefined },
  ): Promise<SampledChoice[]> {
    const { modelId, nChoices, ...settings } = request;
    return new Promise((resolve, reject) => {
      const ranges = this.#split(nChoices);
      const results: SampledChoice[][] = ranges.map(() => []);
      const parts: { lane: SamplingLane; partId: number }[] = [];
      let nLeft = ranges.length;
      const stop = (reason: Error): void => {
        signal?.removeEventListener('abort', onAbort);
        for (const { lane, partId } of parts) lane.cancel(partId);
        reject(reason);
      };
      const onAbort = (): void => {
        const reason: unknown = signal?.reason;
        stop(reason instanceof Error ? reason : new DOMException('This operation was aborted', 'AbortError'));
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      for (const [i, range] of ranges.entries()) {
        const partId = this.#nParts++;
        const lane = this.#lanes.reduce((least, other) => (other.load < least.load ? other : least));
        parts.push({ lane, partId });
        const part = { kind: 'sample' as const, partId, modelId, checkpointPath, settings, ...range };
        lane.start(
          { ...part, streams: onToken !== undefined },
          {
            // Most completions end by themselves long before a large limit.
            load: settings.promptTokens.length + range.nChoices * Math.min(settings.maxTokens, 16),
            onToken: onToken ?? null,
            onDone: (choices) => {
              results[i] = choices;
              nLeft -= 1;
              if (nLeft > 0) return;
              signal?.removeEventListener('abort', onAbort);
              resolve(results.flat());
            },
            onFailed: stop,
          },
        );
      }
    });
  }

  #split(nChoices: number): { firstChoice: number; nChoices: number }[] {
    const nParts = Math.max(1, Math.min(this.#lanes.length, Math.floor(nChoices / leastChoicesOfPart)));
    const bounds = Array.from({ length: nParts + 1 }, (_, i) => Math.round((i * nChoices) / nParts));
    return bounds
      .slice(0, -1)
      .map((first, i) => ({ firstChoice: first, nChoices: (bounds[i + 1] ?? nChoices) - first }));
  }
}

function closedError(): Error {
  return new Error('the sampling engine was closed');
}
