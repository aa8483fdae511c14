// What a stage by itself leaves: a file of kept records, and beside it its drops and the record of what it took in and kept.
import { realpath } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
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
import { filesBeside } from '../layout/run-files.js';

/** What every single stage is told. */
export interface SingleStageOptions extends ExperimentOptions {
  /** File of what is kept. Drops and the stage's record go beside it: `<file>.drops.jsonl`, `<file>.stage.json`. */
  outFile: string;
  /**
   * The iteration that the stage stands for, 1 (the default) to that of the experiment: it names random streams of selection, filter
   * and fine-tuning, and the place of what is paid for in the run's ledger.
   */
  iteration?: number | undefined;
}

/** What a stage by itself came to. */
export interface SingleStageResult {
  outFile: string;
  dropsFile: string;
  record: StageRecord;
}

/** Paths of what a stage leaves. */
export interface StagePaths {
  folder: RunFolder;
  fileName: string;
  outFile: string;
  dropsFile: string;
  recordFile: string;
}

/**
 * Where a stage leaves what.
 * @param inFiles what it reads
 * @param moreOutFiles what it writes besides the kept records, the drops and its record
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
  const read = new Map<string, string>();
  for (const path of inFiles) read.set(await realPathOf(path), path);
  for (const path of [outFile, dropsFile, recordFile, ...moreOutFiles]) {
    const clash = read.get(await realPathOf(path));
    if (clash === undefined) continue;
    throw new ConfigError({
      subject: `--out ${outFile}`,
      expected: 'another file than those that are read',
      received: clash,
      remedy: 'Name another file; what is kept can take its place afterwards.',
    });
  }
  return { folder, fileName, outFile, dropsFile, recordFile };
}

/** A stage's work and who hears of it. */
export interface StageFileWork<Kept> {
  stage: Stage;
  at: StageAtWork;
  paths: StagePaths;
  /** null when not known beforehand. */
  nExpected: number | null;
  createKept?: StageWork<Kept>['createKept'];
  outcomes: () => AsyncIterable<Outcome<Kept>>;
  signal: AbortSignal;
}

/** A stage that asks no model. @param iteration the one that it stands for */
export function stageWithoutModel(
  iteration: number,
  { folder }: StagePaths,
  { onEvent }: Pick<SingleStageOptions, 'onEvent'>,
): StageAtWork {
  return { iteration, folder, usage: () => NO_USAGE, onStageStart: () => undefined, onEvent };
}

/**
 * Does the work and leaves its files, whatever an earlier attempt left: what was asked before comes from the completion store.
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
  requireSome(record, {
    subject: outFile,
    dropsPath: dropsFile,
    remedy: 'then change the input, or the setting that is the reason.',
  });
  return { outFile, dropsFile, record };
}

/** The iteration that is asked for. @throws ConfigError for one that the experiment does not have */
export function iterationOf(
  { iteration = 1 }: Pick<SingleStageOptions, 'iteration'>,
  { iterations }: ExperimentConfig,
): number {
  if (iteration >= 1 && iteration <= iterations) return iteration;
  throw new ConfigError({
    subject: '--iteration',
    expected: `an iteration of the experiment, 1 to ${iterations}`,
    received: String(iteration),
    remedy: 'Name one of these, or raise iterations in the experiment.',
  });
}

/** The file that a path leads to; of one that is not there, the path as it would be. */
async function realPathOf(path: string): Promise<string> {
  return realpath(path).catch(() => resolve(path));
}
