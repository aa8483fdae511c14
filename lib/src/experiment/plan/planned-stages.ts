// The rows of a plan from the survey of its stages: rounded amounts with cost and time.
import { addRecords, mapRecord } from '../../core/number-records.js';
import type { Prices } from '../../model/index.js';
import type { PlannedAmounts, PlannedStage } from '../../schema/plan.js';
import { NOTHING, type Estimate, type EstimateGround } from './estimate.js';
import type { Survey, SurveyedStage } from './survey.js';

/** What rows need besides estimates. */
export interface RowGround extends EstimateGround {
  prices: Prices;
  /** Completion tokens per second of all servers; null if unknown. */
  tokensPerSecond: number | null;
}

/** All stages of a plan that cost something, in the order of a run. */
export function plannedStages({ stages }: Survey, ground: RowGround): PlannedStage[] {
  return stages.map((stage) => rowOf(stage, ground));
}

/** The cost and the time of a stage that asks no model are not known. */
function rowOf(
  { iteration, stage, benchmark, model, done, expect }: SurveyedStage,
  ground: RowGround,
): PlannedStage {
  const { nInput, estimate } = expect(ground);
  const named = benchmark === undefined ? {} : { benchmark };
  const row = { iteration, stage, ...named, nInput: done?.nInput ?? Math.round(nInput) };
  if (done) return { ...row, state: 'done', ...NO_AMOUNTS };
  if (estimate === null || model === null) return { ...row, state: 'planned', ...NO_AMOUNTS, wallMs: null };
  return { ...row, state: 'planned', ...amountsOf(estimate, model, ground) };
}

function amountsOf(
  estimate: Estimate,
  model: string,
  { prices, tokensPerSecond }: RowGround,
): PlannedAmounts {
  const rounded = mapRecord(estimate, Math.round);
  const { requests, completionTokens } = rounded;
  return {
    ...rounded,
    costUsd: requests === 0 ? 0 : prices.costUsdOf(model, rounded),
    wallMs: tokensPerSecond === null ? null : Math.round((1000 * completionTokens) / tokensPerSecond),
  };
}

/** The amounts of a stage that asks for nothing. */
export const NO_AMOUNTS: PlannedAmounts = { ...NOTHING, costUsd: 0, wallMs: 0 };

/** The sum of all rows. Its cost is null where one of theirs is; its time is of the stages that ask models. */
export function totalOf(stages: readonly PlannedStage[]): PlannedAmounts {
  return stages
    .map(({ requests, cachedRequests, completions, promptTokens, completionTokens, costUsd, ...row }) => {
      const wallMs = row.stage === 'finetune' ? 0 : row.wallMs;
      return { requests, cachedRequests, completions, promptTokens, completionTokens, costUsd, wallMs };
    })
    .reduce((total, amounts) => addRecords(total, amounts), NO_AMOUNTS);
}
