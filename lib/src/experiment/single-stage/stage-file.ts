// The output of a single stage: a file of kept records, and beside it its drops and its stage record.
import { basename, dirname } from 'node:path';
import { ConfigError } from '../../core/errors.js';
import type { Outcome } from '../../schema/drop.js';
import type { StageRecord } from '../../schema/manifest.js';
import { NO_USAGE } from '../../schema/usage.js';
import { RunFolder } from '../../store/index.js';
import type { ExperimentConfig } from '../config/config.js';
import type { Stage } from '../watch/events.js';
import type { ExperimentOptions } from '../open/opened-experiment.js';
import { stoppable } from '../watch/stoppable.js';
import { requireSome, writeStage, type StageAtWork, type StageWork } from '../run/stage-runner.js';
import { requireOtherFile } from '../layout/other-file.js';
import { filesBeside } from '../layout/run-files.js';

/** Options of every single stage. */
export interface SingleStageOptions extends ExperimentOptions {
  /** File of the kept records. Drops and the stage's record go beside it: `<file>.drops.jsonl`, `<file>.stage.json`. */
  outFile: string;
  /**
   * The iteration of the stage, from 1 (the default) to that of the experiment: it names the random streams of selection, filter and
   * fine-tuning, and the entry of its costs in the run's ledger.
   */
  iteration?: number | undefined;
}

/** The result of a single stage. */
export interface SingleStageResult {
  outFile: string;
  dropsFile: string;
  record: StageRecord;
}

/** The files that a stage writes. */
export interface StagePaths {
  folder: RunFolder;
  fileName: string;
  outFile: string;
  dropsFile: string;
  recordFile: string;
}

/**
 * The files of a stage.
 * @param inFiles the files that it reads
 * @param moreOutFiles files that it writes besides the kept records, the drops and its record
 * @throws ConfigError where it would write over what it reads
 */
export async function stagePaths(
  outFile: string,
  inFiles: readonly string[],
  moreOutFiles: readonly string[] = [],
): Promise<StagePaths> {
  const fileName = basename(outFile);
  const folder = new RunFolder(dirname(outFile));
  const beside = filesBeside(fileName);
  const [dropsFile, recordFile] = [folder.file(beside.drops), folder.file(beside.record)];
  await requireOtherFile(outFile, inFiles, [dropsFile, recordFile, ...moreOutFiles]);
  return { folder, fileName, outFile, dropsFile, recordFile };
}

/** A stage's work. */
export interface StageFileWork<Kept> {
  stage: Stage;
  at: StageAtWork;
  paths: StagePaths;
  /** null if not known in advance. */
  nExpected: number | null;
  createKept?: StageWork<Kept>['createKept'];
  outcomes: () => AsyncIterable<Outcome<Kept>>;
  signal: AbortSignal;
}

/** A stage that asks no model. @param iteration see {@link SingleStageOptions} */
export function stageWithoutModel(
  iteration: number,
  { folder }: StagePaths,
  { onEvent }: Pick<SingleStageOptions, 'onEvent'>,
): StageAtWork {
  return {
    iteration,
    folder,
    acceptedLosses: 0,
    usage: () => NO_USAGE,
    onStageStart: () => undefined,
    onEvent,
  };
}

/**
 * Does the work and writes its files, replacing those of an earlier attempt; earlier completions come from the store.
 * @throws DataError when nothing is kept, after the files are written; the signal's reason when it aborts
 */
export async function writeStageFile<Kept>({
  stage,
  at,
  paths: { fileName, outFile, dropsFile },
  nExpected,
  createKept,
  outcomes,
  signal,
}: StageFileWork<Kept>): Promise<SingleStageResult> {
  const record = await writeStage(
    {
      stage,
      fileName,
      createKept,
      besideName: fileName,
      nExpected,
      outcomes: () => stoppable(outcomes(), signal),
    },
    at,
  );
  await requireSome(record, {
    subject: outFile,
    dropsPath: dropsFile,
    remedy: 'then change the input, or the setting that causes it.',
  });
  return { outFile, dropsFile, record };
}

/** The requested iteration. @throws ConfigError for one that the experiment does not have */
export function iterationOf(
  { iteration = 1 }: Pick<SingleStageOptions, 'iteration'>,
  { iterations }: ExperimentConfig,
): number {
  if (iteration >= 1 && iteration <= iterations) return iteration;
  throw new ConfigError({
    subject: '--iteration',
    expected:
      iterations === 0
        ? 'an experiment with iterations, of which a stage is a part'
        : `an iteration of the experiment, 1 to ${iterations}`,
    received: iterations === 0 ? 'iterations: 0, which measures the seed model alone' : String(iteration),
    remedy: 'Name one of these, or raise iterations in the experiment.',
  });
}
