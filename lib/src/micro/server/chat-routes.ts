// `POST /v1/chat/completions`: from a checked request to sampled choices, once per Idempotency-Key.
import type { ServerResponse } from 'node:http';
import { contentHash } from '../../core/hash.js';
import type { SampledChoice, TokenListener } from '../types.js';
import { ApiError, toApiError } from './api-error.js';
import { completionOf, usageOf, type ChatCompletion, type CompletionHead } from './chat-completion.js';
import { encodePrompt, parseChatRequest, type ChatRequest } from './chat-request.js';
import { CompletionStream } from './completion-stream.js';
import type { Route } from './http-server.js';
import type { Model } from './model-store.js';
import { seconds } from './paging.js';
import { idempotencyKeyOf } from './replay-memory.js';
import type { ServerContext } from './server-context.js';

/** A request that is ready to be computed. */
interface Admitted {
  asked: ChatRequest;
  model: Model;
  promptTokens: number[];
  key: string | null;
  head: CompletionHead;
}

/** The route. */
export function chatRoute(context: ServerContext): Route {
  return {
    method: 'POST',
    path: '/v1/chat/completions',
    handle: async ({ request, response, body }) => {
      const key = idempotencyKeyOf(request.headers);
      const admitted = await admit(context, body, key);
      const client = clientSignal(response);
      const asking = { key, bodyHash: key === null ? '' : contentHash(body), client };
      const stream = admitted.asked.stream ? new CompletionStream(response, admitted.asked) : null;
      try {
        const { answer, isReplay } = await context.replays.answer(asking, (signal) => {
          stream?.open(admitted.head);
          return compute(
            context,
            admitted,
            stream === null ? { signal } : { signal, onToken: stream.onToken },
          );
        });
        if (isReplay) {
          context.usage.report.completions.replayed++;
          response.setHeader('x-idempotent-replay', 'true');
        }
        if (stream === null) return answer;
        const completion = JSON.parse(answer) as ChatCompletion;
        if (isReplay) stream.open(completion);
        stream.finish(completion);
      } catch (thrown) {
        if (stream?.isOpen !== true) throw thrown;
        if (!client.aborted) stream.fail(toApiError(thrown, context.report));
      }
      return undefined;
    },
  };
}

/** Answers one request that does not stream, for a batch. @returns JSON @throws ApiError; or what the engine throws */
export async function answerChat(
  context: ServerContext,
  body: unknown,
  signal: AbortSignal,
): Promise<string> {
  return compute(context, await admit(context, body, null), { signal });
}

async function admit(context: ServerContext, body: unknown, key: string | null): Promise<Admitted> {
  const asked = parseChatRequest(body);
  const model = await context.models.get(asked.model);
  const promptTokens = encodePrompt(asked.turns, model.contextLength);
  const head: CompletionHead = {
    id: `chatcmpl-${context.newToken()}`,
    created: seconds(context.clock()),
    model: model.id,
    system_fingerprint: `fp_${model.fingerprint.slice(0, 16)}`,
  };
  return { asked, model, promptTokens, key, head };
}

/** Samples, counts, and returns the whole answer as JSON. */
async function compute(
  { engine, models, usage }: ServerContext,
  { asked, model, promptTokens, key, head }: Admitted,
  options: { signal: AbortSignal; onToken?: TokenListener },
): Promise<string> {
  const { signal } = options;
  const room = model.contextLength - promptTokens.length;
  const sampling = {
    modelId: model.id,
    promptTokens,
    nChoices: asked.nChoices,
    temperature: asked.temperature,
    topP: asked.topP,
    // A completion that needs more than the context holds ends there with "length".
    maxTokens: Math.min(asked.maxTokens ?? room, room),
    // Without a seed each request samples differently; the id is random already.
    seed: asked.seed ?? Number.parseInt(head.id.slice(-12), 16),
    stop: asked.stop,
    topLogprobs: asked.topLogprobs,
  };
  let choices: SampledChoice[];
  try {
    await models.load(model, engine);
    signal.throwIfAborted();
    choices = await engine.sample(sampling, options);
  } catch (thrown) {
    if (!signal.aborted) throw thrown;
    usage.report.completions.aborted++;
    throw new ApiError(499, 'The client closed the request before its answer was complete.', {
      code: 'client_closed',
    });
  }
  const answer = JSON.stringify(completionOf(head, choices, promptTokens.length));
  usage.countCompletion({
    choices: choices.length,
    promptTokens: promptTokens.length,
    completionTokens: usageOf(choices, promptTokens.length).completion_tokens,
    key,
  });
  return answer;
}

/** Aborts when the connection closes before the answer has been written. */
function clientSignal(response: ServerResponse): AbortSignal {
  const controller = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) controller.abort();
  });
  if (response.destroyed) controller.abort();
  return controller.signal;
}
