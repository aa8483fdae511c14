// Evaluation of a judge on held-out pairs: greedy, in both orders or one, optionally with a majority vote; or by single grades.
import { deriveRandom, deriveSeed } from '../core/random.js';
import { allAnswered } from '../model/all-answered.js';
import type { ChatModel } from '../model/chat-model.js';
import { verdictProbability, type PromptPack } from '../prompt/index.js';
import type { BenchmarkItem } from '../schema/benchmark-item.js';
import type { Sampling } from '../schema/chat.js';
import { kept, type Outcome } from '../schema/drop.js';
import type { EvaluatedItem, GradedResponse, OrderedEvaluation } from '../schema/evaluation.js';
import { ORDERS, type Order, type Verdict, type VoteCount } from '../schema/verdict.js';
import { clusterOf, respondentsOf } from './given-frame.js';
import { countVotes } from './votes.js';

/** How a judge is evaluated. */
export interface EvaluateOptions {
  chatModel: ChatModel;
  pack: PromptPack;
  /** The judge. */
  model: string;
  /** Longest judgment, in tokens; null for no bound. */
  maxTokens: number | null;
  /** Absent: 0, greedy. null: not sent. */
  temperature?: number | null | undefined;
  /** Absent: 1. null: not sent. */
  topP?: number | null | undefined;
  /** Absent: no majority vote. */
  vote?: (Sampling & { samples: number }) | undefined;
  /** Alternatives requested at each token of a greedy judgment, 0 to 20, for the probability of A; absent: none. */
  topLogprobs?: number | undefined;
  /** `pairwise` (default): the two responses are compared; `single-grading`: each is graded alone, by the pack's grade prompt. */
  method?: 'pairwise' | 'single-grading' | undefined;
  /** `both` orders of every pair (default), or `one`, drawn by item, as RewardBench's own runner does without a seed. */
  orders?: 'both' | 'one' | undefined;
  /** Seed of the draw of orders; the same for all judges to be compared. Default 1. */
  orderSeed?: number | undefined;
  seed: number;
  signal: AbortSignal;
}

/** Greedy, unless the options say otherwise. */
function samplingOf({ temperature = 0, topP = 1, maxTokens }: EvaluateOptions): Sampling {
  return { temperature, topP, maxTokens };
}

/** Greedy decoding is not random, so its seed only has to be constant. */
const GREEDY_SEED = 0;

/** Judges every item as the options say; results in input order. @throws ModelError when the endpoint fails */
export function evaluateJudge(
  items: AsyncIterable<BenchmarkItem> | Iterable<BenchmarkItem>,
  options: EvaluateOptions,
): AsyncGenerator<Outcome<EvaluatedItem>> {
  return options.chatModel.outcomes(
    items,
    async (item, signal) => {
      const withSignal = { ...options, signal };
      const judged =
        options.method === 'single-grading'
          ? await gradeItem(item, withSignal)
          : { orders: await compareInOrders(item, withSignal) };
      return kept({ ...aboutItem(item), ...judged });
    },
    { subjectOf: ({ itemId }) => itemId, signal: options.signal },
  );
}

/** Metadata of an item. */
export function aboutItem(item: BenchmarkItem): Omit<EvaluatedItem, 'orders'> {
  const { itemId, slice, errorKind, goldTie, givenFirst } = item;
  return {
    itemId,
    slice,
    errorKind,
    cluster: clusterOf(item),
    ...(goldTie ? { goldTie } : {}),
    ...(givenFirst ? { givenFirst } : {}),
    ...respondentsOf(item),
  };
}

/** The instruction as a judge sees it, with the reference answer if the benchmark has one. */
export function shownInstruction({ instruction, reference }: BenchmarkItem): string {
  return reference === undefined
    ? instruction
    : `${instruction}\n\n<reference_answer>\n${reference}\n</reference_answer>`;
}

