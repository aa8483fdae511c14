// The contract of chat endpoints, held against every implementation.
import { join } from 'node:path';
import { PlanningEndpoint } from '../../lib/src/experiment/plan/planning-endpoint.js';
import { startServer, type RunningServer } from '../../lib/src/micro/server/start.js';
import { ExportEndpoint } from '../../lib/src/model/export-endpoint.js';
import {
  completionKeys,
  OpenAIEndpoint,
  RoutedEndpoint,
  type ChatEndpoint,
  type SampleRequest,
} from '../../lib/src/model/index.js';
import {
  describeChatEndpoint,
  type ChatEndpointKind,
  type ChatEndpointSetting,
  type ServerKind,
} from '../contracts/chat-endpoint.js';
import { sendChoices, sendJson, startQuirkyServer, type Behaviour } from '../fixtures/quirky-server.js';
import { memoryCache } from '../fixtures/scripted-endpoint.js';
import { inTemporaryFolder } from '../fixtures/temporary-folder.js';
import { withServer as withBatchServer } from './batch-place.js';
import { answered, refused, type InputLine } from './batch-server.js';

const PROMPTS = ['one', 'two', 'three'] as const;
const BAD = 'bad prompt';
const echo = (prompt: string, i: number): string => `${prompt} ${i}`;
const REFUSED = { prompt: BAD, scope: 'request', code: 'context-length' } as const;
const ALL_SERVERS: readonly ServerKind[] = ['refuses n', 'gives one', 'refuses logprobs and seed', 'silent'];

/** What a server says to a body: the completions, the reason of a refusal, or null for nothing at all. */
function said(
  server: ServerKind,
  body: { n?: number; seed?: number; logprobs?: boolean; messages: { content: string }[] },
): string[] | { reason: string } | null {
  const prompt = body.messages[0]?.content ?? '';
  if (server === 'silent') return null;
  if (prompt === BAD) return { reason: 'the prompt is too long' };
  if (server === 'refuses n' && body.n !== undefined) return { reason: 'one choice only' };
  if (server === 'refuses logprobs and seed') {
    if (body.logprobs === true) return { reason: 'no log-probabilities here' };
    if (body.seed !== undefined) return { reason: 'unknown field: seed' };
  }
  return Array.from({ length: server === 'gives one' ? 1 : (body.n ?? 1) }, (_, i) => echo(prompt, i));
}

function openEndpoint(baseUrl: string): OpenAIEndpoint {
  return new OpenAIEndpoint({
    baseUrls: [baseUrl],
    apiKey: 'k',
    identity: 'test',
    timeoutMs: 20_000,
    concurrency: 4,
    retries: { maxAttempts: 3, firstWaitMs: 1, longestWaitMs: 2 },
  });
}

const scripted = (endpoint: ChatEndpoint): ChatEndpointSetting => ({
  endpoint,
  model: 'm',
  prompts: PROMPTS,
  textOf: echo,
  refused: REFUSED,
});

async function withScriptedServer(
  kind: ServerKind,
  test: (endpoint: OpenAIEndpoint, nAsked: () => number) => Promise<void>,
): Promise<void> {
  const behave: Behaviour = ({ body, response }) => {
    const answer = said(kind, body);
    if (answer === null) return;
    if (Array.isArray(answer)) sendChoices(response, answer);
    else sendJson(response, 400, { error: { message: answer.reason } });
  };
  const server = await startQuirkyServer(behave);
  const endpoint = openEndpoint(server.baseUrl);
  try {
    await test(endpoint, () => server.bodies.length);
  } finally {
    await endpoint.close();
    await server.close();
  }
}

describeChatEndpoint('an OpenAI-compatible server', {
  asksServer: true,
  servers: ALL_SERVERS,
  use: (kind, test) =>
    withScriptedServer(kind, (endpoint, nAsked) => test({ ...scripted(endpoint), nAsked })),
});

