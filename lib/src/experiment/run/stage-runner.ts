// Runs one stage: streams its outcomes to disk, counts its drops, and writes a record once it is complete.
import { rm } from 'node:fs/promises';
import { DataError } from '../../core/errors.js';
import type { Drop, Outcome } from '../../schema/drop.js';
import { stageRecordSchema, type StageRecord } from '../../schema/manifest.js';
import { addUsage, NO_USAGE, type Usage } from '../../schema/usage.js';
import type { RecordSink, RunFolder } from '../../store/index.js';
import type { OpenedExperiment } from '../open/opened-experiment.js';
import type { RunListener, Stage } from '../watch/events.js';
import { filesBeside } from '../layout/run-files.js';

/** A stage at work: its iteration, its folder, and who receives its events. */
export interface StageAtWork {
  folder: RunFolder;
  iteration: number;
  /** Counters of the model client, from which the usage of a stage is computed. */
  usage: () => Usage;
  /** Called before a stage does anything, unless it was done before. */
  onStageStart: (stage: Stage) => void;
  onEvent: RunListener;
}

/** A stage that works with an opened experiment. */
export function stageAtWork(
  { chatModel, ledger, observers }: OpenedExperiment,
  { iteration, folder }: Pick<StageAtWork, 'iteration' | 'folder'>,
): StageAtWork {
  return {
    folder,
    iteration,
    usage: () => chatModel.usage,
    onStageStart: (stage) => {
      ledger.startStage(iteration, stage);
    },
    onEvent: observers.onEvent,
  };
}

/** A stage's work. */
export interface StageWork<Kept> {
  stage: Stage;
  /** File of the kept records, inside the folder. */
  fileName: string;
  /** Starts that file; absent: JSON Lines. */
  createKept?: ((folder: RunFolder, fileName: string) => Promise<RecordSink<Kept>>) | undefined;
  /** Prefix of the names of its drops and its record; absent: the stage. */
  besideName?: string | undefined;
  /** How many inputs there are, for the progress display; null when not known beforehand. */
  nExpected: number | null;
  outcomes: () => AsyncIterable<Outcome<Kept>>;
}

const PROGRESS_INTERVAL_MS = 100;

/** Runs a stage as {@link writeStage} does, unless its record shows that it is complete. */
export async function runStage<Kept>(work: StageWork<Kept>, at: StageAtWork): Promise<StageRecord> {
  const { folder, iteration, onEvent } = at;
  const earlier = await folder.readJson(filesBeside(work.besideName ?? work.stage).record, stageRecordSchema);
  if (!earlier) return writeStage(work, at);
  onEvent({ kind: 'stage-finished', iteration, record: earlier, wasDone: true });
  return earlier;
}

/**
 * Runs a stage, whatever an earlier attempt left. Kept records and drops appear under their names only when all of them are there; the
 * record is written last.
 */
export async function writeStage<Kept>(work: StageWork<Kept>, at: StageAtWork): Promise<StageRecord> {
  const { folder, iteration, usage, onStageStart, onEvent } = at;
  const { stage } = work;
  const beside = filesBeside(work.besideName ?? stage);
  onStageStart(stage);
  const startedMs = performance.now();
  const usageBefore = usage();
  const record: StageRecord = {
    stage,
    nInput: 0,
    nKept: 0,
    drops: {},
    wallMs: 0,
    usage: NO_USAGE,
  };
  const files: { discard: () => Promise<void> }[] = [];
  let reportedMs = startedMs;
  try {
    const keptFile = await (work.createKept?.(folder, work.fileName) ?? folder.createRecords(work.fileName));
    files.push(keptFile);
    const dropsFile = await folder.createRecords(beside.drops);
    files.push(dropsFile);
    for await (const outcome of work.outcomes()) {
      record.nInput++;
      if (outcome.kind === 'kept') {
        record.nKept++;
        await keptFile.write(outcome.record);
      } else {
        countDrop(record.drops, outcome.drop);
        await dropsFile.write(outcome.drop);
      }
      if (performance.now() - reportedMs >= PROGRESS_INTERVAL_MS) {
        reportedMs = performance.now();
        reportProgress();
      }
    }
    // An old record would vouch for the new files.
    await rm(folder.file(beside.record), { force: true });
    await keptFile.commit();
    await dropsFile.commit();
  } catch (thrown) {
    for (const file of files) await file.discard();
    // The status shows where it stopped.
    reportProgress();
    throw thrown;
  }
  record.wallMs = Math.round(performance.now() - startedMs);
  record.usage = addUsage(usage(), usageBefore, -1);
  reportProgress();
  await folder.writeJson(beside.record, record);
  onEvent({ kind: 'stage-finished', iteration, record, wasDone: false });
  return record;

  function reportProgress(): void {
    onEvent({
      kind: 'progress',
      progress: {
        iteration,
        stage,
        done: record.nInput,
        total: work.nExpected,
        elapsedMs: performance.now() - startedMs,
        usage: addUsage(usage(), usageBefore, -1),
      },
    });
  }
}

/**
 * Requires that a stage kept at least one record.
 * @throws DataError
 */
export function requireSome(
  { stage, nInput, nKept, drops }: StageRecord,
  { subject, dropsPath, remedy }: { subject: string; dropsPath: string; remedy: string },
): void {
  if (nKept > 0) return;
  const reasons = Object.entries(drops).map(([reason, n]) => `${reason} ${n}`);
  throw new DataError({
    subject,
    expected: `the stage ${stage} to keep at least one of its ${nInput} inputs`,
    received: reasons.length === 0 ? 'none' : `none: ${reasons.join(', ')}`,
    remedy: `Look at ${dropsPath}; ${remedy}`,
  });
}

function countDrop(drops: Record<string, number>, { reason }: Drop): void {
  drops[reason] = (drops[reason] ?? 0) + 1;
}
