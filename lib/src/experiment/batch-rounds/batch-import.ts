// Reads a server's answers to the files of a batch round and puts them into the completion store, where a run finds them.
import { addCount } from '../../core/own.js';
import { join } from 'node:path';
import { DataError } from '../../core/errors.js';
import { makeFolder, namesIn, readError, writeChunksAtomic } from '../../core/files.js';
import { KeyedRecords } from '../../core/keyed-records.js';
import { linesOf } from '../../core/lines.js';
import { mapOrdered } from '../../model/index.js';
import { CompletionStore, RunFolder } from '../../store/index.js';
import { AnswerReader, type ReadAnswer } from './batch-answers.js';
import {
  batchRoundSchema,
  indexEntrySchema,
  lockRounds,
  ROUND_FILES,
  roundsIn,
  type BatchRound,
  type ImportCounts,
  type IndexEntry,
} from './batch-round.js';

/** What is imported. */
export interface ImportOptions {
  /** Holds the rounds of exports; the last one is imported. */
  outFolder: string;
  /** Files with answers; absent: all `requests-<number>.<anything>.jsonl` beside the requests. */
  outputFiles?: readonly string[] | undefined;
  /** Where completions are kept, shared by all runs. */
  completionsFolder: string;
  signal: AbortSignal;
}

/** The result of an import. */
export interface ImportResult {
  roundFolder: string;
  round: BatchRound;
  outputFiles: readonly string[];
  counts: ImportCounts;
  /** For each cause of failure, the server's message for one of them. */
  examples: Record<string, string>;
}

/** Answers that are put into the store at once. */
const LOOK_AHEAD = 256;

/**
 * Imports the answers to the last round of exports; done again, it takes what has arrived since. Answers are joined by `custom_id`,
 * in any order and from any number of files. Completions already in the store stay as they are.
 * @throws DataError, also when no file has an answer to any of the requests; the signal's reason when aborted
 */
export async function importBatches(options: ImportOptions): Promise<ImportResult> {
  const { outFolder } = options;
  await requireRounds(outFolder);
  const unlock = await lockRounds(outFolder);
  try {
    const { folder, round } = await lastRound(outFolder);
    const outputFiles = options.outputFiles ?? (await outputsBeside(folder));
    if (outputFiles.length === 0) throw nothingToImport(folder.path, 'no file of answers');
    return await importRound({ folder, round, outputFiles }, options);
  } finally {
    await unlock();
  }
}

async function requireRounds(outFolder: string): Promise<void> {
  if ((await roundsIn(outFolder)).length > 0) return;
  throw new DataError({
    subject: outFolder,
    expected: 'a folder of exports',
    received: 'no folder round-<number> in it',
    remedy: 'Name the folder that was given to: npx autodidact batch export <config> --out <folder>',
  });
}

async function lastRound(outFolder: string): Promise<{ folder: RunFolder; round: BatchRound }> {
  const folder = (await roundsIn(outFolder)).at(-1)?.folder ?? new RunFolder(join(outFolder, 'round-1'));
  const round = await folder.readJson(ROUND_FILES.round, batchRoundSchema);
  if (round) return { folder, round };
  throw new DataError({
    subject: folder.path,
    expected: `a round with its ${ROUND_FILES.round}`,
    received: 'a folder without it',
    remedy: 'Copy the whole folder of the round, or remove it and export again.',
  });
}

async function outputsBeside(folder: RunFolder): Promise<string[]> {
  const names = await namesIn(folder.path);
  return names.filter((name) => /^requests-\d+\..+\.jsonl$/.test(name)).map((name) => folder.file(name));
}

function nothingToImport(path: string, received: string): DataError {
  return new DataError({
    subject: path,
    expected: 'answers to the requests of this round, e.g. in requests-0001.out.jsonl',
    received,
    remedy: 'Let the server write its answers beside the requests, or name them with --outputs.',
  });
}

