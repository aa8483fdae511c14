// Files that were uploaded or made here: a record and its content, in a folder that several servers may share.
import { createHash } from 'node:crypto';
import { link, open, readFile, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { hasErrorCode } from '../../core/errors.js';
import { createExclusive, makeFolder, writeError, writeFileAtomic } from '../../core/files.js';
import { fileHash, sha256 } from '../../core/hash.js';
import { notFound, type ApiError } from './api-error.js';
import { keyReused } from './replay-memory.js';
import { fileNames, readRecord } from './state-files.js';

/** What a client may upload a file for. */
export const UPLOAD_PURPOSES = ['fine-tune', 'batch'] as const;
/** What a client may upload a file for. */
export type UploadPurpose = (typeof UPLOAD_PURPOSES)[number];

const fileRecord = z.object({
  id: z.string(),
  createdMs: z.number(),
  filename: z.string(),
  purpose: z.enum([...UPLOAD_PURPOSES, 'batch_output']),
  nBytes: z.number(),
  /** SHA-256 of the content. */
  sha256: z.string(),
});

/** What is on disk about a file. */
export type FileRecord = z.infer<typeof fileRecord>;

/** Content on disk that is no file yet: its owner keeps or removes it. */
export interface FileDraft {
  path: string;
  nBytes: number;
  /** SHA-256 of the content. */
  sha256: string;
}

const fileId = /^file-[0-9a-f]{24}$/;

/** The files of a state folder. */
export class FileStore {
  readonly #folder: string;
  readonly #clock: () => number;
  readonly #newToken: () => string;

  constructor(options: { folder: string; clock: () => number; newToken: () => string }) {
    this.#folder = options.folder;
    this.#clock = options.clock;
    this.#newToken = options.newToken;
  }

  /** Writes content as it comes in, of whatever size. @throws DataError; whatever the stream throws, and nothing is left then */
  async receive(content: AsyncIterable<unknown>): Promise<FileDraft> {
    const path = join(this.#folder, `${this.#newToken()}.draft`);
    await makeFolder(this.#folder);
    const hash = createHash('sha256');
    let nBytes = 0;
    const handle = await openDraft(path);
    try {
      for await (const chunk of content) {
        const bytes = chunk as Buffer;
        hash.update(bytes);
        nBytes += bytes.length;
        await handle.appendFile(bytes).catch((thrown: unknown) => {
          throw writeError(path, thrown);
        });
      }
      await handle.sync();
    } catch (thrown) {
      await handle.close();
      await rm(path, { force: true });
      throw thrown;
    }
    await handle.close();
    return { path, nBytes, sha256: hash.digest('hex') };
  }

  /** Removes content that is not wanted. */
  async discard(draft: FileDraft): Promise<void> {
    await rm(draft.path, { force: true });
  }

  /**
   * Keeps an upload. Under an idempotency key the id follows from the key, so a repeated upload finds the first one, also
   * after a restart and at another server of the folder.
   * @throws ApiError 422 when the key was used for other content
   */
  async add(
    upload: { filename: string; purpose: UploadPurpose; draft: FileDraft },
    key: string | null,
  ): Promise<{ record: FileRecord; isReplay: boolean }> {
    const { filename, purpose, draft } = upload;
    const id = `file-${key === null ? this.#newToken() : sha256(`file\u0000${key}`).slice(0, 24)}`;
    const record: FileRecord = {
      id,
      createdMs: this.#clock(),
      filename,
      purpose,
      nBytes: draft.nBytes,
      sha256: draft.sha256,
    };
    // Content first: a record means that the file is complete. Its name holds the hash, so a wrong reuse of the key
    // does not overwrite what the first upload left.
    await rename(draft.path, this.contentPath(record));
    if (await createExclusive(this.#recordPath(id), JSON.stringify(record)))
      return { record, isReplay: false };
    const first = await this.find(id);
    if (first?.sha256 === record.sha256 && first.filename === filename && first.purpose === purpose)
      return { record: first, isReplay: true };
    if (first?.sha256 !== record.sha256) await rm(this.contentPath(record), { force: true });
    throw keyReused();
  }

  /**
   * Takes a file of the server's own over, by moving it. Its id follows from its name; a file of that name that is there already,
   * from an attempt that was cut short, gives way.
   */
  async adopt(
    path: string,
    { filename, purpose }: Pick<FileRecord, 'filename' | 'purpose'>,
  ): Promise<FileRecord> {
    const record: FileRecord = {
      id: `file-${sha256(`adopted\u0000${filename}`).slice(0, 24)}`,
      createdMs: this.#clock(),
      filename,
      purpose,
      nBytes: (await stat(path)).size,
      sha256: await fileHash(path),
    };
    await makeFolder(this.#folder);
    await link(path, this.contentPath(record)).catch((thrown: unknown) => {
      if (!hasErrorCode(thrown, 'EEXIST')) throw writeError(this.contentPath(record), thrown);
    });
    await writeFileAtomic(this.#recordPath(record.id), JSON.stringify(record));
    return record;
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
    return readFile(this.contentPath(record)).catch((thrown: unknown) => {
      throw missingContent(record, thrown);
    });
  }

  /** Opens a file to be streamed. @throws ApiError 404 when it is deleted in this moment */
  async open(record: FileRecord): Promise<FileHandle> {
    return open(this.contentPath(record)).catch((thrown: unknown) => {
      throw missingContent(record, thrown);
    });
  }

  /** Where the bytes of a file are. */
  contentPath({ id, sha256: hash }: FileRecord): string {
    return join(this.#folder, `${id}.${hash.slice(0, 16)}.jsonl`);
  }

  /** Deletes a file. @throws ApiError 404 */
  async remove(id: string): Promise<void> {
    const record = await this.get(id);
    await rm(this.#recordPath(id), { force: true });
    await rm(this.contentPath(record), { force: true });
  }

  #recordPath(id: string): string {
    return join(this.#folder, `${id}.json`);
  }
}

async function openDraft(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'w');
  } catch (thrown) {
    throw writeError(path, thrown);
  }
}

function missingContent({ id }: FileRecord, thrown: unknown): unknown {
  return hasErrorCode(thrown, 'ENOENT')
    ? notFound(`The file "${id}" has been deleted. Upload it again.`)
    : thrown;
}