for (const place of ['the usual place', 'another place'] as const)
  describeChatEndpoint(`a model of several endpoints, at ${place},`, {
    asksServer: true,
    servers: ALL_SERVERS,
    use: (kind, test) =>
      withScriptedServer(kind, (own) =>
        withScriptedServer('usual', async (other) => {
          const routed = new RoutedEndpoint(place === 'the usual place' ? own : other);
          routed.route(
            place === 'the usual place' ? 'another' : 'm',
            place === 'the usual place' ? other : own,
          );
          await test(scripted(routed));
        }),
      ),
  });

describeChatEndpoint('a Batch API', {
  asksServer: true,
  servers: ALL_SERVERS,
  use: (kind, test) => {
    const script = (lines: InputLine[]): { output: object[]; errors: object[]; status?: string } => {
      const output: object[] = [];
      const errors: object[] = [];
      for (const line of lines) {
        const answer = said(kind, line.body);
        if (Array.isArray(answer)) output.push(answered(line, answer));
        else if (answer !== null) errors.push(refused(line, 400, answer.reason));
      }
      return { output, errors, ...(kind === 'silent' ? { status: 'in_progress' } : {}) };
    };
    return withBatchServer(script, async ({ open, server }) =>
      test({ ...scripted(await open()), nAsked: () => server.asked.length }),
    );
  },
});

describe('the embedded server', () => {
  let server: RunningServer;
  let leave: () => void;
  let isLeft: Promise<void>;
  before(
    () =>
      new Promise<void>((resolve, reject) => {
        isLeft = inTemporaryFolder(async (folder) => {
          server = await startServer({ stateFolder: join(folder, 'state'), nWorkers: 1 });
          const left = new Promise<void>((go) => (leave = go));
          resolve();
          await left;
          await server.close();
        });
        isLeft.catch(reject);
      }),
  );
  after(async () => {
    leave();
    await isLeft;
  });

  describeChatEndpoint('it', {
    asksServer: true,
    servers: [],
    use: async (_, test) => {
      const endpoint = openEndpoint(server.baseUrl);
      try {
        await test({
          endpoint,
          model: 'micro-seed',
          prompts: ['answer compute 1 + 2', 'answer compute 2 + 2', 'answer compute 3 + 4'],
          textOf: null,
          refused: { prompt: 'apples', scope: 'request', code: 'http-400' },
        });
      } finally {
        await endpoint.close();
      }
    },
  });
});

/** A kind of endpoint over a store in memory, which sends nothing. */
function fromStore(
  code: string,
  open: (store: ReturnType<typeof memoryCache>) => ChatEndpoint,
): ChatEndpointKind {
  return {
    asksServer: false,
    servers: [],
    use: async (_, test) => {
      const store = memoryCache();
      const endpoint = open(store);
      const prepare = async (request: SampleRequest): Promise<void> => {
        const partition = endpoint.identityOf(request.model);
        const prompt = request.messages[0]?.content ?? '';
        const entries = completionKeys(partition, request).map((key, i) => ({
          key,
          completion: { text: echo(prompt, i), finishReason: 'stop' },
        }));
        await store.put(partition, entries);
      };
      await test({ ...scripted(endpoint), prepare, refused: { prompt: BAD, scope: 'request', code } });
    },
  };
}

const identityOf = (model: string): string => `server:${model}`;

describeChatEndpoint(
  'an export',
  fromStore(
    'exported',
    (store) =>
      new ExportEndpoint({
        identityOf,
        lookUp: (partition, keys) => store.getAll(partition, keys),
        givenUpAs: () => null,
        write: () => Promise.resolve(true),
      }),
  ),
);

describeChatEndpoint(
  'a plan',
  fromStore(
    'not-cached',
    (store) =>
      new PlanningEndpoint({
        identityOf,
        lookUp: (partition, keys) => store.getAll(partition, keys),
        tokens: { guess: null, ofPrompt: () => 7, ofText: () => 3, ofCompletion: () => 3 },
        kindOf: () => 'judgment',
      }),
  ),
);
