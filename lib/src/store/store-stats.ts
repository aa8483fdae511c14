// What is in a completion store, by model.
import { join } from 'node:path';
import { namesIn } from '../core/files.js';
import { Partition } from './partition.js';
import { bytesOf, factsOf, listPartitions, listSegments, readIdentity } from './partition-folder.js';
import type { PartitionCounts } from './partition-index.js';
import { SegmentFiles } from './segment-files.js';

/** The completions of one model. */
export interface PartitionStats extends PartitionCounts {
  /** Name of its folder in the store. */
  folder: string;
  /** The model's identity; null for completions of versions that did not write it down. */
  identity: string | null;
  /** Of all its files. */
  nBytes: number;
  /** When the segment that was written to last the longest ago was written to: ISO 8601, UTC; null without segments. */
  oldest: string | null;
  /** When a segment was last written to. */
  newest: string | null;
}

/** What is in a store. */
export interface StoreStats {
  partitions: PartitionStats[];
  total: Pick<PartitionStats, 'nSegments' | 'nEntries' | 'nKeys' | 'nDamaged' | 'nBytes'>;
}

/**
 * Counts what is in a store; nothing where there is none. Others may use it meanwhile.
 * @throws DataError when it cannot be read; the signal's reason when it aborts
 */
export async function storeStats(storeFolder: string, signal: AbortSignal): Promise<StoreStats> {
  const partitions: PartitionStats[] = [];
  for (const name of await listPartitions(storeFolder)) {
    signal.throwIfAborted();
    partitions.push(await partitionStats(storeFolder, name));
  }
  const total = { nSegments: 0, nEntries: 0, nKeys: 0, nDamaged: 0, nBytes: 0 };
  const figures = Object.keys(total) as (keyof typeof total)[];
  for (const partition of partitions) for (const figure of figures) total[figure] += partition[figure];
  return { partitions, total };
}

async function partitionStats(storeFolder: string, name: string): Promise<PartitionStats> {
  const folder = join(storeFolder, name);
  const identity = await readIdentity(folder);
  const files = new SegmentFiles();
  try {
    // Nothing is put, so the names of what would be written do not matter.
    const partition = new Partition({ folder, identity: identity ?? '', segmentName: '', files });
    await partition.refresh();
    const modifiedMs = (await factsOf(await listSegments(folder))).map((facts) => facts.modifiedMs);
    const time = (ms: number): string | null => (modifiedMs.length === 0 ? null : new Date(ms).toISOString());
    return {
      folder: name,
      identity,
      ...partition.counts,
      nBytes: bytesOf(await factsOf((await namesIn(folder)).map((file) => join(folder, file)))),
      oldest: time(Math.min(...modifiedMs)),
      newest: time(Math.max(...modifiedMs)),
    };
  } finally {
    files.close();
  }
}
