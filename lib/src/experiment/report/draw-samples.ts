// Draws the judgments that a report shows: some of each outcome of the last judge, with the seed's judgment of the same pair.
import { deriveRandom } from '../../core/random.js';
import type { Random } from '../../core/random.js';
import { readJsonl } from '../../core/jsonl.js';
import { verdictOutcome } from '../../evaluate/index.js';
import {
  JUDGMENT_OUTCOMES,
  type JudgmentSamples,
  type JudgmentOutcome,
  type ShownJudgment,
  type ShownPair,
} from '../../report/index.js';
import type { BenchmarkItem } from '../../schema/benchmark-item.js';
import { evaluatedItemSchema, type EvaluatedItem, type OrderedEvaluation } from '../../schema/evaluation.js';
import type { Order } from '../../schema/verdict.js';

/** A judge and the file of its judgments. */
export interface JudgeEvaluation {
  /** As the report names it. */
  judge: string;
  path: string;
}

/** What to draw. */
export interface DrawSamplesOptions {
  /** Shown for each outcome, at most. */
  perOutcome: number;
  seed: number;
  /** The pairs, by item; absent if the benchmark is not available. */
  items?: ReadonlyMap<string, BenchmarkItem> | undefined;
  signal?: AbortSignal | undefined;
}

/**
 * Draws by reservoir, so that memory does not grow with the number of judgments.
 * @param last sorts the pairs by outcome
 * @param first judged the same pairs; its judgments stand first; null: none
 * @throws DataError for a file that cannot be read; the signal's reason when aborted
 */
export async function drawSamples(
  last: JudgeEvaluation,
  first: JudgeEvaluation | null,
  options: DrawSamplesOptions,
): Promise<JudgmentSamples> {
  const { perOutcome, seed, items, signal } = options;
  const random = deriveRandom('report-samples', seed);
  const reservoirs = new Map(
    JUDGMENT_OUTCOMES.map((outcome) => [outcome, new Reservoir<Judged>(perOutcome, random)]),
  );
  for await (const item of readJsonl(last.path, evaluatedItemSchema)) {
    signal?.throwIfAborted();
    // Single grades belong to no pair, so they are neither right nor wrong.
    for (const ordered of item.grades ? [] : item.orders)
      reservoirs.get(groupOf(ordered, item))?.offer({ item, ordered });
  }
  const drawn = [...reservoirs.values()].flatMap(({ kept }) => kept);
  const earlier = first
    ? await judgmentsOf(first, new Set(drawn.map(({ item }) => item.itemId)), signal)
    : null;
  const shown = ({ item, ordered }: Judged): ShownPair => {
    const before = earlier?.get(keyOf(item.itemId, ordered.order));
    const pair = items?.get(item.itemId);
    return {
      itemId: item.itemId,
      slice: item.slice,
      errorKind: item.errorKind,
      order: ordered.order,
      texts: pair ? { instruction: pair.instruction, winner: pair.winner, loser: pair.loser } : null,
      judgments: [
        ...(first && before ? [judgmentOf(first.judge, before, item)] : []),
        judgmentOf(last.judge, ordered, item),
      ],
    };
  };
  return {
    judge: last.judge,
    groups: [...reservoirs]
      .filter(([, { nOffered }]) => nOffered > 0)
      .map(([outcome, { nOffered, kept }]) => ({ outcome, n: nOffered, pairs: kept.map(shown) })),
  };
}

interface Judged {
  item: EvaluatedItem;
  ordered: OrderedEvaluation;
}

/** A uniform sample of a stream (Vitter 1985, algorithm R). */
class Reservoir<Value> {
  readonly kept: Value[] = [];
  nOffered = 0;
  readonly #size: number;
  readonly #random: Random;

  constructor(size: number, random: Random) {
    this.#size = size;
    this.#random = random;
  }

  offer(value: Value): void {
    this.nOffered += 1;
    if (this.kept.length < this.#size) {
      this.kept.push(value);
      return;
    }
    const place = this.#random.below(this.nOffered);
    if (place < this.#size) this.kept[place] = value;
  }
}

async function judgmentsOf(
  { path }: JudgeEvaluation,
  itemIds: ReadonlySet<string>,
  signal: AbortSignal | undefined,
): Promise<Map<string, OrderedEvaluation>> {
  const found = new Map<string, OrderedEvaluation>();
  for await (const { itemId, orders } of readJsonl(path, evaluatedItemSchema)) {
    signal?.throwIfAborted();
    if (!itemIds.has(itemId)) continue;
    for (const ordered of orders) found.set(keyOf(itemId, ordered.order), ordered);
  }
  return found;
}

function judgmentOf(judge: string, ordered: OrderedEvaluation, of: EvaluatedItem): ShownJudgment {
  return { judge, text: ordered.text, verdict: ordered.verdict, outcome: groupOf(ordered, of) };
}

function groupOf({ verdict, order }: OrderedEvaluation, { goldTie }: EvaluatedItem): JudgmentOutcome {
  const outcome = verdictOutcome(verdict, order, goldTie);
  return outcome === 'unscored' ? 'unparsed' : outcome;
}

function keyOf(itemId: string, order: Order): string {
  return `${order} ${itemId}`;
}
