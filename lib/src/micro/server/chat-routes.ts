// `POST /v1/chat/completions`: from a checked request to sampled choices, once per Idempotency-Key.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { contentHash } from '../../core/hash.js';
import type { SampledChoice, SamplingEngine, TokenListener } from '../types.js';
import { ApiError } from './api-error.js';
import { completionOf, usageOf, type ChatCompletion, type CompletionHead } from './chat-completion.js';
import { encodePrompt, parseChatRequest, type ChatRequest } from './chat-request.js';
import { CompletionStream } from './completion-stream.js';
import { toApiError } from './error-answers.js';
import type { Model, ModelStore } from './model-store.js';
import { idempotencyKeyOf, type ReplayMemory } from './replay-memory.js';
import type { UsageCounter } from './usage-counter.js';

/** What the route works with. */
export interface ChatContext {
  engine: SamplingEngine;
  models: ModelStore;
  replays: ReplayMemory;
  usage: UsageCounter;
  /** Milliseconds since 1970. */
  clock: () => number;
  /** A fresh random name of 24 hex digits. */
  newToken: () => string;
  report: (failure: unknown) => void;
}

/** A request that is ready to be computed. */
interface Admitted {
  asked: ChatRequest;
  model: Model;
  promptTokens: number[];
  key: string | null;
  head: CompletionHead;
}

/** Adds the route. */
export function addChatRoutes(app: FastifyInstance, context: ChatContext): void {
  app.post('/v1/chat/completions', async (request, reply) => {
    const key = idempotencyKeyOf(request.headers);
    const asked = parseChatRequest(request.body);
    const model = await context.models.get(asked.model);
    const promptTokens = encodePrompt(asked.turns, model.contextLength);
    const head: CompletionHead = {
      id: `chatcmpl-${context.newToken()}`,
      created: Math.floor(context.clock() / 1000),
      model: model.id,
      system_fingerprint: `fp_${model.fingerprint.slice(0, 16)}`,
    };
    const admitted: Admitted = { asked, model, promptTokens, key, head };
    const bodyHash = key === null ? '' : contentHash(request.body);
    return asked.stream
      ? streamAnswer(context, admitted, { request, reply, bodyHash })
      : wholeAnswer(context, admitted, { request, reply, bodyHash });
  });
}

interface Exchange {
  request: FastifyRequest;
  reply: FastifyReply;
  bodyHash: string;
}

async function wholeAnswer(
  context: ChatContext,
  admitted: Admitted,
  exchange: Exchange,
): Promise<FastifyReply> {
  const { reply, bodyHash } = exchange;
  const client = clientSignal(reply);
  const { answer, isReplay } = await context.replays.answer(
    { key: admitted.key, bodyHash, client },
    (signal) => compute(context, admitted, { signal }),
  );
  if (isReplay) {
    context.usage.report.completions.replayed++;
    void reply.header('x-idempotent-replay', 'true');
  }
  return reply.type('application/json; charset=utf-8').send(answer);
}

async function streamAnswer(
  context: ChatContext,
  admitted: Admitted,
  exchange: Exchange,
): Promise<FastifyReply> {
  const { reply, bodyHash } = exchange;
  const { asked, head } = admitted;
  const client = clientSignal(reply);
  const stream = new CompletionStream(reply.raw, {
    nChoices: asked.nChoices,
    stop: asked.stop,
    withLogprobs: asked.topLogprobs !== null,
    includeUsage: asked.includeUsage,
  });
  try {
    const { answer, isReplay } = await context.replays.answer(
      { key: admitted.key, bodyHash, client },
      (signal) => {
        reply.hijack();
        stream.open(head);
        return compute(context, admitted, {
          signal,
          onToken: stream.onToken,
          onDone: (choices) => {
            stream.finish(choices, admitted.promptTokens.length);
          },
        });
      },
    );
    if (isReplay) {
      context.usage.report.completions.replayed++;
      const completion = JSON.parse(answer) as ChatCompletion;
      reply.hijack();
      stream.open(completion, { 'x-idempotent-replay': 'true' });
      stream.replay(completion);
    }
  } catch (thrown) {
    if (!stream.isOpen) throw thrown;
    if (!client.aborted) stream.fail(toApiError(thrown, context.report));
  }
  return reply;
}

/** Samples, counts, and returns the whole answer as JSON. */
async function compute(
  { engine, models, usage }: ChatContext,
  { asked, model, promptTokens, key, head }: Admitted,
  options: { signal: AbortSignal; onToken?: TokenListener; onDone?: (choices: SampledChoice[]) => void },
): Promise<string> {
  const { signal, onToken, onDone } = options;
  const room = model.contextLength - promptTokens.length;
  const sampling = {
    modelId: model.id,
    promptTokens,
    nChoices: asked.nChoices,
    temperature: asked.temperature,
    topP: asked.topP,
    // More than the context holds cannot be had; such a completion ends with "length" where the context does.
    maxTokens: Math.min(asked.maxTokens ?? room, room),
    // Requests without a seed draw anew each time; the id is random already.
    seed: asked.seed ?? Number.parseInt(head.id.slice(-12), 16),
    stop: asked.stop,
    topLogprobs: asked.topLogprobs,
  };
  let choices: SampledChoice[];
  try {
    await models.load(model, engine);
    signal.throwIfAborted();
    choices = await engine.sample(sampling, onToken === undefined ? { signal } : { signal, onToken });
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
  onDone?.(choices);
  return answer;
}

/** Aborts when the connection closes before the answer has been written. */
function clientSignal(reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  const { raw } = reply;
  raw.once('close', () => {
    if (!raw.writableFinished) controller.abort();
  });
  if (raw.destroyed) controller.abort();
  return controller.signal;
}
