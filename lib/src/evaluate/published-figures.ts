// The figures of a run on a benchmark by the conventions of the benchmark's publications.
import { groupBy } from '../core/group-by.js';
import type { EvaluatedItem } from '../schema/evaluation.js';
import type { Figures } from '../schema/scoring.js';
import { namedPairs, type PairScoring } from './benchmarks/figures.js';
import { figuresOverAll, type Benchmark, type GoldItem } from './benchmarks/index.js';
import { tableOf, tableOfVotes } from './judge-tables.js';
import { byConvention, labelOf, majorities, SHOWN, VerdictTable, type Convention } from './verdict-table.js';

/**
 * A table whose scores are those of a publication's rule: where the first response is always the better one, a right verdict stands for 1, a
 * wrong one for 0, a tie for 0.5. Items without a gold label have none here, too.
 */
export function scoredTable(
  table: VerdictTable,
  { scoresOf, convention }: PairScoring & { convention: Convention | undefined },
): VerdictTable {
  const scored = new VerdictTable();
  for (const [itemId, index] of table.items())
    scored.addItem({ itemId, gold: null, cluster: table.clusterOf(index) });
  for (const { itemId, ...item } of namedPairs(byConvention(table, convention))) {
    scored.addItem({ itemId, gold: 'first' });
    for (const [i, score] of scoresOf(item).entries()) {
      const shown = SHOWN[i] ?? 'given';
      const kind = score === 0.5 ? 'tie' : labelOf(score === 1 ? 'first' : 'second', shown);
      if (score !== undefined) scored.addVerdicts(itemId, shown, { kind });
    }
  }
  return scored;
}

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
