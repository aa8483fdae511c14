// A pool that a run has classified: its records in the run's folder, and the choice from them.
import { z } from 'zod';
import { kept, type Outcome } from '../../schema/drop.js';
import { instructionSchema, type Instruction } from '../../schema/instruction.js';
import { stageRecordSchema, type StageRecord } from '../../schema/manifest.js';
import { selectionSummarySchema } from '../../schema/selection-summary.js';
import { SelectionTally } from '../../select/index.js';
import type { RunFolder } from '../../store/index.js';
import type { ExperimentConfig } from '../config/config.js';
import { chosenSource, type InstructionSource, type UnclassifiedPool } from './sources.js';
import { filesBeside, POOL_FILES, POOL_FOLDER } from '../layout/run-files.js';

/** The record of a complete classification, or null. @param run the run's folder, which need not exist */
export function readClassification(run: RunFolder): Promise<StageRecord | null> {
  return run.inside(POOL_FOLDER).readJson(filesBeside('classify').record, stageRecordSchema);
}

/**
 * The instructions for the iterations, once the pool is classified.
 * @param options.record of the classification
 * @throws ConfigError when too few are left, DataError for records that cannot be read
 */
export async function chooseClassified(
  { pool }: UnclassifiedPool,
  options: { run: RunFolder; record: StageRecord; config: ExperimentConfig; fileHash: string | null },
): Promise<InstructionSource> {
  const { run, record, config, fileHash } = options;
  const folder = run.inside(POOL_FOLDER);
  const masked = (await folder.readJson(POOL_FILES.masked, z.record(z.string(), z.int().min(1)))) ?? {};
  const byFile = (await folder.readJson(POOL_FILES.files, selectionSummarySchema.shape.byFile)) ?? [];
  // The summary of the choice includes the drops of the classification.
  const tally = new SelectionTally({ drops: record.drops, masked, byFile });
  return chosenSource(pool, { config, outcomes: classifiedIn(folder), tally, fileHash });
}

async function* classifiedIn(folder: RunFolder): AsyncGenerator<Outcome<Instruction>> {
  for await (const instruction of folder.records(POOL_FILES.classified, instructionSchema))
    yield kept(instruction);
}
