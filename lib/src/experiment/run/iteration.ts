// One iteration: select, generate, judge, filter, fine-tune, evaluate. Its parent is the iteration before it.
import { evaluateJudge } from '../../evaluate/index.js';
import { generatePairs, losersPerInstruction } from '../../generate/index.js';
import { judgePairs } from '../../judge/index.js';
import { instructionSchema } from '../../schema/instruction.js';
import {
  iterationManifestSchema,
  SCHEMA_VERSION,
  type IterationManifest,
  type StageRecord,
} from '../../schema/manifest.js';
import { responsePairSchema } from '../../schema/response-pair.js';
import { filterFilesIn, filterToExamples, filterToPreferences } from './filter-stage.js';
import { runFineTune } from './finetune-stage.js';
import type { LoopContext } from './loop-context.js';
import { selectForIteration } from '../open/sources.js';
import { evaluateOptionsOf, generateOptionsOf, judgeOptionsOf } from './stage-options.js';
import { requireSome, runStage, type StageSurroundings } from './stage-runner.js';
import { FILES, filesBeside } from '../layout/run-files.js';

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
      outcomes: () => selectForIteration(iteration, context),
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
  requireKept(generated, surroundings);

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
  requireKept(judged, surroundings);

  const filtered = await runStage(
    {
      stage: 'filter',
      fileName: FILES.examples,
      nExpected: judged.nKept,
      outcomes: () => filterToExamples(context, { files: filterFilesIn(folder), iteration }),
    },
    surroundings,
  );
  stages.push(filtered);
  requireKept(filtered, surroundings);

  const settings = config.finetune.dpo?.preferences;
  if (settings) {
    const preferred = await runStage(
      {
        stage: 'prefer',
        fileName: FILES.preferences,
        nExpected: judged.nKept,
        outcomes: () => filterToPreferences(context, { files: filterFilesIn(folder), iteration, settings }),
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

function requireKept(record: StageRecord, { folder }: StageSurroundings): void {
  requireSome(record, {
    subject: folder.path,
    dropsPath: folder.file(filesBeside(record.stage).drops),
    remedy: 'then change the setting that is the reason, which makes a new run.',
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
  requireKept(evaluated, surroundings);
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
