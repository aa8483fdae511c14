// Uploaded files: a record and its content, in a folder that several servers may share.
import { createExclusive } from '../../core/files.js';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { hasErrorCode } from '../../core/errors.js';
import { sha256 } from '../../core/hash.js';
import { notFound, type ApiError } from './api-error.js';
import { keyReused } from './replay-memory.js';
import { fileNames, readRecord, writeImmutable } from './state-files.js';

const fileRecord = z.object({
  id: z.string(),
  createdMs: z.number(),
  filename: z.string(),
  purpose: z.literal('fine-tune'),
  nBytes: z.number(),
  /** SHA-256 of the content. */
  sha256: z.string(),
});

/** What is on disk about an uploaded file. */
export type FileRecord = z.infer<typeof fileRecord>;

const fileId = /^file-[0-9a-f]{24}$/;

/** The uploaded files of a state folder. */
export class FileStore {
  readonly #folder: string;
  readonly #clock: () => number;
  readonly #newToken: () => string;

  constructor(options: { folder: string; clock: () => number; newToken: () => string }) {
    this.#folder = options.folder;
    this.#clock = options.clock;
    this.#newToken = options.newToken;
  }

  /**
   * Keeps an upload. Under an idempotency key the id follows from the key, so a repeated upload finds the first one, also
   * after a restart and at another server of the folder.
   * @throws ApiError 422 when the key was used for other content
   */
  async add(
    upload: { filename: string; content: Buffer },
    key: string | null,
  ): Promise<{ record: FileRecord; isReplay: boolean }> {
    const id = `file-${key === null ? this.#newToken() : sha256(`file\u0000${key}`).slice(0, 24)}`;
    const record: FileRecord = {
      id,
      createdMs: this.#clock(),
      filename: upload.filename,
      purpose: 'fine-tune',
      nBytes: upload.content.length,
      sha256: sha256(upload.content),
    };
    // Content first: a record means that the file is complete. Its name holds the hash, so a wrong reuse of the key
    // does not overwrite what the first upload left.
    await writeImmutable(this.#contentPath(record), upload.content);
    if (await createExclusive(this.#recordPath(id), JSON.stringify(record)))
      return { record, isReplay: false };
    const first = await this.find(id);
    if (first?.sha256 === record.sha256 && first.filename === record.filename)
      return { record: first, isReplay: true };
    if (first?.sha256 !== record.sha256) await rm(this.#contentPath(record), { force: true });
    throw keyReused();
  }

  /** The file of this id, or null. */
  async find(id: string): Promise<FileRecord | null> {
    return fileId.test(id) ? readRecord(this.#recordPath(id), fileRecord) : null;
  }

  /** The file of this id. @throws ApiError 404, or with `status` another one */
  async get(id: string, missing: (message: string) => ApiError = notFound): Promise<FileRecord> {
    const record = await this.find(id);
    if (record !== null) return record;
    throw missing(
      `There is no file "${id.slice(0, 100)}" here. GET /v1/files lists the files; POST /v1/files adds one.`,
    );
  }

  /** All files, newest first. */
  async list(): Promise<FileRecord[]> {
    const names = (await fileNames(this.#folder)).filter((name) => name.endsWith('.json'));
    const records = await Promise.all(names.map((name) => readRecord(join(this.#folder, name), fileRecord)));
    return records
      .filter((record) => record !== null)
      .sort((a, b) => b.createdMs - a.createdMs || (a.id < b.id ? -1 : 1));
  }

  /** The bytes of a file. @throws ApiError 404 when it is deleted in this moment */
  async read(record: FileRecord): Promise<Buffer> {
    try {
      return await readFile(this.#contentPath(record));
    } catch (thrown) {
      if (hasErrorCode(thrown, 'ENOENT'))
        throw notFound(`The file "${record.id}" has been deleted. Upload it again.`);
      throw thrown;
    }
  }

  /** Deletes a file. @throws ApiError 404 */
  async remove(id: string): Promise<void> {
    const record = await this.get(id);
    await rm(this.#recordPath(id), { force: true });
    await rm(this.#contentPath(record), { force: true });
  }

  #recordPath(id: string): string {
    return join(this.#folder, `${id}.json`);
  }

  #contentPath({ id, sha256: hash }: FileRecord): string {
    return join(this.#folder, `${id}.${hash.slice(0, 16)}.jsonl`);
  }
}
