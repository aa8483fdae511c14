// One iteration: select, generate, judge, filter, fine-tune, evaluate. Its parent is the iteration before it.
import { DataError } from '../core/errors.js';
import { evaluateJudge } from '../evaluate/index.js';
import { generatePairs, losersPerInstruction } from '../generate/index.js';
import { judgePairs } from '../judge/index.js';
import { instructionSchema } from '../schema/instruction.js';
import {
  iterationManifestSchema,
  SCHEMA_VERSION,
  type IterationManifest,
  type StageRecord,
} from '../schema/manifest.js';
import { responsePairSchema } from '../schema/response-pair.js';
import { selectInstructions } from '../select/index.js';
import { filterToExamples, filterToPreferences } from './filter-stage.js';
import { runFineTune } from './finetune-stage.js';
import { FILES, type LoopContext } from './loop-context.js';
import { selectOptionsOf } from './rounds.js';
import { evaluateOptionsOf, generateOptionsOf, judgeOptionsOf } from './stage-options.js';
import { runStage, type StageSurroundings } from './stage-runner.js';

/** Evaluates the seed model: iteration 0. @param before stages of the run that came before all iterations */
export async function evaluateSeed(
  context: LoopContext,
  surroundings: StageSurroundings,
  before: readonly StageRecord[],
): Promise<IterationManifest> {
  const { model } = context.config;
  const stages = [...before, await runEvaluation(model, context, surroundings)];
  return finish({ judgeModel: model, resultModel: model, stages }, surroundings);
}

/**
 * Runs one iteration, or what is left of it.
 * @param judgeModel the judge that the iteration before made; it judges, and with `continue` it is trained further
 */
export async function runIteration(
  judgeModel: string,
  context: LoopContext,
  surroundings: StageSurroundings,
): Promise<IterationManifest> {
  const { config } = context;
  const { folder, iteration } = surroundings;
  const stages: StageRecord[] = [];

  const selected = await runStage(
    {
      stage: 'select',
      fileName: FILES.instructions,
      nExpected: config.instructions.perIteration,
      outcomes: () => selectInstructions(context.instructions.read(), selectOptionsOf(iteration, config)),
    },
    surroundings,
  );
  stages.push(selected);

  const generated = await runStage(
    {
      stage: 'generate',
      fileName: FILES.pairs,
      nExpected: selected.nKept * losersPerInstruction(config.generate.losers),
      outcomes: () =>
        generatePairs(folder.records(FILES.instructions, instructionSchema), generateOptionsOf(context)),
    },
    surroundings,
  );
  stages.push(generated);
  requireSome(generated, surroundings);

  const judged = await runStage(
    {
      stage: 'judge',
      fileName: FILES.judgments,
      nExpected: generated.nKept,
      outcomes: () =>
        judgePairs(folder.records(FILES.pairs, responsePairSchema), judgeOptionsOf(judgeModel, context)),
    },
    surroundings,
  );
  stages.push(judged);
  requireSome(judged, surroundings);

  const filtered = await runStage(
    {
      stage: 'filter',
      fileName: FILES.examples,
      nExpected: judged.nKept,
      outcomes: () => filterToExamples(context, surroundings),
    },
    surroundings,
  );
  stages.push(filtered);
  requireSome(filtered, surroundings);

  const settings = config.finetune.dpo?.preferences;
  if (settings) {
    const preferred = await runStage(
      {
        stage: 'prefer',
        fileName: FILES.preferences,
        nExpected: judged.nKept,
        outcomes: () => filterToPreferences(context, { ...surroundings, settings }),
      },
      surroundings,
    );
    stages.push(preferred);
  }

  const { record, fineTuned } = await runFineTune(judgeModel, context, surroundings);
  stages.push(record);
  stages.push(await runEvaluation(fineTuned.model, context, surroundings));
  return finish(
    { judgeModel, resultModel: fineTuned.model, stages, fineTunedModel: fineTuned },
    surroundings,
  );
}

/** The finished iteration of a folder, or null. */
export function readManifest({ folder }: StageSurroundings): Promise<IterationManifest | null> {
  return folder.readJson(FILES.manifest, iterationManifestSchema);
}

/** A stage that keeps nothing leaves the next one nothing to do. */
function requireSome({ stage, nInput, nKept, drops }: StageRecord, { folder }: StageSurroundings): void {
  if (nKept > 0) return;
  const reasons = Object.entries(drops).map(([reason, n]) => `${reason} ${n}`);
  throw new DataError({
    subject: folder.path,
    expected: `the stage ${stage} to keep at least one of its ${nInput} inputs`,
    received: `none: ${reasons.join(', ')}`,
    remedy: `Look at ${folder.file(`${stage}.drops.jsonl`)}; then change the setting that is the reason, which makes a new run.`,
  });
}

async function runEvaluation(
  model: string,
  context: LoopContext,
  surroundings: StageSurroundings,
): Promise<StageRecord> {
  const { benchmark } = context;
  const evaluated = await runStage(
    {
      stage: 'evaluate',
      fileName: FILES.evaluation,
      nExpected: benchmark.items.length,
      outcomes: () => evaluateJudge(benchmark.items, evaluateOptionsOf(model, context)),
    },
    surroundings,
  );
  requireSome(evaluated, surroundings);
  return evaluated;
}

async function finish(
  parts: Omit<IterationManifest, 'schemaVersion' | 'iteration'>,
  { folder, iteration }: StageSurroundings,
): Promise<IterationManifest> {
  const manifest: IterationManifest = { schemaVersion: SCHEMA_VERSION, iteration, ...parts };
  await folder.writeJson(FILES.manifest, manifest);
  return manifest;
}
