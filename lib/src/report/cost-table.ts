// What a run paid for, stage by stage.
import type { StageSpending } from '../schema/spending.js';
import { count, usd } from './format.js';
import type { Table } from './tables.js';

/** Requests, tokens and cost of each stage, all attempts together, and their sum; no rows where nothing was paid for. */
export function costTable(spentByStage: readonly StageSpending[]): Table {
  const rows = spentByStage.map((spent) => rowOf(`${spent.iteration} ${spent.stage}`, spent));
  if (rows.length > 0) rows.push(rowOf('in all', totalOf(spentByStage)));
  return { header: ['stage', 'requests', 'tokens in', 'tokens out', 'cost'], rows };
}

type Spent = Omit<StageSpending, 'iteration' | 'stage'>;

function rowOf(name: string, { requests, promptTokens, completionTokens, costUsd }: Spent): string[] {
  return [name, count(requests), count(promptTokens), count(completionTokens), usd(costUsd)];
}

function totalOf(spentByStage: readonly StageSpending[]): Spent {
  return spentByStage.reduce<Spent>(
    (total, spent) => ({
      requests: total.requests + spent.requests,
      promptTokens: total.promptTokens + spent.promptTokens,
      completionTokens: total.completionTokens + spent.completionTokens,
      costUsd: total.costUsd === null || spent.costUsd === null ? null : total.costUsd + spent.costUsd,
    }),
    { requests: 0, promptTokens: 0, completionTokens: 0, costUsd: 0 },
  );
}
