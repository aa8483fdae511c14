// The loop: the seed is evaluated, then each iteration starts from the judge that the one before it made.
import { compareJudges } from '../../evaluate/index.js';
import type { EvaluatedItem, IterationMetrics } from '../../schema/evaluation.js';
import type { IterationManifest } from '../../schema/manifest.js';
import type { OverlapReport } from '../../schema/overlap.js';
import type { SelectionSummary } from '../../schema/selection-summary.js';
import type { RunFolder, SpendingLedger } from '../../store/index.js';
import { classifyPool } from './classify-stage.js';
import type { RunListener } from '../watch/events.js';
import { evaluateSeed, readManifest, runIteration } from './iteration.js';
import { judgeFigures, readEvaluation } from '../score/judge-figures.js';
import type { LoopContext } from './loop-context.js';
import type { StageSurroundings } from './stage-runner.js';
import { FILES } from '../layout/run-files.js';

/** What the loop came to. */
export interface LoopResult {
  iterations: IterationMetrics[];
  manifests: IterationManifest[];
  /** What a pool held and what was chosen of it; null where the instructions are of no pool. */
  selection: SelectionSummary | null;
  /** Present where the instructions were chosen in the run, and so are held against the benchmark there. */
  overlap?: OverlapReport | null;
}

/**
 * Classifies the pool where there is one to classify, and runs all iterations, or what is left of all that.
 * @throws ModelError, DataError, and ConfigError for a pool that leaves too few; the signal's reason when aborted
 */
export async function runLoop(
  prepared: LoopContext,
  { folder, onEvent, ledger }: { folder: RunFolder; onEvent: RunListener; ledger: SpendingLedger },
): Promise<LoopResult> {
  const { config, chatModel } = prepared;
  const surroundingsOf = (iteration: number, inside: RunFolder): StageSurroundings => ({
    folder: inside,
    iteration,
    usage: () => chatModel.usage,
    onStageStart: (stage) => {
      ledger.startStage(iteration, stage);
    },
    onEvent,
    now: () => performance.now(),
  });
  const pool = await classifyPool(prepared, surroundingsOf(0, folder));
  const context = pool ? { ...prepared, instructions: pool.instructions } : prepared;
  const manifests: IterationManifest[] = [];
  const iterations: IterationMetrics[] = [];
  let seedEvaluation: EvaluatedItem[] = [];
  for (let iteration = 0; iteration <= config.iterations; iteration++) {
    const surroundings = surroundingsOf(iteration, folder.inside(`iteration-${iteration}`));
    const judgeModel = manifests.at(-1)?.resultModel ?? config.model;
    const manifest =
      (await readManifest(surroundings)) ??
      (iteration === 0
        ? await evaluateSeed(context, surroundings, pool ? [pool.record] : [])
        : await runIteration(judgeModel, context, surroundings));
    manifests.push(manifest);
    const { fineTunedModel: made } = manifest;
    // Of an iteration that an earlier attempt finished, nobody has said it yet.
    if (made?.endpoint !== undefined) context.serveAt(made.model, made.endpoint);

    const evaluation = await readEvaluation(surroundings.folder.file(FILES.evaluation));
    if (iteration === 0) seedEvaluation = evaluation;
    const metrics: IterationMetrics = {
      iteration,
      model: manifest.resultModel,
      ...judgeFigures(evaluation, {
        ...context,
        judge: manifest.resultModel,
        nDropped: nDroppedIn(manifest),
      }),
      ...(iteration === 0
        ? {}
        : { againstSeed: compareJudges(seedEvaluation, evaluation, { seed: config.seed }) }),
    };
    iterations.push(metrics);
    onEvent({ kind: 'iteration-finished', metrics });
  }
  const { selection } = context.instructions;
  return { iterations, manifests, selection, ...(pool && { overlap: pool.overlap }) };
}

/** Benchmark items that the evaluation could not judge at all. */
function nDroppedIn({ stages }: IterationManifest): number {
  const record = stages.find(({ stage }) => stage === 'evaluate');
  return record ? record.nInput - record.nKept : 0;
}
