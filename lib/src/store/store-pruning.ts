// Making a completion store smaller: one segment a model, without what came twice, is damaged or is old.
import { rm, utimes } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { ConfigError } from '../core/errors.js';
import { namesIn, writeError } from '../core/files.js';
import { bytesOf, factsOf, isDraft, listPartitions, listSegments, readIdentity } from './partition-folder.js';
import type { FileFacts } from './partition-folder.js';
import { indexPathOf } from './segment-index-file.js';
import { mergeSegments, surveySegments } from './segment-merging.js';
import { holdStore } from './store-lock.js';

const MS_PER_DAY = 86_400_000;
const MERGED = /-merged-(\d+)$/;

/** What is to be removed. */
export interface PruneOptions {
  /** Segments that were last written to so many days ago or earlier are removed; absent: none. */
  olderThanDays?: number | undefined;
  /** The present, in milliseconds since 1970. */
  nowMs: number;
  /**
   * Concerns only models whose identity holds this text, or the folder of that name; their completions are removed, or with
   * `olderThanDays` the old ones of them. Absent: all models are merged.
   */
  partition?: string | undefined;
  /** Only says what it would do. */
  isDryRun: boolean;
  signal: AbortSignal;
}

/** What became of the completions of a model. */
export interface PrunedPartition {
  /** Name of its folder in the store. */
  folder: string;
  identity: string | null;
  action: 'merged' | 'removed' | 'unchanged';
  nSegmentsBefore: number;
  nSegmentsAfter: number;
  /** Of the segments. */
  nBytesBefore: number;
  nBytesAfter: number;
  /** Entries that are left. */
  nEntries: number;
  /** Of the segments that are not too old, entries whose key came again later. */
  nDuplicates: number;
  /** Of the same, damaged lines. */
  nDamaged: number;
  /** Segments that were removed because of their age or their model. */
  nGone: number;
}

/**
 * Prunes a store. Nothing is removed before what stays is durable in its new place, so it can be killed at any point.
 * @throws DataError where a living process uses the store; ConfigError where `partition` fits none; the signal's reason
 */
export async function pruneStore(storeFolder: string, options: PruneOptions): Promise<PrunedPartition[]> {
  const folders = await listPartitions(storeFolder);
  if (folders.length === 0 && options.partition === undefined) return [];
  const giveBack =
    options.isDryRun || folders.length === 0 ? null : await holdStore(storeFolder, options.signal);
  try {
    const pruned: PrunedPartition[] = [];
    for (const folder of folders) {
      options.signal.throwIfAborted();
      const identity = await readIdentity(join(storeFolder, folder));
      const { partition } = options;
      if (partition !== undefined && folder !== partition && identity?.includes(partition) !== true) continue;
      pruned.push(await prunePartition({ path: join(storeFolder, folder), folder, identity }, options));
    }
    if (pruned.length === 0) throw noSuchPartition(storeFolder, options.partition ?? '');
    return pruned;
  } finally {
    await giveBack?.();
  }
}

function noSuchPartition(storeFolder: string, partition: string): ConfigError {
  return new ConfigError({
    subject: '--partition',
    expected: `part of the identity of a model that has completions in ${storeFolder}`,
    received: partition,
    remedy: 'See which there are with: autodidact cache stats',
  });
}

interface Place {
  path: string;
  folder: string;
  identity: string | null;
}

async function prunePartition(
  { path, folder, identity }: Place,
  options: PruneOptions,
): Promise<PrunedPartition> {
  const { isDryRun, signal } = options;
  const segments = await factsOf(await listSegments(path));
  const kept = segments.filter((segment) => isKept(segment, options));
  const keptPaths = kept.map((segment) => segment.path);
  const index = await surveySegments(keptPaths, signal);
  const { nEntries, nKeys, nDamaged } = index.counts();
  const isUnchanged = segments.length === 1 && kept.length === 1 && nKeys === nEntries && nDamaged === 0;
  const action = isUnchanged ? 'unchanged' : nKeys === 0 ? 'removed' : 'merged';
  const nBytesBefore = bytesOf(segments);
  const target = isDryRun || action !== 'merged' ? null : mergedPath(keptPaths);
  const nBytesAfter = isUnchanged
    ? nBytesBefore
    : await mergeSegments(index, { paths: keptPaths, target, signal });
  const pruned: PrunedPartition = {
    folder,
    identity,
    action,
    nSegmentsBefore: segments.length,
    nSegmentsAfter: nKeys === 0 ? 0 : 1,
    nBytesBefore,
    nBytesAfter,
    nEntries: nKeys,
    nDuplicates: nEntries - nKeys,
    nDamaged,
    nGone: segments.length - kept.length,
  };
  if (isDryRun) return pruned;
  try {
    if (target !== null) {
      // Merging does not count as use: the merged segment must not look younger than its parts.
      const newest = new Date(Math.max(...kept.map(({ modifiedMs }) => modifiedMs)));
      await utimes(target, newest, newest);
    }
    if (action === 'removed') await rm(path, { recursive: true });
    else await removeLeftovers(path, isUnchanged ? [] : segments.map((segment) => basename(segment.path)));
  } catch (thrown) {
    throw writeError(path, thrown);
  }
  return pruned;
}

/** Without an age, a named model is removed whole; where no model is named, all stay. */
function isKept({ modifiedMs }: FileFacts, { olderThanDays, nowMs, partition }: PruneOptions): boolean {
  if (olderThanDays === undefined) return partition === undefined;
  return modifiedMs > nowMs - olderThanDays * MS_PER_DAY;
}

/** Comes after the segments that it is made of, so that it is the one that counts while they are still there. */
function mergedPath(paths: readonly string[]): string {
  const last = paths.at(-1) ?? '';
  const name = basename(last, '.jsonl');
  const nTimes = Number(MERGED.exec(name)?.[1] ?? 0) + 1;
  return join(dirname(last), `${name.replace(MERGED, '')}-merged-${String(nTimes).padStart(4, '0')}.jsonl`);
}

/** Removes segments by name, what killed processes left behind, and the indexes of segments that are gone. */
async function removeLeftovers(path: string, segments: readonly string[]): Promise<void> {
  for (const segment of segments) await rm(join(path, segment), { force: true });
  const left = new Set((await listSegments(path)).map(indexPathOf));
  for (const name of await namesIn(path)) {
    const file = join(path, name);
    if (isDraft(name) || (name.endsWith('.index') && !left.has(file))) await rm(file, { force: true });
  }
}
