// The pairs of an audit: drawn from held-out pairs, as they are and as each probe changes them.
import { BalancedDraw } from '../../core/balanced-draw.js';
import { deriveRandom } from '../../core/random.js';
import { isReplacing, withFeatureText, type ProbeTexts, type ReplacingProbe } from '../../prompt/index.js';
import type { BenchmarkItem } from '../../schema/benchmark-item.js';
import type { ProbeSide } from '../../schema/judge-audit.js';
import type { Order } from '../../schema/verdict.js';
import { clusterOf } from '../given-frame.js';

/** What is tried, on how many pairs. */
export interface ProbePlan {
  /** By name, as {@link probesOf} gives them. */
  probes: Readonly<Record<string, ProbeTexts>>;
  /** Pairs to draw, 1 or more. */
  nPairs: number;
  /** Of the draw of pairs, and of that of texts. */
  seed: number;
}

type Responses = Pick<BenchmarkItem, 'winner' | 'loser'>;

/** A held-out pair, as it is or changed by a probe. */
export interface ProbedBenchmarkItem extends BenchmarkItem {
  /** `plain`, or the name of the probe. */
  probe: string;
  side: ProbeSide;
  /** The responses where the loser is shown first, if they are others there, since they name the letter under which they are shown. */
  loserFirst?: Responses;
}

/**
 * Draws pairs, equally many of each slice as far as there are, and changes them. Pairs whose gold label is a tie have no right response and
 * are not drawn. A pair has the same texts for all judges.
 * @returns each pair as it is (side `plain`), followed by what probes make of it
 */
export function probedItems(items: readonly BenchmarkItem[], plan: ProbePlan): ProbedBenchmarkItem[] {
  return drawPairs(items, plan).flatMap((item) => [
    { ...item, probe: 'plain', side: 'plain' as const },
    ...Object.entries(plan.probes).flatMap(([probe, texts]) =>
      changedBy(probe, { item, texts, seed: plan.seed }),
    ),
  ]);
}

function drawPairs(items: readonly BenchmarkItem[], { nPairs, seed }: ProbePlan): BenchmarkItem[] {
  const draw = new BalancedDraw<BenchmarkItem>(nPairs);
  for (const item of items) {
    if (item.goldTie) continue;
    const rank = deriveRandom(seed, 'audit', item.itemId).next();
    // A hidden instruction must not make one cluster of all pairs.
    draw.add(item.slice, { item: { ...item, cluster: clusterOf(item) }, rank, id: item.itemId });
  }
  return draw.drawn();
}

/** The pair as a probe changes it, on each side; nothing where the probe has no texts for its slice. */
function changedBy(
  probe: string,
  { item, texts, seed }: { item: BenchmarkItem; texts: ProbeTexts; seed: number },
): ProbedBenchmarkItem[] {
  const parts = [texts].flat();
  const part =
    parts.find(({ slices }) => slices?.includes(item.slice)) ?? parts.find(({ slices }) => !slices);
  if (!part) return [];
  const text = deriveRandom(seed, 'probe', probe, item.itemId).pick(part.texts);
  if (isReplacing(probe)) return [{ ...item, ...REPLACED[probe](text, item), probe, side: 'changed' }];
  return (['agreeing', 'contradicting'] as const).map((side) => {
    const onWinner = (side === 'agreeing') === (part.favours === 'with');
    const [winnerFirst, loserFirst] = [
      withFeature(text, { item, onWinner, order: 'winner-first' }),
      withFeature(text, { item, onWinner, order: 'loser-first' }),
    ];
    const areSame = winnerFirst.winner === loserFirst.winner && winnerFirst.loser === loserFirst.loser;
    return { ...item, ...winnerFirst, probe, side, ...(areSame ? {} : { loserFirst }) };
  });
}

const REPLACED: Readonly<
  Record<ReplacingProbe, (text: string, item: BenchmarkItem) => Partial<BenchmarkItem>>
> = {
  constant: (text, item) => ({ loser: withFeatureText(text, { response: item.loser }) }),
  // A reference answer would tell what was asked.
  'hidden-instruction': (text) => ({ instruction: text, reference: undefined }),
  'same-response': (text, { winner }) => ({ loser: withFeatureText(text, { response: winner }) }),
};

function withFeature(
  text: string,
  { item, onWinner, order }: { item: BenchmarkItem; onWinner: boolean; order: Order },
): Responses {
  const { winner, loser } = item;
  const label = onWinner === (order === 'winner-first') ? 'A' : 'B';
  return onWinner
    ? { winner: withFeatureText(text, { response: winner, label }), loser }
    : { winner, loser: withFeatureText(text, { response: loser, label }) };
}
