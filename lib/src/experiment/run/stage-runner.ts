// Runs one stage: streams its outcomes to disk, counts its drops, and writes a record once it is complete.
import { addCount } from '../../core/own.js';
import { rm } from 'node:fs/promises';
import { DataError } from '../../core/errors.js';
import { readJsonl } from '../../core/jsonl.js';
import { printable } from '../../core/text.js';
import { byReason } from '../../report/index.js';
import { dropSchema, lostToLength, lostToServers, type Drop, type Outcome } from '../../schema/drop.js';
import { stageName, stageRecordSchema, type StageRecord } from '../../schema/manifest.js';
import { addUsage, NO_USAGE, type Usage } from '../../schema/usage.js';
import type { RecordSink, RunFolder } from '../../store/index.js';
import type { OpenedExperiment } from '../open/opened-experiment.js';
import type { RunListener, Stage } from '../watch/events.js';
import { forgetWhatFollows } from './forget-stages.js';
import { damageOf, hashesOf } from '../layout/file-hashes.js';
import { filesBeside } from '../layout/run-files.js';
import { thinkingIn } from './thinking-in.js';
import { acceptedLosses, ServerLosses } from './server-losses.js';

/** A stage at work: its iteration, its folder, and who receives its events. */
export interface StageAtWork {
  folder: RunFolder;
  iteration: number;
  /** The share of its inputs that may be lost to servers; see {@link acceptedLosses}. */
  acceptedLosses: number;
  /** Counters of the model client, from which the usage of a stage is computed. */
  usage: () => Usage;
  /** Called before a stage does anything, unless it was done before. */
  onStageStart: (stage: string) => void;
  onEvent: RunListener;
}

