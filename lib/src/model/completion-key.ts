// The content address of a completion in the store: a hash of everything that can change it, and its sample index.
import { sha256 } from '../core/hash.js';
import type { SampleRequest } from './chat-endpoint.js';

/** The content addresses of a request's completions: everything that can change one, and its sample index. */
export function completionKeys(identity: string, request: SampleRequest): string[] {
  return sampleKeys(requestHash(identity, request), request.nSamples);
}

/**
 * The hash of what is requested, not of what a server did with it: a server that refuses log-probabilities answers without them, and that
 * is stored as its answer to this request. Under the hash of the request without them it would not be found by later attempts, which do
 * not know of the refusal before they ask, and would be paid for again.
 *
 * This is done for every completion, stored ones included, so it is fast: everything that can change a completion is written in one
 * order, texts with their lengths, so that no two requests are written alike.
 */
export function requestHash(
  identity: string,
  { messages, sampling, seed, promptVersion }: SampleRequest,
): string {
  const { temperature, topP, maxTokens, topLogprobs } = sampling;
  let content = `${temperature},${topP},${maxTokens},${topLogprobs ?? ''},${seed},${messages.length}`;
  for (const part of [identity, promptVersion]) content += sized(part);
  for (const message of messages) content += sized(message.role) + sized(message.content);
  return sha256(content);
}

function sized(text: string): string {
  // A lone surrogate would be hashed like any other lone surrogate.
  const written = text.isWellFormed() ? text : JSON.stringify(text);
  return `\n${written.length}:${written}`;
}

/** 224 bits of the request's hash and 32 of the sample's index. */
export function sampleKeys(name: string, nSamples: number): string[] {
  const stem = name.slice(0, 56);
  if (nSamples === 1) return [`${stem}00000000`];
  return Array.from(
    { length: nSamples },
    (_, sampleIndex) => stem + sampleIndex.toString(16).padStart(8, '0'),
  );
}
