// Judgments files of any size: one pass that keeps no text, shared by threads, and a second one that reads what is kept.
import { isUtf8 } from 'node:buffer';
import { open, type FileHandle } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import type { Worker } from 'node:worker_threads';
import { RangeReader, type ByteRange } from '../core/byte-lines.js';
import { DataError } from '../core/errors.js';
import { readError } from '../core/files.js';
import { parseJsonLine } from '../core/jsonl.js';
import { startWorkerThread } from '../core/worker-thread.js';
import type { Outcome } from '../schema/drop.js';
import { judgedPairSchema, judgmentSchema, type Judgment } from '../schema/judgment.js';
import type { DrawTask } from './draw-task.js';
import {
  judgedPairOf,
  scanPart,
  type LocatedDraw,
  type LocatedJudgment,
  type PartScan,
} from './judgment-scan.js';
import { balanced } from './label-balance.js';
import type { ScanSetup } from './scan-worker.js';

/** What was drawn, with its judgments. */
export interface DrawnJudgments extends Pick<LocatedDraw, 'pairId' | 'verdict'> {
  judgments: Judgment[];
}

/** Less of a file than this does not pay for another thread. */
const BYTES_PER_THREAD = 48 << 20;

/** The disk is shared by all of them, and memory grows with their number. */
const MOST_THREADS = 4;

/**
 * Draws from a JSON Lines file of judged pairs, in its order. Between the passes only the places of what was drawn are in memory.
 * @param options.nThreads absent: as many as the file is worth and the machine has, the calling one included
 * @throws DataError naming file and line when the file is missing or a line is no judged pair in UTF-8
 */
export async function* drawFromFile(
  path: string,
  task: DrawTask,
  { nThreads }: { nThreads?: number | undefined } = {},
): AsyncGenerator<Outcome<DrawnJudgments>> {
  const file = await openJudgments(path);
  try {
    const outcomes = await scanFile(path, { file, task, nThreads });
    const { balanceLabels, seed } = task.options;
    const reader = new RangeReader(file);
    for (const outcome of balanceLabels ? balanced(outcomes, seed) : outcomes) {
      if (outcome.kind === 'dropped') yield outcome;
      else yield { kind: 'kept', record: await withJudgments(outcome.record, { path, reader }) };
    }
  } finally {
    await file.close();
  }
}

async function openJudgments(path: string): Promise<FileHandle> {
  try {
    const file = await open(path, 'r');
    if ((await file.stat()).isFile()) return file;
    await file.close();
  } catch (thrown) {
    throw readError(path, thrown);
  }
  throw readError(path, new Error('not a file'));
}

/** The outcomes of all lines, in their order; each part is scanned by a thread, the first one by this. */
async function scanFile(
  path: string,
  { file, task, nThreads }: { file: FileHandle; task: DrawTask; nThreads: number | undefined },
): Promise<Outcome<LocatedDraw>[]> {
  const { size } = await file.stat();
  const nParts =
    nThreads ??
    Math.max(1, Math.min(availableParallelism(), MOST_THREADS, Math.ceil(size / BYTES_PER_THREAD)));
  const borders = Array.from({ length: nParts + 1 }, (_, i) => Math.round((size * i) / nParts));
  const parts = borders.slice(1).map((end, i) => ({ start: borders[i] ?? 0, end }));
  const workers = parts.slice(1).map((part) => scanningThread({ path, part, task }));
  try {
    const [first] = parts;
    const scans = await Promise.all([
      ...(first ? [scanPart(file, first, task)] : []),
      ...workers.map(({ scan }) => scan),
    ]);
    return await joined(scans, { path, file });
  } catch (thrown) {
    throw thrown instanceof DataError ? thrown : readError(path, thrown);
  } finally {
    for (const { worker } of workers) await worker.terminate();
  }
}

function scanningThread(setup: ScanSetup): { worker: Worker; scan: Promise<PartScan> } {
  const worker = startWorkerThread(new URL('./scan-worker', import.meta.url), setup);
  const scan = new Promise<PartScan>((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', (code) => reject(new Error(`a scanning thread ended with code ${code}`)));
  });
  return { worker, scan };
}

/** The parts as one. @throws DataError of the first damaged line */
async function joined(
  scans: readonly PartScan[],
  { path, file }: { path: string; file: FileHandle },
): Promise<Outcome<LocatedDraw>[]> {
  const outcomes: Outcome<LocatedDraw>[] = [];
  let nLines = 0;
  for (const scan of scans) {
    nLines += scan.nLines;
    if (scan.damage) throw damageError(await new RangeReader(file).read(scan.damage), `${path}:${nLines}`);
    for (const outcome of scan.outcomes) outcomes.push(outcome);
  }
  return outcomes;
}

/** What is wrong with a line, in the words of every other JSON Lines file. */
function damageError(bytes: Buffer, where: string): DataError {
  if (isUtf8(bytes)) {
    try {
      parseJsonLine(bytes.toString('utf8').replace(/\r$/, ''), judgedPairSchema, where);
    } catch (thrown) {
      if (thrown instanceof DataError) return thrown;
      throw thrown;
    }
  }
  return new DataError({
    subject: where,
    expected: 'a record in UTF-8',
    received: 'bytes that are none',
    remedy: 'Mend or remove that line.',
  });
}

async function withJudgments(
  { pairId, verdict, judgments }: LocatedDraw,
  source: { path: string; reader: RangeReader },
): Promise<DrawnJudgments> {
  const read: Judgment[] = [];
  for (const judgment of judgments) read.push(await readJudgment(judgment, source));
  return { pairId, verdict, judgments: read };
}

async function readJudgment(
  { start, length, place }: LocatedJudgment,
  { path, reader }: { path: string; reader: RangeReader },
): Promise<Judgment> {
  const text = (await read({ start, length }, { path, reader })).toString('utf8');
  const judgment = place === undefined ? undefined : judgedPairOf(text)?.judgments[place];
  return judgment ?? parseJsonLine(text, judgmentSchema, `${path}, from byte ${start}`);
}

async function read(
  range: ByteRange,
  { path, reader }: { path: string; reader: RangeReader },
): Promise<Buffer> {
  try {
    return await reader.read(range);
  } catch (thrown) {
    throw readError(path, thrown);
  }
}
