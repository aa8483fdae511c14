// The effect of a budget's caps on a plan.
import type { Amounts, BudgetCaps } from '../../model/index.js';
import type { PlannedCap, PlannedStage } from '../../schema/plan.js';

/** Finds the stage in which each cap would stop the run. */
export function plannedCaps(
  stages: readonly PlannedStage[],
  { caps, spentBefore }: { caps: BudgetCaps; spentBefore: Readonly<Amounts> },
): PlannedCap[] {
  return (['costUsd', 'tokens', 'calls'] as const).flatMap((cap) => {
    const limit = caps[cap];
    if (limit === undefined) return [];
    let planned: number | null = 0;
    let reachedIn: PlannedCap['reachedIn'] = null;
    for (const stage of stages) {
      const { [cap]: amount } = amountsOfStage(stage);
      planned = planned === null || amount === null ? null : planned + amount;
      // A stage that asks for nothing is never stopped, not even when the cap was reached before it.
      if (
        reachedIn !== null ||
        planned === null ||
        stage.requests === 0 ||
        spentBefore[cap] + planned <= limit
      )
        continue;
      const { iteration, stage: name, benchmark } = stage;
      reachedIn = { iteration, stage: name, ...(benchmark === undefined ? {} : { benchmark }) };
    }
    return [{ cap, limit, spentBefore: spentBefore[cap], planned, reachedIn }];
  });
}

function amountsOfStage({
  costUsd,
  promptTokens,
  completionTokens,
  requests,
}: PlannedStage): Record<keyof Amounts, number | null> {
  return { costUsd, tokens: promptTokens + completionTokens, calls: requests };
}
