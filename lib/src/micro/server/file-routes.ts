// `/v1/files`: upload, list, retrieve, content, delete. Reference: https://platform.openai.com/docs/api-reference/files
import { readFile } from 'node:fs/promises';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { AutodidactError, hasErrorCode, messageOf } from '../../core/errors.js';
import { ApiError, badRequest } from './api-error.js';
import { readExamples } from './example-lines.js';
import {
  UPLOAD_PURPOSES,
  type FileDraft,
  type FileRecord,
  type FileStore,
  type UploadPurpose,
} from './file-store.js';
import { checkQuery, pageOf, type Query } from './paging.js';
import { idempotencyKeyOf } from './replay-memory.js';
import { formatOfFirstLine } from './training-file.js';

const MIB = 1024 * 1024;
/** Largest files by purpose, in bytes: as OpenAI takes them for batches. */
const MOST_BYTES: Readonly<Record<UploadPurpose, number>> = { 'fine-tune': 64 * MIB, batch: 200 * MIB };
/** No upload may have more bytes than this, whatever it is for. */
export const MOST_UPLOAD_BYTES = Math.max(...Object.values(MOST_BYTES));

/** Adds the routes. @param options.contextLength longest training example, in tokens */
export function addFileRoutes(
  app: FastifyInstance,
  files: FileStore,
  options: { contextLength: number },
): void {
  app.post('/v1/files', async (request, reply) => {
    const key = idempotencyKeyOf(request.headers);
    const upload = await readUpload(request, files);
    const { purpose, draft } = upload;
    let kept: { record: FileRecord; isReplay: boolean };
    try {
      if (draft.nBytes > MOST_BYTES[purpose]) throw tooLarge(MOST_BYTES[purpose]);
      // The lines of a batch are checked when the batch is created, and told there.
      if (purpose === 'fine-tune')
        await readExamples(await readFile(draft.path), formatOfFirstLine(), {
          contextLength: options.contextLength,
          param: 'file',
        });
      kept = await files.add(upload, key);
    } catch (thrown) {
      await files.discard(draft);
      throw thrown;
    }
    if (kept.isReplay) void reply.header('x-idempotent-replay', 'true');
    return fileView(kept.record);
  });

  app.get<{ Querystring: Query }>('/v1/files', async ({ query }) => {
    checkQuery(query, ['limit', 'after', 'order', 'purpose']);
    const { order = 'desc', purpose } = query;
    if (order !== 'asc' && order !== 'desc') {
      throw badRequest(`order: expected asc or desc, received "${String(order).slice(0, 40)}".`, {
        param: 'order',
      });
    }
    const listed = (await files.list()).filter((file) => purpose === undefined || file.purpose === purpose);
    if (order === 'asc') listed.reverse();
    return pageOf(listed.map(fileView), query, { usual: 10_000, most: 10_000 });
  });

  app.get<{ Params: { id: string } }>('/v1/files/:id', async ({ params }) =>
    fileView(await files.get(params.id)),
  );

  app.get<{ Params: { id: string } }>('/v1/files/:id/content', async ({ params }, reply) => {
    const record = await files.get(params.id);
    const handle = await files.open(record);
    return reply
      .type('application/jsonl')
      .header('content-length', record.nBytes)
      .send(handle.createReadStream());
  });

  app.delete<{ Params: { id: string } }>('/v1/files/:id', async ({ params }) => {
    await files.remove(params.id);
    return { id: params.id, object: 'file', deleted: true };
  });
}

interface Upload {
  filename: string;
  purpose: UploadPurpose;
  draft: FileDraft;
}

async function readUpload(request: FastifyRequest, files: FileStore): Promise<Upload> {
  if (!request.isMultipart()) {
    throw new ApiError(415, 'Send the file as multipart/form-data with the fields "purpose" and "file".', {
      code: 'unsupported_media_type',
    });
  }
  const { purpose, upload } = await readForm(request, files);
  const known = UPLOAD_PURPOSES.find((one) => one === purpose);
  if (known !== undefined && upload !== null) return { ...upload, purpose: known };
  if (upload !== null) await files.discard(upload.draft);
  if (known === undefined) {
    const received = typeof purpose === 'string' ? `"${purpose.slice(0, 40)}"` : 'nothing';
    throw badRequest(`purpose: expected "fine-tune" or "batch", received ${received}.`, {
      param: 'purpose',
      code: 'invalid_purpose',
    });
  }
  throw badRequest('The form has no file. Send the JSON Lines file in the field "file", with a file name.', {
    param: 'file',
    code: 'missing_file',
  });
}

/** Reads the form to its end. @throws ApiError 400 for one that is cut short or has other fields, 413 for a file too large */
async function readForm(
  request: FastifyRequest,
  files: FileStore,
): Promise<{ purpose: unknown; upload: Omit<Upload, 'purpose'> | null }> {
  let purpose: unknown;
  let upload: Omit<Upload, 'purpose'> | null = null;
  try {
    for await (const part of request.parts()) {
      if (part.type === 'file') {
        if (part.fieldname !== 'file' || upload !== null) throw unknownField(part.fieldname);
        const filename = part.filename.slice(0, 255) || 'upload.jsonl';
        upload = { filename, draft: await files.receive(part.file) };
        if (part.file.truncated) throw tooLarge(MOST_UPLOAD_BYTES);
      } else if (part.fieldname === 'purpose') purpose = part.value;
      else throw unknownField(part.fieldname);
    }
  } catch (thrown) {
    if (upload !== null) await files.discard(upload.draft);
    // What is left of the form is read and dropped, or the connection could not be used again.
    request.raw.unpipe();
    request.raw.resume();
    // Errors with a status are known; those without come from the parser, whose only input is the client's.
    if (thrown instanceof AutodidactError || thrown instanceof ApiError) throw thrown;
    if (hasErrorCode(thrown, 'FST_REQ_FILE_TOO_LARGE')) throw tooLarge(MOST_UPLOAD_BYTES);
    if (thrown instanceof Error && 'statusCode' in thrown) throw thrown;
    throw badRequest(
      `The form cannot be read, it may be cut short: ${messageOf(thrown)}. Send it again, whole.`,
      {
        code: 'invalid_form',
      },
    );
  }
  return { purpose, upload };
}

function tooLarge(mostBytes: number): ApiError {
  return new ApiError(
    413,
    `The file is too large: ${mostBytes / MIB} MiB are taken. Split it or shorten it.`,
    { code: 'file_too_large' },
  );
}

function unknownField(name: string): ApiError {
  return badRequest(`Unexpected form field "${name.slice(0, 64)}". Send one "file" and one "purpose".`, {
    param: name.slice(0, 64),
    code: 'unknown_parameter',
  });
}

function fileView(record: FileRecord): { id: string } & Record<string, unknown> {
  return {
    id: record.id,
    object: 'file',
    bytes: record.nBytes,
    created_at: Math.floor(record.createdMs / 1000),
    filename: record.filename,
    purpose: record.purpose,
    status: 'processed',
  };
}
