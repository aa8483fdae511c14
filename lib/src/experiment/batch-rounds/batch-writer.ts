// Writes requests into batch files: one model a file, split by the limits, with an index beside them.
import { batchLine, type BatchLimits } from '../../model/batch-file.js';
import type { ExtraBody } from '../../model/index.js';
import type { ExportedRequest } from '../../model/export-endpoint.js';
import type { RecordWriter, RunFolder } from '../../store/index.js';
import { ROUND_FILES, type IndexEntry, type RequestFile } from './batch-round.js';

/** A file that is being written. */
interface OpenFile {
  facts: RequestFile;
  lines: RecordWriter;
}

/** The files of one round. */
export class BatchWriter {
  readonly #folder: RunFolder;
  readonly #limits: BatchLimits;
  readonly #index: RecordWriter;
  /** The last file of each model. */
  readonly #open = new Map<string, OpenFile>();
  readonly #files: RequestFile[] = [];
  /** Requests are written one after the other. */
  #last: Promise<unknown> = Promise.resolve();

  readonly #extraBodyOf: (model: string) => ExtraBody;

  private constructor(
    folder: RunFolder,
    options: { limits: BatchLimits; extraBodyOf: (model: string) => ExtraBody; index: RecordWriter },
  ) {
    this.#folder = folder;
    this.#limits = options.limits;
    this.#extraBodyOf = options.extraBodyOf;
    this.#index = options.index;
  }

  /** Starts a round in an empty folder. @param options.extraBodyOf further fields of the requests for a model @throws DataError */
  static async create(
    folder: RunFolder,
    options: { limits: BatchLimits; extraBodyOf: (model: string) => ExtraBody },
  ): Promise<BatchWriter> {
    const index = await folder.createRecords(ROUND_FILES.index);
    return new BatchWriter(folder, { ...options, index });
  }

  /**
   * Writes a request and where its completions belong.
   * @returns false for one that is larger than a file may be; it is not written
   * @throws DataError
   */
  write(exported: ExportedRequest): Promise<boolean> {
    const extraBody = this.#extraBodyOf(exported.request.model);
    const line = batchLine(exported.customId, exported.request, { extraBody });
    const nBytes = Buffer.byteLength(line) + 1;
    if (nBytes > this.#limits.maxBytes) return Promise.resolve(false);
    const written = this.#last.then(async () => {
      const file = await this.#fileFor(exported.request.model, nBytes);
      await file.lines.writeLine(line);
      file.facts.nRequests++;
      file.facts.nBytes += nBytes;
      await this.#index.write(indexEntryOf(exported));
      return true;
    });
    // The next write reports its own failure.
    this.#last = written.catch(() => undefined);
    return written;
  }

  /** Makes everything durable. @returns the files in the order in which they were begun @throws DataError */
  async commit(): Promise<RequestFile[]> {
    await this.#last;
    for (const { lines } of this.#open.values()) await lines.commit();
    await this.#index.commit();
    return this.#files;
  }

  /** Removes what was written. */
  async discard(): Promise<void> {
    await this.#last;
    for (const { lines } of this.#open.values()) await lines.discard();
    await this.#index.discard();
  }

  async #fileFor(model: string, nBytes: number): Promise<OpenFile> {
    const current = this.#open.get(model);
    const { maxRequests, maxBytes } = this.#limits;
    if (current && current.facts.nRequests < maxRequests && current.facts.nBytes + nBytes <= maxBytes)
      return current;
    if (current) await current.lines.commit();
    const name = `requests-${String(this.#files.length + 1).padStart(4, '0')}.jsonl`;
    const facts = { name, model, nRequests: 0, nBytes: 0 };
    const file = { facts, lines: await this.#folder.createRecords(name) };
    this.#files.push(facts);
    this.#open.set(model, file);
    return file;
  }
}

function indexEntryOf({ customId, partition, keys, request }: ExportedRequest): IndexEntry {
  const { model, sampling, seed, promptVersion } = request;
  return { customId, partition, keys: [...keys], model, sampling, seed, promptVersion };
}
