// Writes the requests of an experiment into batch files instead of sending them: for `vllm run-batch` on a cluster, or any other server
// that takes such files. No server is contacted.
import { shellWord } from '../../core/shell-word.js';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DataError } from '../../core/errors.js';
import { makeFolder, writeError } from '../../core/files.js';
import { readJsonl } from '../../core/jsonl.js';
import { ABOUT_THIS_REQUEST, OUT_OF_CREDIT } from '../../model/attempt-failure.js';
import type { BatchLimits } from '../../model/batch-file.js';
import { ExportEndpoint } from '../../model/export-endpoint.js';
import { CompletionStore, RunFolder } from '../../store/index.js';
import {
  batchFailureSchema,
  importCountsSchema,
  lockRounds,
  ROUND_FILES,
  roundsIn,
  type BatchRound,
  type FoundRound,
} from './batch-round.js';
import { walkStages, type WalkedStage } from './batch-walk.js';
import { extraBodyFor } from '../open/endpoint.js';
import { partitionsOf } from '../open/partitions.js';
import { BatchWriter } from './batch-writer.js';
import { runFolderOf, type ExperimentPlaces } from '../open/opened-experiment.js';
import { prepareExperiment, type PreparedExperiment } from '../open/prepare.js';

/** What is exported, and where to. */
export interface ExportOptions extends ExperimentPlaces {
  /** Holds the rounds of exports; created if it does not exist. */
  outFolder: string;
  /** Absent: those of `endpoint.batch` in the experiment, or of the OpenAI API. */
  limits?: Partial<BatchLimits> | undefined;
}

/** The result of an export. */
export interface ExportResult {
  experiment: string;
  runId: string;
  /** Folder of the round; null where there was nothing to ask. */
  roundFolder: string | null;
  round: BatchRound | null;
  stages: WalkedStage[];
}

/** OpenAI allows 50,000 requests and 200 MB per file. */
const DEFAULT_LIMITS: BatchLimits = { maxRequests: 50_000, maxBytes: 190 * 2 ** 20 };
/** A request that failed in this many rounds is not repeated. */
const MOST_FAILURES = 3;
/** Statuses of a server that was not set up for the file, e.g. a wrong key or model name: no failure of the request itself. */
const NOT_SET_UP: readonly (number | null)[] = [401, 403, 404];

/**
 * Writes every request that can be asked now, by any stage of any iteration, and that the store lacks. Run again once the answers are
 * imported, it writes what follows from them. A request that a server refused, or that failed in three rounds, is skipped: its
 * input is lost here, as it would be in a run.
 * @throws ConfigError, DataError; the signal's reason when aborted
 */
export async function exportBatches(options: ExportOptions): Promise<ExportResult> {
  const { configPath, overrides, outFolder } = options;
  const prepared = await prepareExperiment(configPath, overrides, options.signal);
  const unlock = await lockRounds(outFolder);
  try {
    const rounds = await roundsIn(outFolder);
    for (const round of rounds) await requireImported(round, outFolder);
    const number = (rounds.at(-1)?.number ?? 0) + 1;
    return await exportRound(prepared, { options, rounds, path: join(outFolder, `round-${number}`) });
  } finally {
    await unlock();
  }
}

/** Requests in files that were not imported would be paid for twice. */
async function requireImported({ folder }: FoundRound, outFolder: string): Promise<void> {
  if ((await folder.readJson(ROUND_FILES.import, importCountsSchema)) !== null) return;
  throw new DataError({
    subject: folder.path,
    expected: 'a round whose answers were imported, before the next one is written',
    received: 'a round that was not',
    remedy: `Import what there is with: npx autodidact batch import ${shellWord(outFolder)}; or remove that folder to ask for all of it again.`,
  });
}

async function exportRound(
  prepared: PreparedExperiment,
  { options, rounds, path }: { options: ExportOptions; rounds: readonly FoundRound[]; path: string },
): Promise<ExportResult> {
  const { config, runId } = prepared;
  const givenUp = await givenUpIn(rounds);
  // Whole or absent: what an interrupted export left is removed.
  const draft = new RunFolder(`${path}.partial`);
  await removeFolder(draft.path);
  await makeFolder(draft.path);
  const { batch } = config.endpoint;
  const writer = await BatchWriter.create(draft, {
    limits: {
      maxRequests: options.limits?.maxRequests ?? batch?.maxRequests ?? DEFAULT_LIMITS.maxRequests,
      maxBytes: options.limits?.maxBytes ?? batch?.maxBytes ?? DEFAULT_LIMITS.maxBytes,
    },
    extraBodyOf: (model) => extraBodyFor(config.endpoint, model),
  });
  // Only read; nothing is claimed or written.
  const store = new CompletionStore({
    folder: options.completionsFolder,
    segmentName: `export-${process.pid}`,
  });
  try {
    const folder = runFolderOf(prepared, options);
    const endpoint = new ExportEndpoint({
      identityOf: await partitionsOf(prepared, folder),
      lookUp: (partition, keys) => store.getAll(partition, keys),
      givenUpAs: (customId) => givenUp.get(customId) ?? null,
      write: (exported) => writer.write(exported),
    });
    const stages = await walkStages(prepared, { folder, endpoint, signal: options.signal });
    const files = await writer.commit();
    const about = { experiment: config.name, runId };
    if (files.length === 0) return { ...about, roundFolder: null, round: null, stages };
    const nRequests = files.reduce((sum, file) => sum + file.nRequests, 0);
    const round: BatchRound = { schemaVersion: 1, ...about, nRequests, files };
    await draft.writeJson(ROUND_FILES.round, round);
    await moveFolder(draft.path, path);
    return { ...about, roundFolder: path, round, stages };
  } finally {
    await writer.discard();
    await store.close();
    await removeFolder(draft.path);
  }
}

/** Why requests are not asked again, by custom id: failures of all rounds. */
async function givenUpIn(rounds: readonly FoundRound[]): Promise<Map<string, string>> {
  const nFailures = new Map<string, number>();
  const givenUp = new Map<string, string>();
  for (const { folder } of rounds) {
    const failures = readJsonl(folder.file(ROUND_FILES.failures), batchFailureSchema);
    for await (const { customId, status, code } of failures) {
      const isRefused = ABOUT_THIS_REQUEST.includes(code);
      if (code === OUT_OF_CREDIT || (NOT_SET_UP.includes(status) && !isRefused)) continue;
      const n = (nFailures.get(customId) ?? 0) + 1;
      nFailures.set(customId, n);
      if (n >= MOST_FAILURES || isRefused) givenUp.set(customId, code);
    }
  }
  return givenUp;
}

async function moveFolder(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (cause) {
    throw writeError(to, cause);
  }
}

async function removeFolder(path: string): Promise<void> {
  try {
    await rm(path, { recursive: true, force: true });
  } catch (cause) {
    throw writeError(path, cause);
  }
}
