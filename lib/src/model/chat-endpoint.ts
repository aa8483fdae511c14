// The interface between the client of the stages and what answers: one server, several replicas, a batch, a test's script.
import { addCount } from '../core/own.js';
import type { ChatMessage, Completion, Sampling } from '../schema/chat.js';

/** What to sample: one prompt, `nSamples` completions. */
export interface SampleRequest {
  model: string;
  messages: ChatMessage[];
  sampling: Sampling;
  nSamples: number;
  /** The random stream: the same request with the same seed asks for the same completions. */
  seed: number;
  /** Version of the prompt pack that wrote the messages and reads the completions. */
  promptVersion: string;
}

/** A request that costs next to nothing. */
export function shortRequest(model: string): SampleRequest {
  return {
    model,
    messages: [{ role: 'user', content: 'Hello' }],
    sampling: { temperature: 0, topP: 1, maxTokens: 1 },
    nSamples: 1,
    seed: 0,
    promptVersion: '',
  };
}

/** What an endpoint gave for one request. */
export interface EndpointAnswer {
  completions: Completion[];
  /** As the server reported; estimated where it did not. */
  promptTokens: number;
  completionTokens: number;
  /** Attempts that failed and were repeated. */
  retries: number;
  /** Attempts that failed, by cause. */
  errors: Readonly<Record<string, number>>;
}

/** What an answer used that was not paid for: nothing. */
export const NOTHING_USED: Readonly<Omit<EndpointAnswer, 'completions'>> = {
  promptTokens: 0,
  completionTokens: 0,
  retries: 0,
  errors: {},
};

/** How one request is sent. */
export interface AskOptions {
  /** Identifies the request, unique to its content: a server that knows the key gives the same answer again. */
  idempotencyKey: string;
  signal: AbortSignal;
}

/** An endpoint that samples completions. */
export interface ChatEndpoint {
  /** What decides the output besides the request: the server and the exact model behind the name. */
  identityOf(model: string): string;
  /** Whether one request may ask for several completions; null while that is not known. */
  readonly honoursN: boolean | null;
  /**
   * Samples `nSamples` completions. A server that does not honour `n` may give fewer, or none: then they are to be requested one by one,
   * and `honoursN` says so as soon as it is known. The request is not changed.
   * @throws ModelError once no attempt is left, or when the request can never succeed; the signal's reason when it aborts
   */
  sample(request: SampleRequest, options: AskOptions): Promise<EndpointAnswer>;
}

/** Counts by cause, added up. */
export function sumCounts(all: Iterable<Readonly<Record<string, number>>>): Record<string, number> {
  const sum: Record<string, number> = {};
  for (const counts of all) for (const [cause, n] of Object.entries(counts)) addCount(sum, cause, n);
  return sum;
}
