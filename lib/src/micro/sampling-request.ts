// Checks a sampling request before it reaches a decoder.
import { DataError } from '../core/errors.js';
import type { ModelShape, SamplingRequest } from './types.js';

/** @throws DataError naming the first field that a model of this shape cannot work with. */
export function assertSamplingRequest(request: Omit<SamplingRequest, 'modelId'>, shape: ModelShape): void {
  const { promptTokens, nChoices, temperature, topP, maxTokens, seed, stop, topLogprobs } = request;
  const strange = promptTokens.find((token) => !isWhole(token, 0, shape.vocabularySize - 1));
  const longest = shape.contextLength - 1;
  const checks: readonly (readonly [boolean, string, string, unknown])[] = [
    [isWhole(promptTokens.length, 1, longest), 'promptTokens', `1 to ${longest} tokens`, promptTokens.length],
    [strange === undefined, 'promptTokens', `token ids below ${shape.vocabularySize}`, strange],
    [isWhole(nChoices, 1, Infinity), 'nChoices', 'a whole number from 1', nChoices],
    [temperature >= 0 && temperature < Infinity, 'temperature', 'a number from 0', temperature],
    [topP > 0 && topP <= 1, 'topP', 'a number above 0, at most 1', topP],
    [isWhole(maxTokens, 1, Infinity), 'maxTokens', 'a whole number from 1', maxTokens],
    [Number.isInteger(seed), 'seed', 'a whole number', seed],
    [!stop.includes(''), 'stop', 'texts of at least one character', stop.length],
    [topLogprobs === null || isWhole(topLogprobs, 0, 20), 'topLogprobs', 'null or 0 to 20', topLogprobs],
  ];
  for (const [holds, field, expected, received] of checks) {
    if (holds) continue;
    throw new DataError({
      subject: `sampling request: ${field}`,
      expected,
      received: String(received),
      remedy: 'Correct the request.',
    });
  }
}

function isWhole(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most;
}