/** An index that was copied in part, or of another round, would make the counts wrong. @throws DataError */
async function requireWhole(
  index: KeyedRecords<IndexEntry>,
  { folder, round }: { folder: RunFolder; round: BatchRound },
): Promise<void> {
  const nEntries = await index.readToEnd();
  if (nEntries === round.nRequests) return;
  throw new DataError({
    subject: folder.file(ROUND_FILES.index),
    expected: `the ${round.nRequests} requests that ${ROUND_FILES.round} lists`,
    received: `${nEntries}`,
    remedy: 'Copy the folder of the round again, or remove it and export again.',
  });
}

async function importRound(
  { folder, round, outputFiles }: { folder: RunFolder; round: BatchRound; outputFiles: readonly string[] },
  { completionsFolder, signal }: ImportOptions,
): Promise<ImportResult> {
  const index = await KeyedRecords.open(folder.file(ROUND_FILES.index), {
    schema: indexEntrySchema,
    idOf: ({ customId }) => customId,
  });
  const store = new CompletionStore({
    folder: completionsFolder,
    segmentName: `${Date.now()}-${process.pid}`,
  });
  try {
    await requireWhole(index, { folder, round });
    await makeFolder(completionsFolder);
    const reader = new AnswerReader(index);
    const kept = { nImported: 0, nThereBefore: 0, nShort: 0 };
    const putting = mapOrdered(
      reader.answers(linesOfAll(outputFiles, signal)),
      (answer) => putMissing(answer, store),
      { lookAhead: LOOK_AHEAD, signal },
    );
    for await (const { wasThere, isShort } of putting) {
      if (wasThere) kept.nThereBefore++;
      else kept.nImported++;
      if (isShort) kept.nShort++;
    }
    const { failed, nUnknown, nDuplicates, nUnreadable, examples } = reader;
    const nMissing = round.nRequests - reader.nAnswered - failed.size;
    if (reader.nAnswered === 0 && failed.size === 0) {
      const other = `${nUnknown} answers to other requests and ${nUnreadable} lines that cannot be read`;
      throw nothingToImport(folder.path, other);
    }
    const failures: Record<string, number> = {};
    for (const { code } of failed.values()) addCount(failures, code);
    const counts: ImportCounts = {
      nRequests: round.nRequests,
      ...kept,
      failures,
      nMissing,
      nUnknown,
      nDuplicates,
      nUnreadable,
    };
    await writeFailures(folder, failed);
    await folder.writeJson(ROUND_FILES.import, counts);
    return { roundFolder: folder.path, round, outputFiles, counts, examples };
  } finally {
    await store.close();
    await index.close();
  }
}

/** Puts the missing completions; existing ones stay. */
async function putMissing(
  { entry: { partition, keys }, completions }: ReadAnswer,
  store: CompletionStore,
): Promise<{ wasThere: boolean; isShort: boolean }> {
  const found = await store.getAll(partition, keys);
  const entries = keys.flatMap((key, i) => {
    const completion = completions[i];
    return found[i] === null && completion !== undefined ? [{ key, completion }] : [];
  });
  if (entries.length > 0) await store.put(partition, entries);
  const nNow = found.filter((completion) => completion !== null).length + entries.length;
  return { wasThere: entries.length === 0, isShort: nNow < keys.length };
}

function writeFailures(folder: RunFolder, failed: AnswerReader['failed']): Promise<void> {
  const lines = [...failed].map(
    ([customId, { status, code }]) => `${JSON.stringify({ customId, status, code })}\n`,
  );
  return writeChunksAtomic(folder.file(ROUND_FILES.failures), lines);
}

async function* linesOfAll(paths: readonly string[], signal: AbortSignal): AsyncGenerator<string> {
  for (const path of paths) {
    try {
      for await (const line of linesOf(path)) {
        signal.throwIfAborted();
        yield line;
      }
    } catch (thrown) {
      signal.throwIfAborted();
      throw readError(path, thrown);
    }
  }
}
