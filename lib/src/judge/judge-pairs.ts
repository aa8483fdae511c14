// Judging: N sampled judgments of every pair by the current model (paper, section 3.2).
import { deriveSeed } from '../core/random.js';
import { allAnswered } from '../model/all-answered.js';
import type { ChatModel } from '../model/chat-model.js';
import type { PromptPack } from '../prompt/index.js';
import type { Sampling } from '../schema/chat.js';
import { kept, type Outcome } from '../schema/drop.js';
import type { JudgedPair, Judgment } from '../schema/judgment.js';
import type { ResponsePair } from '../schema/response-pair.js';
import { ORDERS, type Order } from '../schema/verdict.js';

/** How pairs are judged. */
export interface JudgeOptions {
  chatModel: ChatModel;
  pack: PromptPack;
  /** The judge. */
  model: string;
  sampling: Sampling;
  /** N: judgments per pair and order. */
  samples: number;
  /**
   * `both`: every pair in both orders; `balanced`: every pair in one, the winner first in every other pair of a slice; `winner-first`: every
   * pair in that order, which plants a position shortcut.
   */
  orders: 'both' | 'balanced' | 'winner-first';
  seed: number;
  signal: AbortSignal;
}

/** The pair as the judge sees it in an order. */
export function judgePromptOf(
  pair: ResponsePair,
  order: Order,
): { responseA: string; responseB: string; instruction: string } {
  const [first, second] = order === 'winner-first' ? [pair.winner, pair.loser] : [pair.loser, pair.winner];
  return { instruction: pair.instruction, responseA: first.text, responseB: second.text };
}

/** Judges every pair, in input order. @throws ModelError when the endpoint as a whole fails */
export function judgePairs(
  pairs: AsyncIterable<ResponsePair> | Iterable<ResponsePair>,
  options: JudgeOptions,
): AsyncGenerator<Outcome<JudgedPair>> {
  return options.chatModel.outcomes(
    withOrders(pairs, options.orders),
    async ({ pair, orders }, signal) => {
      const judgments = await allAnswered(
        orders.map((order) => judgeInOrder(pair, order, { ...options, signal })),
      );
      return kept({ pairId: pair.pairId, judgments: judgments.flat() });
    },
    { subjectOf: ({ pair }) => pair.pairId, signal: options.signal },
  );
}

async function* withOrders(
  pairs: AsyncIterable<ResponsePair> | Iterable<ResponsePair>,
  orders: JudgeOptions['orders'],
): AsyncGenerator<{ pair: ResponsePair; orders: readonly Order[] }> {
  // Counted per slice: pools alternate slices, and order must not go with slice.
  const nSeen = new Map<string, number>();
  for await (const pair of pairs) {
    const index = nSeen.get(pair.slice) ?? 0;
    nSeen.set(pair.slice, index + 1);
    const order: Order = orders === 'winner-first' || index % 2 === 0 ? 'winner-first' : 'loser-first';
    yield { pair, orders: orders === 'both' ? ORDERS : [order] };
  }
}

async function judgeInOrder(pair: ResponsePair, order: Order, options: JudgeOptions): Promise<Judgment[]> {
  const { chatModel, pack, model, sampling, samples, seed, signal } = options;
  const completions = await chatModel.sample(
    {
      model,
      messages: pack.judge.render(judgePromptOf(pair, order)),
      sampling,
      nSamples: samples,
      seed: deriveSeed(seed, 'judge', pair.pairId, order),
      promptVersion: pack.version,
    },
    signal,
  );
  return completions.map((completion, sampleIndex) => ({
    pairId: pair.pairId,
    order,
    sampleIndex,
    text: completion.text,
    verdict: pack.judge.parse(completion),
  }));
}
