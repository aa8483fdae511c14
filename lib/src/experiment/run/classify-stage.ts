// The classify stage: a model labels the instructions of a pool once, before all iterations, and some are chosen by label.
import type { Outcome } from '../../schema/drop.js';
import type { Instruction } from '../../schema/instruction.js';
import type { StageRecord } from '../../schema/manifest.js';
import type { OverlapReport } from '../../schema/overlap.js';
import { SelectionTally } from '../../select/index.js';
import type { RunFolder } from '../../store/index.js';
import { chooseClassified } from '../open/classified-pool.js';
import type { OpenedExperiment } from '../open/opened-experiment.js';
import { checkLaterOverlaps, checkOverlap, type LaterOverlap } from '../open/overlap-check.js';
import type { InstructionSource, UnclassifiedPool } from '../open/sources.js';
import { runStage, type StageAtWork } from './stage-runner.js';
import { classifyStage } from './asking-stages.js';
import { POOL_FILES, POOL_FOLDER } from '../layout/run-files.js';

/** A pool that is classified and chosen from. */
export interface ChosenPool {
  record: StageRecord;
  instructions: InstructionSource;
  /** The overlap of chosen instructions with the benchmark. */
  overlap: OverlapReport | null;
  /** The same for each benchmark but the first. */
  laterOverlaps: LaterOverlap[];
}

/**
 * Classifies the pool of a run, unless that is done, and chooses.
 * @param at the run's own folder
 * @returns null where no pool is to be classified
 * @throws ConfigError when too few are left, ModelError, BudgetError
 */
export async function classifyPool(opened: OpenedExperiment, at: StageAtWork): Promise<ChosenPool | null> {
  const { config, evaluations, signal } = opened;
  const [{ benchmark }] = evaluations;
  const { unclassified, fileHash } = opened.instructions;
  if (unclassified === null) return null;
  const run = at.folder;
  const folder = run.inside(POOL_FOLDER);
  const record = await runStage(
    {
      stage: 'classify',
      fileName: POOL_FILES.classified,
      nExpected: unclassified.nRows,
      outcomes: () => classified(unclassified, { opened, folder }),
    },
    { ...at, folder },
  );
  const instructions = await chooseClassified(unclassified, { run, record, config, fileHash });
  const overlap =
    opened.overlap ?? (await checkOverlap(config, instructions.read(), { items: benchmark.items, signal }));
  const laterOverlaps = await checkLaterOverlaps(config, instructions.read, { evaluations, signal });
  return { record, instructions, overlap, laterOverlaps };
}

async function* classified(
  unclassified: UnclassifiedPool,
  { opened, folder }: { opened: OpenedExperiment; folder: RunFolder },
): AsyncGenerator<Outcome<Instruction>> {
  const tally = new SelectionTally();
  const candidates = unclassified.pool.candidates({ signal: opened.signal, tally });
  yield* classifyStage(candidates, unclassified, opened);
  // Written before the stage's record, which marks it as complete.
  const { masked, byFile } = tally.summary();
  await folder.writeJson(POOL_FILES.masked, masked);
  await folder.writeJson(POOL_FILES.files, byFile);
}
