// From estimates to the rows of a plan: rounded, with their cost and their time.
import type { Prices } from '../../model/index.js';
import type { PlannedAmounts, PlannedStage } from '../../schema/plan.js';
import {
  allCached,
  estimateCheckpoints,
  estimateClassify,
  estimateEvaluate,
  estimateGenerate,
  estimateKnownJudge,
  estimateUnknownJudge,
  sum,
  type Estimate,
  type EstimateGround,
  type ExpectedPairs,
} from './estimate.js';
import type { FinishedStages } from '../layout/finished-stages.js';
import type { SurveyedPool } from './pool-survey.js';
import { checkpointCountOf } from './checkpoint-count.js';
import type { Survey, SurveyedIteration, SurveyedStage } from './survey.js';

/** What rows need besides estimates. */
export interface RowGround extends EstimateGround {
  prices: Prices;
  /** Completion tokens that the servers write in a second; null where that is not known. */
  tokensPerSecond: number | null;
}

/** All stages of a plan that cost something, in the order of a run. */
export function plannedStages(
  { pool, seed, iterations, checkpoint }: Survey,
  ground: RowGround,
): PlannedStage[] {
  const { model } = ground.config;
  const first = estimateEvaluate(seed.evaluate.probe, {
    nItems: seed.evaluate.nInputs,
    isNewJudge: false,
    ground,
  });
  const rows = new Rows(ground);
  if (pool) addClassification(pool, { rows, ground });
  rows.add(
    'evaluate',
    { iteration: 0, finished: seed.finished, nInput: seed.evaluate.nInputs, model },
    first,
  );
  for (const iteration of iterations) addIteration(iteration, { checkpoint, rows, ground });
  return rows.all;
}

function addClassification(
  { unclassified, record, probe }: SurveyedPool,
  { rows, ground }: { rows: Rows; ground: RowGround },
): void {
  const { settings, nRows, nCandidates } = unclassified;
  const { model = ground.config.model, maxTokens } = settings;
  const records = new Map(record ? [['classify', record]] : []);
  const place = { iteration: 0, finished: { records }, nInput: nRows, model };
  rows.add('classify', place, probe && estimateClassify(probe, { nCandidates, maxTokens, ground }));
}

function addIteration(
  surveyed: SurveyedIteration,
  { checkpoint, rows, ground }: { checkpoint: Survey['checkpoint']; rows: Rows; ground: RowGround },
): void {
  const { iteration, finished, generate, evaluate, judgeModel, resultModel } = surveyed;
  const { config } = ground;
  const at = { iteration, finished };
  const generated = estimateGenerate(generate.probe, { nInstructions: generate.nInputs, ground });
  const generateModel = config.generate.model ?? config.model;
  rows.add(
    'generate',
    { ...at, nInput: generate.nInputs, model: generateModel },
    surveyed.repeatsPairs ? allCached(generated.estimate) : generated.estimate,
  );
  const pairs = expectedPairs(surveyed, generated.pairs);
  rows.add(
    'judge',
    { ...at, nInput: pairs.nKnown + pairs.nUnknown, model: judgeModel },
    estimateJudge(surveyed, { pairs, ground }),
  );
  const nExamples = finished.records.get('filter')?.nKept ?? pairs.nKnown + pairs.nUnknown;
  rows.add('finetune', { ...at, nInput: nExamples, model: null }, null);
  if (checkpoint) addCheckpoints(surveyed, { checkpoint, rows, ground });
  rows.add(
    'evaluate',
    { ...at, nInput: evaluate.nInputs, model: resultModel },
    estimateEvaluate(evaluate.probe, {
      nItems: evaluate.nInputs,
      isNewJudge: surveyed.isNewJudge,
      ground,
    }),
  );
}

/** Done with the fine-tuning stage, which compares its checkpoints before it ends. */
function addCheckpoints(
  { iteration, finished, resultModel }: SurveyedIteration,
  { checkpoint, rows, ground }: { checkpoint: SurveyedStage<unknown>; rows: Rows; ground: RowGround },
): void {
  const nCheckpoints = checkpointCountOf(ground.config)?.nCheckpoints ?? 0;
  const { probe, nInputs: nItems } = checkpoint;
  const isDone = finished.records.has('finetune');
  rows.add(
    'choose-checkpoint',
    { iteration, finished, nInput: nItems * nCheckpoints, model: resultModel, isDone },
    estimateCheckpoints(probe, { nItems, nCheckpoints, ground }),
  );
}

