// A batch server, a folder and endpoints over both, for one test.
import assert from 'node:assert/strict';
import { ModelError } from '../../lib/src/core/errors.js';
import {
  BatchEndpoint,
  createOpenAIClient,
  type BatchEndpointOptions,
  type EndpointAnswer,
  type EngineEvent,
  type SampleRequest,
} from '../../lib/src/model/index.js';
import { NEVER } from '../fixtures/scripted-endpoint.js';
import { inTemporaryFolder } from '../fixtures/temporary-folder.js';
import {
  answered,
  startBatchServer,
  type BatchEnd,
  type BatchServer,
  type InputLine,
} from './batch-server.js';

export const allAnswered = (lines: InputLine[]): BatchEnd => ({
  output: lines.map((line) => answered(line)),
});

export function request(name: string, parts: Partial<SampleRequest> = {}): SampleRequest {
  return {
    model: 'm',
    messages: [{ role: 'user', content: name }],
    sampling: { temperature: 0.7, topP: 0.9, maxTokens: 16 },
    nSamples: 1,
    seed: 11,
    promptVersion: 'v1',
    ...parts,
  };
}

export interface Place {
  server: BatchServer;
  folder: string;
  events: EngineEvent[];
  /** Opens an endpoint; another one on the same folder is what a later process has. */
  open: (options?: Partial<BatchEndpointOptions>) => Promise<BatchEndpoint>;
}

export async function withServer(
  script: (lines: InputLine[], index: number) => BatchEnd,
  test: (place: Place) => Promise<void>,
): Promise<void> {
  const server = await startBatchServer(script);
  const events: EngineEvent[] = [];
  const opened: BatchEndpoint[] = [];
  try {
    await inTemporaryFolder(async (folder) => {
      const place: Place = {
        server,
        folder,
        events,
        open: async (options) => {
          const endpoint = await BatchEndpoint.open({
            client: await createOpenAIClient({ baseUrl: server.baseUrl, apiKey: 'k', timeoutMs: 5000 }),
            retry: { maxAttempts: 3, firstWaitMs: 1, longestWaitMs: 2 },
            identity: 'test',
            folder,
            completionWindow: '24h',
            maxRequests: 100,
            maxBytes: 1_000_000,
            gatherMs: 15,
            pollMs: 10,
            onEvent: (event) => events.push(event),
            ...options,
          });
          opened.push(endpoint);
          return endpoint;
        },
      };
      try {
        await test(place);
      } finally {
        for (const endpoint of opened) await endpoint.close();
      }
    });
  } finally {
    await server.close();
  }
}

/** Asks for each name, all at once. */
export function ask(endpoint: BatchEndpoint, names: string[], signal = NEVER): Promise<EndpointAnswer[]> {
  return Promise.all(
    names.map((name) => endpoint.sample(request(name), { idempotencyKey: `key-${name}`, signal })),
  );
}

export const textsOf = (answers: EndpointAnswer[]): (string | undefined)[] =>
  answers.map(({ completions }) => completions[0]?.text);

export const idsOf = ({ batches }: BatchServer): string[][] =>
  batches.map(({ lines }) => lines.map(({ custom_id: id }) => id).sort());

export async function failureOf(promise: Promise<unknown>): Promise<ModelError> {
  const thrown: unknown = await promise.then(
    () => null,
    (reason: unknown) => reason,
  );
  assert.ok(thrown instanceof ModelError, String(thrown));
  return thrown;
}
