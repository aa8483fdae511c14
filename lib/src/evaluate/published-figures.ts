// The figures of a run on a benchmark by the conventions of the benchmark's publications.
import { groupBy } from '../core/group-by.js';
import type { EvaluatedItem } from '../schema/evaluation.js';
import type { Figures } from '../schema/scoring.js';
import { figuresOverAll, type Benchmark, type GoldItem } from './benchmarks/index.js';
import { tableOf, tableOfVotes } from './judge-tables.js';
import { byConvention, majorities } from './verdict-table.js';

/**
 * @param options.items the benchmark's items, for the human votes, which evaluated items do not have
 * @param options.of the greedy verdicts, or the majority vote of the sampled ones
 */
export function publishedFigures(
  benchmark: Benchmark,
  evaluated: Iterable<EvaluatedItem>,
  { items, of }: { items: Iterable<GoldItem>; of: 'greedy' | 'vote' },
): Figures {
  const votesById = new Map<string, GoldItem['humanVotes']>();
  for (const { itemId, humanVotes } of items) votesById.set(itemId, humanVotes);
  const tables = [...groupBy(evaluated, (item) => item[benchmark.subsetBy])].map(([subset, members]) => {
    const table = of === 'greedy' ? tableOf(members) : majorities(tableOfVotes(members));
    for (const { itemId } of members) {
      const humanVotes = votesById.get(itemId);
      if (humanVotes) table.addItem({ itemId, gold: null, humanVotes });
    }
    return [subset, byConvention(table, benchmark.convention)] as const;
  });
  return figuresOverAll(benchmark, new Map(tables));
}
