// The completion store: content-addressed completions in append-only files, durable before they count.
import type { Completion } from '../schema/chat.js';
import { claimOf, Claims } from './claims.js';
import { coalesced } from './coalesced.js';
import type { Entry } from './entry-line.js';
import { Partition } from './partition.js';
import { partitionFolder, writeOrigin } from './partition-folder.js';
import { SegmentFiles } from './segment-files.js';

/**
 * Completions on disk, shared by runs and processes of one machine.
 *
 * Layout: `<folder>/<partition hash>/<segment>.jsonl`. Each process appends to a segment of its own, so writers never meet. A line is
 * `<CRC-32 as 8 hex digits> <JSON>` and holds the entries of one `put`, so that these are there together or not at all. A torn or changed
 * line fails its checksum whenever it is read, is counted in `nDamaged`, and costs only itself.
 *
 * In memory is an index of about 45 bytes an entry and a few blocks of what was read last; no completion stays. Beside a segment
 * its index is kept as `<segment>.index`: made to open quickly, never trusted, since each line is checked when it is read.
 * `<folder>/claims.log` says which process computes what (`claims-log.ts`).
 */
export class CompletionStore {
  readonly #folder: string;
  readonly #segmentName: string;
  readonly #partitions = new Map<string, Partition>();
  readonly #files = new SegmentFiles();
  readonly #claims: Claims;
  readonly #refresh = coalesced(() => this.#claims.lookWith(() => this.#refreshPartitions()));
  #isClosed = false;

  /** @param options.segmentName unique to this process, e.g. from its pid and start time */
  constructor(options: { folder: string; segmentName: string }) {
    this.#folder = options.folder;
    this.#segmentName = options.segmentName;
    this.#claims = new Claims(options.folder);
  }

  /** The completions of these keys in their order; null where there is none. @throws DataError when the folder cannot be read */
  async getAll(partition: string, keys: readonly string[]): Promise<(Completion | null)[]> {
    return await this.#partition(partition).getAll(keys);
  }

  /** As {@link getAll}, but at once, where the partition is open; else null. @throws DataError when the folder cannot be read */
  peekAll(partition: string, keys: readonly string[]): (Completion | null)[] | null {
    return this.#partition(partition).peekAll(keys);
  }

  /** Keeps entries; resolves when they are on disk. @throws DataError when they cannot be written; later ones may well be */
  async put(partition: string, entries: readonly Entry[]): Promise<void> {
    this.#requireOpen();
    // No process merges segments while another may write.
    await this.#claims.join();
    await this.#partition(partition).put(entries);
  }

  /**
   * Announces that this process is about to compute what `name` stands for. Where another living process of this machine, or another
   * caller in this one, announced it before, this waits until that one gave it back or died. What others put before it resolves is found
   * afterwards.
   * @returns `release` gives it back; it never throws
   * @throws DataError when the claim cannot be written down; the signal's reason when it aborts
   */
  async claim(partition: string, name: string, signal: AbortSignal): Promise<{ release: () => void }> {
    this.#requireOpen();
    const { mayHaveChanged, release } = await this.#claims.claim(claimOf(partition, name), signal);
    try {
      if (mayHaveChanged) await this.#refresh();
      return { release };
    } catch (thrown) {
      release();
      throw thrown;
    }
  }

  /**
   * Notes where the model of a partition comes from. @param origin null: nothing is noted
   * @returns what was noted first, here or in another process; null for nothing
   * @throws DataError
   */
  originOf(partition: string, origin: string | null): Promise<string | null> {
    return writeOrigin(partitionFolder(this.#folder, partition), origin);
  }

  /** How many damaged lines were passed over so far; lines that were not read are not known to be damaged. @throws DataError */
  async nDamaged(): Promise<number> {
    // What seems torn may be whole by now.
    await this.#refreshPartitions();
    return [...this.#partitions.values()].reduce((total, { counts }) => total + counts.nDamaged, 0);
  }

  /** Closes the files and gives back what was claimed. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const partition of this.#partitions.values()) await partition.close();
    await this.#claims.close();
    this.#files.close();
    this.#partitions.clear();
  }

  async #refreshPartitions(): Promise<void> {
    for (const partition of [...this.#partitions.values()]) await partition.refresh();
  }

  #requireOpen(): void {
    if (this.#isClosed) throw new Error('the completion store is closed');
  }

  #partition(identity: string): Partition {
    this.#requireOpen();
    let partition = this.#partitions.get(identity);
    if (partition === undefined) {
      const folder = partitionFolder(this.#folder, identity);
      partition = new Partition({ folder, identity, segmentName: this.#segmentName, files: this.#files });
      this.#partitions.set(identity, partition);
    }
    return partition;
  }
}
