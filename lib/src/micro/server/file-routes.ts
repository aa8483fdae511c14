// `/v1/files`: upload, list, retrieve, content, delete. Reference: https://platform.openai.com/docs/api-reference/files
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { messageOf } from '../../core/errors.js';
import { ApiError, badRequest } from './api-error.js';
import type { FileRecord, FileStore } from './file-store.js';
import { checkQuery, pageOf, type Query } from './paging.js';
import { idempotencyKeyOf } from './replay-memory.js';
import { readTrainingFile } from './training-file.js';

/** Adds the routes. @param options.contextLength longest training example, in tokens */
export function addFileRoutes(
  app: FastifyInstance,
  files: FileStore,
  options: { contextLength: number },
): void {
  app.post('/v1/files', async (request, reply) => {
    const key = idempotencyKeyOf(request.headers);
    const upload = await readUpload(request);
    await readTrainingFile(upload.content, { contextLength: options.contextLength, param: 'file' });
    const { record, isReplay } = await files.add(upload, key);
    if (isReplay) void reply.header('x-idempotent-replay', 'true');
    return fileView(record);
  });

  app.get<{ Querystring: Query }>('/v1/files', async ({ query }) => {
    checkQuery(query, ['limit', 'after', 'order', 'purpose']);
    const { order = 'desc', purpose = 'fine-tune' } = query;
    if (order !== 'asc' && order !== 'desc') {
      throw badRequest(`order: expected asc or desc, received "${String(order).slice(0, 40)}".`, {
        param: 'order',
      });
    }
    const listed = purpose === 'fine-tune' ? await files.list() : [];
    if (order === 'asc') listed.reverse();
    return pageOf(listed.map(fileView), query, { usual: 10_000, most: 10_000 });
  });

  app.get<{ Params: { id: string } }>('/v1/files/:id', async ({ params }) =>
    fileView(await files.get(params.id)),
  );

  app.get<{ Params: { id: string } }>('/v1/files/:id/content', async ({ params }, reply) =>
    reply.type('application/jsonl').send(await files.read(await files.get(params.id))),
  );

  app.delete<{ Params: { id: string } }>('/v1/files/:id', async ({ params }) => {
    await files.remove(params.id);
    return { id: params.id, object: 'file', deleted: true };
  });
}

async function readUpload(request: FastifyRequest): Promise<{ filename: string; content: Buffer }> {
  if (!request.isMultipart()) {
    throw new ApiError(415, 'Send the file as multipart/form-data with the fields "purpose" and "file".', {
      code: 'unsupported_media_type',
    });
  }
  const { purpose, upload } = await readForm(request);
  if (purpose !== 'fine-tune') {
    const received = typeof purpose === 'string' ? `"${purpose.slice(0, 40)}"` : 'nothing';
    throw badRequest(`purpose: expected "fine-tune", the only one offered here, received ${received}.`, {
      param: 'purpose',
      code: 'invalid_purpose',
    });
  }
  if (upload === null) {
    throw badRequest(
      'The form has no file. Send the JSON Lines file in the field "file", with a file name.',
      {
        param: 'file',
        code: 'missing_file',
      },
    );
  }
  return upload;
}

/** Reads the form to its end. @throws ApiError 400 for one that is cut short or has other fields */
async function readForm(request: FastifyRequest): Promise<{
  purpose: unknown;
  upload: { filename: string; content: Buffer } | null;
}> {
  let purpose: unknown;
  let upload: { filename: string; content: Buffer } | null = null;
  try {
    for await (const part of request.parts()) {
      if (part.type === 'file') {
        if (part.fieldname !== 'file' || upload !== null) throw unknownField(part.fieldname);
        upload = { filename: part.filename.slice(0, 255) || 'upload.jsonl', content: await part.toBuffer() };
      } else if (part.fieldname === 'purpose') purpose = part.value;
      else throw unknownField(part.fieldname);
    }
  } catch (thrown) {
    // What is left of the form is read and dropped, or the connection could not be used again.
    request.raw.unpipe();
    request.raw.resume();
    // Errors with a status are known; those without come from the parser, whose only input is the client's.
    if (thrown instanceof ApiError || (thrown instanceof Error && 'statusCode' in thrown)) throw thrown;
    throw badRequest(`The form cannot be read: ${messageOf(thrown)}. Send it again, whole.`, {
      code: 'invalid_form',
    });
  }
  return { purpose, upload };
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
