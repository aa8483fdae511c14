// The figures of a run on a benchmark, as the benchmark's own publications count them.
import type { EvaluatedItem } from '../schema/evaluation.js';
import type { Figures } from '../schema/scoring.js';
import type { Benchmark, GoldItem } from './benchmarks/index.js';
import { tableOf, tableOfVotes } from './metrics.js';
import { byConvention, majorities } from './verdict-table.js';

/**
 * @param options.items the benchmark's items, for what evaluated items do not carry: the votes of people
 * @param options.of the greedy verdicts, or the majority vote of the sampled ones
 */
export function publishedFigures(
  benchmark: Benchmark,
  evaluated: Iterable<EvaluatedItem>,
  { items, of }: { items: Iterable<GoldItem>; of: 'greedy' | 'vote' },
): Figures {
  const subsets = new Map<string, EvaluatedItem[]>();
  for (const item of evaluated) {
    const subset = item[benchmark.subsetBy];
    const members = subsets.get(subset);
    if (members) members.push(item);
    else subsets.set(subset, [item]);
  }
  const goldById = new Map<string, GoldItem>();
  for (const item of items) goldById.set(item.itemId, item);
  const tables = [...subsets].map(([subset, members]) => {
    const table = of === 'greedy' ? tableOf(members) : majorities(tableOfVotes(members));
    for (const { itemId } of members) {
      const humanVotes = goldById.get(itemId)?.humanVotes;
      if (humanVotes) table.addItem({ itemId, gold: null, humanVotes });
    }
    return [subset, byConvention(table, benchmark.convention)] as const;
  });
  return benchmark.summarise(new Map(tables));
}
