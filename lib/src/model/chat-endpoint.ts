// What the client of the stages needs of whatever answers: one server, several replicas of it, a batch, a test's script.
import type { ChatMessage, Completion, Sampling } from '../schema/chat.js';

/** What to sample: one prompt, `nSamples` completions. */
export interface SampleRequest {
  model: string;
  messages: ChatMessage[];
  sampling: Sampling;
  nSamples: number;
  /** Names the random stream: the same request with the same seed asks for the same completions. */
  seed: number;
  /** Version of the prompt pack that wrote the messages and reads the completions. */
  promptVersion: string;
}

/** What an endpoint gave for one request. */
export interface EndpointAnswer {
  completions: Completion[];
  /** As the server told; estimated where it did not. */
  promptTokens: number;
  completionTokens: number;
  /** Attempts that failed and were repeated. */
  retries: number;
  /** Attempts that failed, by cause. */
  errors: Readonly<Record<string, number>>;
}

/** How one request is to be asked. */
export interface AskOptions {
  /** Names the request: a server that knows it gives the same answer again; unique to its content. */
  idempotencyKey: string;
  signal: AbortSignal;
}

/** An endpoint that samples completions. */
export interface ChatEndpoint {
  /** What decides its output besides the request: the server and the exact model behind the name. */
  identityOf(model: string): string;
  /** Whether one request may ask for several completions; null while that is not known. */
  readonly honoursN: boolean | null;
  /**
   * Samples `nSamples` completions; a server that does not honour `n` may give fewer, or none, and `honoursN` tells.
   * @throws ModelError once retries are used up, or when the request can never succeed.
   */
  sample(request: SampleRequest, options: AskOptions): Promise<EndpointAnswer>;
}

/** Counts by cause, added up. */
export function sumCounts(all: Iterable<Readonly<Record<string, number>>>): Record<string, number> {
  const sum: Record<string, number> = {};
  for (const counts of all)
    for (const [cause, n] of Object.entries(counts)) sum[cause] = (sum[cause] ?? 0) + n;
  return sum;
}
