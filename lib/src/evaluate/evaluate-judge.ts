// Evaluation of a judge on held-out pairs: greedy in both orders, and a majority vote when asked for.
import { deriveSeed } from '../core/random.js';
import type { ChatModel } from '../model/chat-model.js';
import type { PromptPack } from '../prompt/index.js';
import type { BenchmarkItem } from '../schema/benchmark-item.js';
import type { Sampling } from '../schema/chat.js';
import { kept, type Outcome } from '../schema/drop.js';
import type { EvaluatedItem, OrderedEvaluation, VoteCount } from '../schema/evaluation.js';
import { ORDERS, type Order, type Verdict } from '../schema/verdict.js';

/** How a judge is evaluated. */
export interface EvaluateOptions {
  chatModel: ChatModel;
  pack: PromptPack;
  /** The judge. */
  model: string;
  maxTokens: number;
  /** Absent: no majority vote. */
  vote?: (Sampling & { samples: number }) | undefined;
  seed: number;
  signal: AbortSignal;
}

const GREEDY = { temperature: 0, topP: 1 };
/** Greedy decoding draws nothing, so its seed only has to be the same everywhere. */
const GREEDY_SEED = 0;

/** Shows every item to the judge in both orders; results in input order. @throws ModelError when the endpoint fails */
export function evaluateJudge(
  items: AsyncIterable<BenchmarkItem> | Iterable<BenchmarkItem>,
  options: EvaluateOptions,
): AsyncGenerator<Outcome<EvaluatedItem>> {
  return options.chatModel.outcomes(
    items,
    async (item, signal) => {
      const orders = await Promise.all(
        ORDERS.map((order) => evaluateInOrder(item, order, { ...options, signal })),
      );
      const { itemId, slice, errorKind } = item;
      return kept({ itemId, slice, errorKind, orders });
    },
    { subjectOf: ({ itemId }) => itemId, signal: options.signal },
  );
}

async function evaluateInOrder(
  item: BenchmarkItem,
  order: Order,
  options: EvaluateOptions,
): Promise<OrderedEvaluation> {
  const { chatModel, pack, model, maxTokens, vote, seed, signal } = options;
  const [responseA, responseB] =
    order === 'winner-first' ? [item.winner, item.loser] : [item.loser, item.winner];
  const prompt = {
    model,
    messages: pack.judge.render({ instruction: item.instruction, responseA, responseB }),
    promptVersion: pack.version,
  };
  const greedy = { ...prompt, sampling: { ...GREEDY, maxTokens }, nSamples: 1, seed: GREEDY_SEED };
  const [greedyCompletions, votes] = await Promise.all([
    chatModel.sample(greedy, signal),
    vote ? sampleVotes() : undefined,
  ]);
  const [completion] = greedyCompletions;
  if (completion === undefined) throw new RangeError('sample: expected one completion');
  return {
    order,
    text: completion.text,
    verdict: pack.judge.parse(completion),
    ...(votes ? { votes } : {}),
  };

  async function sampleVotes(): Promise<VoteCount> {
    const { samples, ...sampling } = vote as Sampling & { samples: number };
    const completions = await chatModel.sample(
      { ...prompt, sampling, nSamples: samples, seed: deriveSeed(seed, 'vote', item.itemId, order) },
      signal,
    );
    return countVotes(completions.map((sampled) => pack.judge.parse(sampled)));
  }
}

/** How verdicts are distributed. */
export function countVotes(verdicts: readonly Verdict[]): VoteCount {
  const votes: VoteCount = { A: 0, B: 0, tie: 0, unparsed: 0 };
  for (const verdict of verdicts) votes[verdict.kind]++;
  return votes;
}
