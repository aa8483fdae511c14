// A batch round: a folder of request files, their index, and the record of their import.
//
// `<folder>/round-<number>/requests-<number>.jsonl`: requests of one model each; `index.jsonl`: where their completions belong;
// `round.json`: written last, so that its existence means complete. What a server answered is put beside as
// `requests-<number>.<anything>.jsonl`. An import adds `failures.jsonl` and, last, `import.json`.
import { join } from 'node:path';
import { z } from 'zod';
import { namesIn } from '../../core/files.js';
import { lockFolder } from '../../core/folder-lock.js';
import { samplingSchema } from '../../schema/chat.js';
import { RunFolder } from '../../store/index.js';

/** Files of a round besides those with requests and answers. */
export const ROUND_FILES = {
  round: 'round.json',
  index: 'index.jsonl',
  failures: 'failures.jsonl',
  import: 'import.json',
} as const;

const count = z.int().min(0);

const requestFileSchema = z.strictObject({
  name: z.string().regex(/^requests-\d+\.jsonl$/),
  /** The one model that all its requests name. */
  model: z.string(),
  nRequests: count,
  nBytes: count,
});
/** A file of requests. */
export type RequestFile = z.infer<typeof requestFileSchema>;

export const batchRoundSchema = z.strictObject({
  schemaVersion: z.literal(1),
  experiment: z.string(),
  runId: z.string(),
  nRequests: count,
  files: z.array(requestFileSchema),
});
/** What a round holds. */
export type BatchRound = z.infer<typeof batchRoundSchema>;

export const indexEntrySchema = z.strictObject({
  customId: z.string().min(1),
  /** The identity of the model, under which the store keeps its completions. */
  partition: z.string(),
  /** One for each requested sample. */
  keys: z.array(z.string().min(1)).min(1),
  model: z.string(),
  sampling: samplingSchema,
  seed: z.int(),
  promptVersion: z.string(),
});
/** Where the completions of a request belong, and what is needed to read them. */
export type IndexEntry = z.infer<typeof indexEntrySchema>;

export const batchFailureSchema = z.strictObject({
  customId: z.string().min(1),
  /** Status of the HTTP response; null if there was none, or if it held no completion. */
  status: z.int().nullable(),
  /** The server's message is not kept: it may repeat anything. */
  code: z.string(),
});
/** A request that failed. */
export type BatchFailure = z.infer<typeof batchFailureSchema>;

export const importCountsSchema = z.strictObject({
  nRequests: count,
  /** Requests whose completions were put into the store. */
  nImported: count,
  /** Requests that were already in the store. */
  nThereBefore: count,
  /** Of both, those with fewer completions than requested; the rest is in the next round. */
  nShort: count,
  /** Requests that failed, by cause. */
  failures: z.record(z.string(), count),
  /** Requests without any line. */
  nMissing: count,
  /** Lines of requests that are not in this round. */
  nUnknown: count,
  /** Lines about a request that was answered before. */
  nDuplicates: count,
  /** Lines that cannot be read. */
  nUnreadable: count,
});
/** The counts of an import: imported + there before + failed + missing = requests. */
export type ImportCounts = z.infer<typeof importCountsSchema>;

/** A round and its folder. */
export interface FoundRound {
  number: number;
  folder: RunFolder;
}

/** The rounds below a folder in ascending order; none where there is no such folder. @throws DataError */
export async function roundsIn(path: string): Promise<FoundRound[]> {
  return (await namesIn(path))
    .flatMap((name) => /^round-(\d+)$/.exec(name)?.[1] ?? [])
    .map((digits) => ({ number: Number(digits), folder: new RunFolder(join(path, `round-${digits}`)) }))
    .sort((a, b) => a.number - b.number);
}

/** Locks the folder of the rounds. @returns a function that releases it @throws DataError */
export function lockRounds(path: string): Promise<() => Promise<void>> {
  const taken = {
    subject: path,
    expected: 'a folder of batch rounds that no other process is using',
    does: 'is using it',
    remedy: 'Wait for it to end, then try again.',
  };
  return lockFolder(path, { name: 'batch', taken });
}