/** Where the generate stage is finished, all pairs are known. */
function expectedPairs({ finished }: SurveyedIteration, estimated: ExpectedPairs): ExpectedPairs {
  const record = finished.records.get('generate');
  return record ? { nKnown: record.nKept, nUnknown: 0 } : estimated;
}

function estimateJudge(
  { judge, instructions }: SurveyedIteration,
  { pairs, ground }: { pairs: ExpectedPairs; ground: RowGround },
): Estimate {
  const unknown = estimateUnknownJudge(pairs.nUnknown, { instructions, ground });
  if (!judge) return unknown;
  const { probe, bothForOne } = judge;
  return sum([unknown, estimateKnownJudge(probe, { nPairs: pairs.nKnown, bothForOne, ground })]);
}

/** What a row is about. */
interface RowPlace {
  iteration: number;
  finished: Pick<FinishedStages, 'records'>;
  nInput: number;
  /** Who is asked; null: nobody. */
  model: string | null;
  /** Where the stage has no record of its own. */
  isDone?: boolean;
}

/** Of nothing. */
export const NO_AMOUNTS: PlannedAmounts = {
  requests: 0,
  cachedRequests: 0,
  completions: 0,
  promptTokens: 0,
  completionTokens: 0,
  costUsd: 0,
  wallMs: 0,
};

class Rows {
  readonly all: PlannedStage[] = [];
  readonly #ground: RowGround;

  constructor(ground: RowGround) {
    this.#ground = ground;
  }

  /** @param estimate null for a stage that asks no model: its cost and its time are not known */
  add(stage: PlannedStage['stage'], place: RowPlace, estimate: Estimate | null): void {
    const { iteration, finished, model, isDone } = place;
    const record = finished.records.get(stage);
    const row = { iteration, stage, nInput: record?.nInput ?? Math.round(place.nInput) };
    if (record || isDone === true) this.all.push({ ...row, state: 'done', ...NO_AMOUNTS });
    else if (estimate === null || model === null)
      this.all.push({ ...row, state: 'planned', ...NO_AMOUNTS, wallMs: null });
    else this.all.push({ ...row, state: 'planned', ...this.#amountsOf(estimate, model) });
  }

  #amountsOf(estimate: Estimate, model: string): PlannedAmounts {
    const { prices, tokensPerSecond } = this.#ground;
    const promptTokens = Math.round(estimate.promptTokens);
    const completionTokens = Math.round(estimate.completionTokens);
    const requests = Math.round(estimate.requests);
    return {
      requests,
      cachedRequests: Math.round(estimate.cachedRequests),
      completions: Math.round(estimate.completions),
      promptTokens,
      completionTokens,
      costUsd: requests === 0 ? 0 : prices.costUsdOf(model, { promptTokens, completionTokens }),
      wallMs: tokensPerSecond === null ? null : Math.round((1000 * completionTokens) / tokensPerSecond),
    };
  }
}

/** The sum of all rows. Its cost is null where one of theirs is; its time is of the stages that ask models. */
export function totalOf(stages: readonly PlannedStage[]): PlannedAmounts {
  return stages.reduce(
    (total, stage) => addAmounts(total, stage.stage === 'finetune' ? { ...stage, wallMs: 0 } : stage),
    NO_AMOUNTS,
  );
}

/** Two amounts together; what one of them does not know, the sum does not. */
export function addAmounts(one: PlannedAmounts, other: PlannedAmounts): PlannedAmounts {
  return {
    requests: one.requests + other.requests,
    cachedRequests: one.cachedRequests + other.cachedRequests,
    completions: one.completions + other.completions,
    promptTokens: one.promptTokens + other.promptTokens,
    completionTokens: one.completionTokens + other.completionTokens,
    costUsd: plus(one.costUsd, other.costUsd),
    wallMs: plus(one.wallMs, other.wallMs),
  };
}

function plus(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : a + b;
}
