// Samples completions from the weights of a model in training, on this thread, with turns for other work in between.
import { setImmediate } from 'node:timers/promises';
import { Decoder, defaultCapacity } from './decoder.js';
import { assertSamplingRequest } from './sampling-request.js';
import { decodeTokens, endOfSequence } from './tokenizer.js';
import type { ModelShape, SampledChoice, SamplingRequest } from './types.js';

/** Decoder steps between two turns of the event loop. */
const stepsPerTurn = 4;

/** One decoder, whose weights are replaced by those of the moment. */
export class PolicySampler {
  readonly #decoder: Decoder;

  constructor(shape: ModelShape) {
    this.#decoder = new Decoder(shape, { endOfSequence, decodeTokens }, { ...defaultCapacity, nModels: 1 });
  }

  /**
   * Completions of each request, in order of the requests, up to the end of the context. What is sampled depends on nothing but weights
   * and request.
   * @throws DataError for a prompt that does not fit; the signal's reason once it aborts, after which the sampler is of no more use
   */
  async sample(
    weights: Float32Array,
    requests: readonly Pick<SamplingRequest, 'promptTokens' | 'nChoices' | 'temperature' | 'seed'>[],
    signal: AbortSignal,
  ): Promise<SampledChoice[][]> {
    const decoder = this.#decoder;
    const { shape } = decoder.transformer;
    decoder.transformer.load(0, weights);
    const results: SampledChoice[][] = [];
    for (const [i, { nChoices, ...own }] of requests.entries()) {
      const settings = { ...own, topP: 1, maxTokens: shape.contextLength, stop: [], topLogprobs: null };
      assertSamplingRequest({ nChoices, ...settings }, shape);
      const onDone = (choices: SampledChoice[]): void => {
        results[i] = choices;
      };
      decoder.submit({ model: 0, settings, firstChoice: 0, nChoices, onToken: null, onDone });
    }
    for (let nSteps = 1; decoder.step(); nSteps++) {
      if (nSteps % stepsPerTurn !== 0) continue;
      await setImmediate();
      signal.throwIfAborted();
    }
    return results;
  }
}
