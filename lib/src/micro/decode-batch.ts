// Samples a list of requests on this thread and returns when all are done: for scripts, tests and evaluation beside training.
import type { Language } from './choice.js';
import type { DecodingCapacity } from './decoding-memory.js';
import { Decoder, defaultCapacity } from './decoder.js';
import { assertSamplingRequest } from './sampling-request.js';
import type { ModelShape, SampledChoice, SamplingRequest } from './types.js';

/** A model and what to ask it. */
export interface BatchDecoding {
  model: { shape: ModelShape; weights: Float32Array };
  requests: readonly Omit<SamplingRequest, 'modelId'>[];
  language: Language;
  capacity?: DecodingCapacity;
}

/**
 * The choices of each request, in order of the requests. Blocks this thread; the sampling engine gives the same choices over all
 * cores without blocking.
 * @throws DataError for a request that the model cannot work with.
 */
export function decodeBatch({ model, requests, language, capacity }: BatchDecoding): SampledChoice[][] {
  for (const request of requests) assertSamplingRequest(request, model.shape);
  const decoder = new Decoder(model.shape, language, capacity ?? { ...defaultCapacity, nModels: 1 });
  decoder.transformer.load(0, model.weights);
  const results: SampledChoice[][] = requests.map(() => []);
  for (const [i, { nChoices, ...settings }] of requests.entries()) {
    const onDone = (choices: SampledChoice[]): void => {
      results[i] = choices;
    };
    decoder.submit({ model: 0, settings, firstChoice: 0, nChoices, onToken: null, onDone });
  }
  while (decoder.step());
  return results;
}