/** A stage that works with an opened experiment. */
export function stageAtWork(
  { config, chatModel, ledger, observers }: OpenedExperiment,
  { iteration, folder }: Pick<StageAtWork, 'iteration' | 'folder'>,
): StageAtWork {
  return {
    folder,
    iteration,
    acceptedLosses: acceptedLosses(config),
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
  /** Which of several benchmarks an evaluation is of; absent: there is one, or none. */
  benchmark?: string | undefined;
  /** File of the kept records, inside the folder. */
  fileName: string;
  /** Starts that file; absent: JSON Lines. */
  createKept?: ((folder: RunFolder, fileName: string) => Promise<RecordSink<Kept>>) | undefined;
  /** Names of further files that come with the kept records. */
  moreFiles?: readonly string[] | undefined;
  /** Prefix of the names of its drops and its record; absent: the stage. */
  besideName?: string | undefined;
  /** Of what it asks, where settings that are no part of what names a run decide that: with another one, it is done again. */
  askedHash?: string | undefined;
  /** Whether nothing can follow from nothing kept; then a stage that keeps nothing is not complete, and the next attempt does it again. */
  needsSome?: boolean | undefined;
  /** How many inputs there are, for the progress display; null when not known beforehand. */
  nExpected: number | null;
  outcomes: () => AsyncIterable<Outcome<Kept>>;
}

const PROGRESS_INTERVAL_MS = 100;

/**
 * Runs a stage as {@link writeStage} does, unless its record shows that it is complete, asked the same, and its files are those of the record. Where a
 * damaged stage comes out differently, what follows from it in its iteration is done again, too.
 */
export async function runStage<Kept>(work: StageWork<Kept>, at: StageAtWork): Promise<StageRecord> {
  const { folder, iteration, onEvent } = at;
  const warn = (message: string): void => {
    onEvent({ kind: 'warning', message });
  };
  const earlier = await folder.readIntact(
    filesBeside(work.besideName ?? work.stage).record,
    stageRecordSchema,
    warn,
  );
  const isSame = earlier !== null && earlier.askedHash === work.askedHash;
  const damage = isSame ? await damageOf(folder, earlier.files) : null;
  if (isSame && damage === null) {
    // Benchmarks may have been named, or been given another name, since.
    const record = { ...earlier };
    delete record.benchmark;
    Object.assign(record, aboutBenchmark(work));
    onEvent({ kind: 'stage-finished', iteration, record, wasDone: true });
    return record;
  }
  if (damage !== null) warn(`${damage}: the stage ${work.stage} of iteration ${iteration} is done again`);
  return writeStage(work, at);
}

/**
 * Runs a stage, whatever an earlier attempt left. Kept records and drops appear under their names only when all of them are there; the
 * record is written last, unless too many inputs were lost to servers: the next attempt asks for those again.
 * @throws ModelError also for such losses
 */
export async function writeStage<Kept>(work: StageWork<Kept>, at: StageAtWork): Promise<StageRecord> {
  const { folder, iteration, usage, onStageStart, onEvent } = at;
  const { stage } = work;
  const beside = filesBeside(work.besideName ?? stage);
  const names = [work.fileName, ...(work.moreFiles ?? []), beside.drops];
  const before = await keptHash();
  onStageStart(stageName({ stage, benchmark: work.benchmark }));
  const startedMs = performance.now();
  const usageBefore = usage();
  const record: StageRecord = {
    stage,
    ...aboutBenchmark(work),
    nInput: 0,
    nKept: 0,
    drops: {},
    wallMs: 0,
    usage: NO_USAGE,
    ...(work.askedHash === undefined ? {} : { askedHash: work.askedHash }),
  };
  const losses = new ServerLosses();
  const thinkingRemoved = { n: 0, of: 0 };
  const files: { discard: () => Promise<void> }[] = [];
  let reportedMs = startedMs;
  try {
    const keptFile = await (work.createKept?.(folder, work.fileName) ?? folder.createRecords(work.fileName));
    files.push(keptFile);
    const dropsFile = await folder.createRecords(beside.drops);
    files.push(dropsFile);
    reportProgress();
    for await (const outcome of work.outcomes()) {
      record.nInput++;
      if (outcome.kind === 'kept') {
        record.nKept++;
        for (const isThere of thinkingIn(outcome.record)) {
          thinkingRemoved.of++;
          if (isThere) thinkingRemoved.n++;
        }
        await keptFile.write(outcome.record);
      } else {
        countDrop(record.drops, outcome.drop);
        losses.add(outcome.drop);
        const { contextTokens } = outcome.drop;
        if (contextTokens !== undefined) record.contextTokens = contextTokens;
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
  record.files = await hashesOf(folder, names);
  if (thinkingRemoved.n > 0) record.thinkingRemoved = thinkingRemoved;
  if (work.besideName === undefined && before !== record.files[work.fileName])
    await forgetWhatFollows({ stage, folder, iteration });
  reportProgress();
  const subject = `stage ${stageName(record)} of iteration ${iteration}`;
  if (losses.n > 0) {
    const dropsPath = folder.file(beside.drops);
    losses.check({ subject, nInput: record.nInput, accepted: at.acceptedLosses, dropsPath });
    record.lostToServers = losses.byReason;
  }
  for (const lost of [lostToServers(record), lostToLength(record)])
    if (lost !== null) onEvent({ kind: 'warning', message: `${subject}: ${lost}` });
  if (work.needsSome === true && record.nKept === 0) return record;
  await folder.writeRecord(beside.record, record);
  onEvent({ kind: 'stage-finished', iteration, record, wasDone: false });
  return record;

  /** The hash of the kept records of an earlier attempt, as its record has it. */
  async function keptHash(): Promise<string | undefined> {
    const earlier = await folder.readIntact(beside.record, stageRecordSchema, () => undefined);
    return earlier?.files?.[work.fileName];
  }

  function reportProgress(): void {
    onEvent({
      kind: 'progress',
      progress: {
        iteration,
        stage,
        ...aboutBenchmark(work),
        done: record.nInput,
        total: work.nExpected,
        elapsedMs: performance.now() - startedMs,
        usage: addUsage(usage(), usageBefore, -1),
      },
    });
  }
}

function aboutBenchmark({ benchmark }: Pick<StageWork<unknown>, 'benchmark'>): { benchmark?: string } {
  return benchmark === undefined ? {} : { benchmark };
}

/**
 * Requires that a stage kept at least one record; the error says why the first input was dropped.
 * @throws DataError
 */
export async function requireSome(
  { stage, benchmark, nInput, nKept, drops }: StageRecord,
  { subject, dropsPath, remedy }: { subject: string; dropsPath: string; remedy: string },
): Promise<void> {
  if (nKept > 0) return;
  let why = '';
  for await (const { subjectId, detail } of readJsonl(dropsPath, dropSchema)) {
    if (detail !== undefined) why = `; ${printable(subjectId)}: ${printable(detail)}`;
    break;
  }
  throw new DataError({
    subject,
    expected: `the stage ${stageName({ stage, benchmark })} to keep at least one of its ${nInput} inputs`,
    received: nInput === 0 ? 'none' : `none: ${byReason(drops)}${why}`,
    remedy: `Look at ${dropsPath}; ${remedy}`,
  });
}

function countDrop(drops: Record<string, number>, { reason }: Drop): void {
  addCount(drops, reason);
}