function compareInOrders(item: BenchmarkItem, options: EvaluateOptions): Promise<OrderedEvaluation[]> {
  const { orders = 'both', orderSeed = 1 } = options;
  const drawn = deriveRandom(orderSeed, 'order', item.itemId).below(2);
  const asked = ORDERS.filter((_, i) => orders === 'both' || i === drawn);
  return allAnswered(asked.map((order) => evaluateInOrder(item, order, options)));
}

/** Grades each response alone; the verdicts of both orders follow: the higher grade wins, equal grades are a tie. */
async function gradeItem(
  item: BenchmarkItem,
  options: EvaluateOptions,
): Promise<Pick<EvaluatedItem, 'orders' | 'grades'>> {
  const [winner, loser] = await allAnswered([
    gradeResponse(item.winner, item, options),
    gradeResponse(item.loser, item, options),
  ]);
  return {
    grades: { winner, loser },
    orders: ORDERS.map((order) => ({ order, text: '', verdict: verdictOfGrades(winner, loser, order) })),
  };
}

async function gradeResponse(
  response: string,
  item: BenchmarkItem,
  options: EvaluateOptions,
): Promise<GradedResponse> {
  const { chatModel, pack, model, signal } = options;
  const { grade } = pack;
  if (!grade) throw new RangeError(`the pack ${pack.name} has no prompt that grades a single response`);
  const [completion] = await chatModel.sample(
    {
      model,
      messages: grade.render({ instruction: shownInstruction(item), response }),
      promptVersion: pack.version,
      sampling: samplingOf(options),
      nSamples: 1,
      seed: GREEDY_SEED,
    },
    signal,
  );
  if (completion === undefined) throw new RangeError('sample: expected one completion');
  const parsed = grade.parse(completion);
  return { text: completion.text, grade: parsed.ok ? parsed.value : null };
}

/** The verdict of two grades. */
export function verdictOfGrades(
  winner: Pick<GradedResponse, 'grade'>,
  loser: Pick<GradedResponse, 'grade'>,
  order: Order,
): Verdict {
  if (winner.grade === null || loser.grade === null) return { kind: 'unparsed', reason: 'no-marker' };
  if (winner.grade === loser.grade) return { kind: 'tie' };
  return { kind: winner.grade > loser.grade === (order === 'winner-first') ? 'A' : 'B' };
}

/** Judges one order of an item. */
export async function evaluateInOrder(
  item: BenchmarkItem,
  order: Order,
  options: EvaluateOptions,
): Promise<OrderedEvaluation> {
  const { chatModel, pack, model, vote, topLogprobs, seed, signal } = options;
  const [responseA, responseB] =
    order === 'winner-first' ? [item.winner, item.loser] : [item.loser, item.winner];
  const prompt = {
    model,
    messages: pack.judge.render({ instruction: shownInstruction(item), responseA, responseB }),
    promptVersion: pack.version,
  };
  const sampling = { ...samplingOf(options), ...(topLogprobs === undefined ? {} : { topLogprobs }) };
  const greedy = { ...prompt, sampling, nSamples: 1, seed: GREEDY_SEED };
  const [greedyCompletions, votes] = await allAnswered([
    chatModel.sample(greedy, signal),
    vote ? sampleVotes() : undefined,
  ]);
  const [completion] = greedyCompletions;
  if (completion === undefined) throw new RangeError('sample: expected one completion');
  const probability = verdictProbability(completion.tokens);
  return {
    order,
    text: completion.text,
    verdict: pack.judge.parse(completion),
    ...(probability ? { probabilityOfA: probability.probabilityOfA } : {}),
    ...(votes ? { votes } : {}),
  };

  async function sampleVotes(): Promise<VoteCount> {
    const { samples, ...voteSampling } = vote as Sampling & { samples: number };
    const completions = await chatModel.sample(
      {
        ...prompt,
        sampling: voteSampling,
        nSamples: samples,
        seed: deriveSeed(seed, 'vote', item.itemId, order),
      },
      signal,
    );
    return countVotes(completions.map((sampled) => pack.judge.parse(sampled)));
  }
}
