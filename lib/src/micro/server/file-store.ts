// Files that were uploaded or made here: a record and its content, in a folder that several servers may share.
import { createHash } from 'node:crypto';
import { link, open, readFile, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { hasErrorCode } from '../../core/errors.js';
import { makeFolder, writeError, writeFileAtomic } from '../../core/files.js';
import { fileHash, sha256 } from '../../core/hash.js';
import { badRequest, notFound, type ApiError } from './api-error.js';
import { RecordFolder } from './record-folder.js';
import { keyReused } from './replay-memory.js';

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

/** Content on disk that belongs to no file yet: its owner keeps or removes it. */
export interface FileDraft extends Pick<FileRecord, 'nBytes' | 'sha256'> {
  path: string;
}

/** The files of a state folder. */
export class FileStore {
  readonly #records: RecordFolder<FileRecord>;
  readonly #clock: () => number;
  readonly #newToken: () => string;

  constructor(options: {
    folder: string;
    clock: () => number;
    newToken: () => string;
    report: (failure: unknown) => void;
  }) {
    const { folder, report } = options;
    this.#records = new RecordFolder({
      folder,
      schema: fileRecord,
      idPattern: /^file-[0-9a-f]{24}$/,
      report,
    });
    this.#clock = options.clock;
    this.#newToken = options.newToken;
  }

  /** Writes content of any size as it comes in. @throws DataError; or what the stream throws, and then nothing is left */
  async receive(content: AsyncIterable<unknown>): Promise<FileDraft> {
    const path = join(this.#records.folder, `${this.#newToken()}.draft`);
    const failed = (thrown: unknown): never => {
      throw writeError(path, thrown);
    };
    await makeFolder(this.#records.folder);
    const hash = createHash('sha256');
    let nBytes = 0;
    const handle = await open(path, 'w').catch(failed);
    try {
      for await (const chunk of content) {
        const bytes = chunk as Buffer;
        hash.update(bytes);
        nBytes += bytes.length;
        await handle.appendFile(bytes).catch(failed);
      }
      await handle.sync();
    } catch (thrown) {
      await rm(path, { force: true });
      throw thrown;
    } finally {
      await handle.close();
    }
    return { path, nBytes, sha256: hash.digest('hex') };
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
    const { nBytes, sha256: hash } = draft;
    const record: FileRecord = { id, createdMs: this.#clock(), filename, purpose, nBytes, sha256: hash };
    // Content first: a record means that the file is complete. Its name holds the hash, so a wrong reuse of the key
    // does not overwrite the content of the first upload.
    await rename(draft.path, this.contentPath(record));
    if (await this.#records.create(record)) return { record, isReplay: false };
    const first = await this.#records.find(id);
    if (first === null) {
      // The record of this name is damaged.
      await this.#records.replace(record);
      return { record, isReplay: false };
    }
    if (first.sha256 === hash && first.filename === filename && first.purpose === purpose)
      return { record: first, isReplay: true };
    if (first.sha256 !== hash) await rm(this.contentPath(record), { force: true });
    throw keyReused();
  }

  /** Takes over a file of the server itself, by moving it. Its id follows from its name, so that a repeated attempt replaces the first. */
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
    await makeFolder(this.#records.folder);
    const draft = join(this.#records.folder, `${this.#newToken()}.draft`);
    try {
      await link(path, draft);
      // In place of what an earlier attempt may have left.
      await rename(draft, this.contentPath(record));
    } catch (thrown) {
      throw writeError(this.contentPath(record), thrown);
    }
    await writeFileAtomic(this.#records.pathOf(record.id), JSON.stringify(record));
    return record;
  }

  /** The file of this id, or null. */
  find(id: string): Promise<FileRecord | null> {
    return this.#records.find(id);
  }

  /** The file of this id. @throws ApiError 404, or what `missing` makes of the message */
  async get(id: string, missing: (message: string) => ApiError = notFound): Promise<FileRecord> {
    const record = await this.find(id);
    if (record !== null) return record;
    throw missing(
      `There is no file "${id.slice(0, 100)}" here. GET /v1/files lists the files; POST /v1/files adds one.`,
    );
  }

  /** The file that the parameter of a request names. @throws ApiError 400 when it is missing or was uploaded for something else */
  async named(
    id: string,
    { param, purpose }: { param: string; purpose: UploadPurpose },
  ): Promise<FileRecord> {
    const file = await this.get(id, (message) => badRequest(message, { param, code: 'file_not_found' }));
    if (file.purpose === purpose) return file;
    const message = `${param}: expected a file uploaded with the purpose "${purpose}", received one for "${file.purpose}".`;
    throw badRequest(message, { param, code: 'invalid_purpose' });
  }

  /** All files, newest first. */
  list(): Promise<FileRecord[]> {
    return this.#records.list();
  }

  /** The content of a file. @throws ApiError 404, also when it was changed on disk */
  async read(id: string): Promise<Buffer> {
    const record = await this.get(id);
    const content = await readFile(this.contentPath(record)).catch((thrown: unknown) => {
      throw missingContent(record, thrown);
    });
    requireUnchanged(record, sha256(content));
    return content;
  }

  /** Opens a file to be streamed. @throws ApiError 404 when it has just been deleted, or was changed on disk */
  async open(record: FileRecord): Promise<FileHandle> {
    const hash = await fileHash(this.contentPath(record)).catch((thrown: unknown) => {
      throw missingContent(record, thrown);
    });
    requireUnchanged(record, hash);
    return open(this.contentPath(record)).catch((thrown: unknown) => {
      throw missingContent(record, thrown);
    });
  }

  /** Where the content of a file is. */
  contentPath({ id, sha256: hash }: FileRecord): string {
    return this.#records.pathOf(id, `.${hash.slice(0, 16)}.jsonl`);
  }

  /** Deletes a file. @throws ApiError 404 */
  async remove(id: string): Promise<void> {
    const record = await this.get(id);
    await this.#records.remove(id);
    await rm(this.contentPath(record), { force: true });
  }
}

function requireUnchanged({ id, sha256: recorded }: FileRecord, found: string): void {
  if (found !== recorded)
    throw notFound(`The content of the file "${id}" was changed or damaged on disk. Upload it again.`);
}

function missingContent({ id }: FileRecord, thrown: unknown): unknown {
  return hasErrorCode(thrown, 'ENOENT')
    ? notFound(`The file "${id}" has been deleted. Upload it again.`)
    : thrown;
}
