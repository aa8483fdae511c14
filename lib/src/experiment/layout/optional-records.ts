// Optional files of the iterations of a run: checkpoint choices and overlap reports.
import type { z } from 'zod';
import type { BenchmarkOverlap, IterationChoices } from '../../report/index.js';
import { checkpointChoicesSchema } from '../../schema/fine-tuned-model.js';
import type { IterationManifest } from '../../schema/manifest.js';
import { overlapReportSchema, type OverlapReport } from '../../schema/overlap.js';
import { pairAuditSchema, type PairAudit } from '../../schema/pair-audit.js';
import type { RunFolder } from '../../store/index.js';
import { ITERATION_FILES, iterationFolder } from './run-files.js';

type Iterations = readonly Pick<IterationManifest, 'iteration'>[];

/** The checkpoints that were compared, for the iterations that compared any. @throws DataError for a file of another version */
export async function readChoices(run: RunFolder, iterations: Iterations): Promise<IterationChoices[]> {
  const found = await readEach(run, iterations, {
    name: ITERATION_FILES.checkpoints,
    schema: checkpointChoicesSchema,
  });
  return found.map(({ iteration, value }) => ({ iteration, choices: value }));
}

/** The overlap of training texts with the benchmark, for the iterations that checked it. @throws DataError as above */
export async function readTrainingOverlaps(
  run: RunFolder,
  iterations: Iterations,
  name: string = ITERATION_FILES.overlap,
): Promise<OverlapReport[]> {
  const found = await readEach(run, iterations, { name, schema: overlapReportSchema });
  return found.map(({ value }) => value);
}

/** The audits of pairs, for the iterations that have one. @throws DataError as above */
export function readPairAudits(
  run: RunFolder,
  iterations: Iterations,
): Promise<{ iteration: number; value: PairAudit }[]> {
  return readEach(run, iterations, { name: ITERATION_FILES.pairAudit, schema: pairAuditSchema });
}

/** The audits of training sets, for the iterations that have one; also of one that is not finished. @throws DataError as above */
export function readTrainingSetAudits(
  run: RunFolder,
  iterations: Iterations,
): Promise<{ iteration: number; value: PairAudit }[]> {
  return readEach(run, iterations, { name: ITERATION_FILES.trainingSetAudit, schema: pairAuditSchema });
}

/** Overlaps of instructions with benchmarks besides the first, with those of training texts. @throws DataError as above */
export async function withTraining(
  overlaps: readonly { benchmark: string; file: string; report: OverlapReport }[],
  run: RunFolder,
  iterations: Iterations,
): Promise<BenchmarkOverlap[]> {
  const all: BenchmarkOverlap[] = [];
  for (const { benchmark, file, report: overlap } of overlaps)
    all.push({ benchmark, overlap, trainingOverlaps: await readTrainingOverlaps(run, iterations, file) });
  return all;
}

async function readEach<Schema extends z.ZodType>(
  run: RunFolder,
  iterations: Iterations,
  { name, schema }: { name: string; schema: Schema },
): Promise<{ iteration: number; value: z.output<Schema> }[]> {
  const found: { iteration: number; value: z.output<Schema> }[] = [];
  for (const { iteration } of iterations) {
    const value = await iterationFolder(run, iteration).readJson(name, schema);
    if (value !== null) found.push({ iteration, value });
  }
  return found;
}
