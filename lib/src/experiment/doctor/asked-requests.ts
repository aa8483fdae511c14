// The requests that a run would send, from its real stages over an endpoint that sends nothing: what they ask of a server, and how long
// their prompts are.
import { DataError } from '../../core/errors.js';
import { ChatModel, NO_COMPLETIONS, type ChatEndpoint, type SampleRequest } from '../../model/index.js';
import { notSampled } from '../../model/store-endpoint.js';
import type { BenchmarkItem } from '../../schema/benchmark-item.js';
import { kept, type Outcome } from '../../schema/drop.js';
import type { Instruction } from '../../schema/instruction.js';
import { stageName } from '../../schema/manifest.js';
import type { ResponsePair } from '../../schema/response-pair.js';
import { selectForIteration } from '../open/sources.js';
import type { PreparedExperiment } from '../open/prepare.js';
import { NOT_CACHED, UNREADABLE } from '../plan/planning-endpoint.js';
import { MOST_PROBED } from '../plan/sample.js';
import { tokenCounterOf, type TokenCounter } from '../plan/token-counter.js';
import {
  classifyStage,
  evaluateStage,
  generateStage,
  judgeStage,
  type Asking,
} from '../run/asking-stages.js';

/** Requests of one stage to one model, with answers of the same length at most. */
export interface AskedRequests {
  stage: string;
  model: string;
  /** null: no bound is sent. */
  maxTokens: number | null;
  /** Tokens of each prompt, counted or estimated. */
  promptTokens: number[];
  /** The first of each set of other parameters, roles, and whether several completions are wanted, by a key of them. */
  forms: Map<string, SampleRequest>;
}

/** Records requests by the stage that is asked for, and answers none. */
class RequestRecorder implements ChatEndpoint {
  readonly honoursN = true;
  readonly asked = new Map<string, AskedRequests>();
  readonly #tokens: TokenCounter;
  stage = '';

  constructor(tokens: TokenCounter) {
    this.#tokens = tokens;
  }

  identityOf(model: string): string {
    return model;
  }

  sample(request: SampleRequest): Promise<never> {
    const { model, sampling, nSamples, messages } = request;
    const nTokens = this.#countTokens(request);
    if (nTokens === null) return Promise.reject(notSampled(request, UNREADABLE));
    const { maxTokens, ...parameters } = sampling;
    const key = JSON.stringify([this.stage, model, maxTokens]);
    const nothing: AskedRequests = {
      stage: this.stage,
      model,
      maxTokens,
      promptTokens: [],
      forms: new Map(),
    };
    const asked = this.asked.get(key) ?? nothing;
    this.asked.set(key, asked);
    asked.promptTokens.push(nTokens);
    const form = JSON.stringify([model, parameters, nSamples > 1, messages.map(({ role }) => role)]);
    if (!asked.forms.has(form)) asked.forms.set(form, request);
    return Promise.reject(notSampled(request, NOT_CACHED));
  }

  /** Null for a prompt that the embedded model cannot read, whose input a run would drop. */
  #countTokens({ messages }: SampleRequest): number | null {
    try {
      return this.#tokens.ofPrompt(messages);
    } catch (thrown) {
      if (thrown instanceof DataError) return null;
      throw thrown;
    }
  }
}

/**
 * The requests of a run that can be known before it. Pairs do not exist yet: benchmark items take their place for the judge.
 * @throws ConfigError, DataError for inputs that cannot be read; the signal's reason when it aborts
 */
export async function askedRequests(
  prepared: PreparedExperiment,
  signal: AbortSignal,
): Promise<AskedRequests[]> {
  const { config, pack, instructions, evaluations } = prepared;
  const { counter } = tokenCounterOf(config);
  const endpoint = new RequestRecorder(counter);
  const chatModel = new ChatModel({ endpoint, cache: NO_COMPLETIONS, lookAhead: 16 });
  const asking: Asking = { config, pack, chatModel, signal };
  const run = async (stage: string, outcomes: AsyncIterable<Outcome<unknown>>): Promise<void> => {
    endpoint.stage = stage;
    for await (const outcome of outcomes) if (outcome.kind === 'kept') continue;
  };
  for (const how of evaluations) {
    const stage = stageName({ stage: 'evaluate', benchmark: how.recordName });
    await run(stage, evaluateStage(how.benchmark.items, config.model, { ...asking, how }));
  }
  if (config.iterations > 0) {
    const { unclassified } = instructions;
    if (unclassified) {
      const candidates = await unclassified.pool.sample(MOST_PROBED, signal);
      await run(
        'classify',
        classifyStage(
          candidates.map((one) => kept(one)),
          unclassified,
          asking,
        ),
      );
    }
    const chosen: Instruction[] = [];
    for await (const outcome of selectForIteration(1, { config, instructions }))
      if (outcome.kind === 'kept') chosen.push(outcome.record);
    await run('generate', generateStage(chosen, asking));
    const [{ benchmark }] = evaluations;
    await run('judge', judgeStage(benchmark.items.map(pairOf), { model: config.model }, asking));
  }
  return [...endpoint.asked.values()];
}

function pairOf({ itemId, instruction, slice, winner, loser }: BenchmarkItem): ResponsePair {
  return {
    pairId: itemId,
    instructionId: itemId,
    instruction,
    slice,
    winner: { text: winner, model: '', method: 'answer' },
    loser: { text: loser, model: '', method: 'corruption' },
  };
}
