// `/v1/files`: upload, list, retrieve, content, delete. Reference: https://platform.openai.com/docs/api-reference/files
import { readFile, rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { badRequest } from './api-error.js';
import { readExamples } from './example-lines.js';
import { UPLOAD_PURPOSES, type FileRecord, type UploadPurpose } from './file-store.js';
import type { Exchange, Route } from './http-server.js';
import { formatOfFirstLine } from './job-examples.js';
import { pageOf, pageQuery, seconds, type View } from './paging.js';
import { idempotencyKeyOf } from './replay-memory.js';
import { parseQuery } from './request-body.js';
import type { ServerContext } from './server-context.js';
import { readUploadForm, tooLarge, type UploadForm } from './upload-form.js';

const MIB = 1024 * 1024;
/** Largest files by purpose, in bytes: as OpenAI accepts them for batches. */
const MOST_BYTES: Readonly<Record<UploadPurpose, number>> = { 'fine-tune': 64 * MIB, batch: 200 * MIB };

const listQuery = pageQuery(10_000, 10_000).extend({
  order: z.enum(['asc', 'desc'], { error: 'expected asc or desc' }).default('desc'),
  purpose: z.string().optional(),
});

/** The routes. */
export function fileRoutes({ files, models }: ServerContext): Route[] {
  const upload = async ({ request, response }: Exchange): Promise<unknown> => {
    const key = idempotencyKeyOf(request.headers);
    const form = await readUploadForm(request, {
      mostBytes: Math.max(...Object.values(MOST_BYTES)),
      receive: (content) => files.receive(content),
      discard: ({ path }) => rm(path, { force: true }),
    });
    try {
      const { draft, filename, purpose } = checkForm(form);
      if (draft.nBytes > MOST_BYTES[purpose]) throw tooLarge(MOST_BYTES[purpose]);
      // The lines of a batch are checked when the batch is created, and their problems are in its view.
      if (purpose === 'fine-tune') {
        const rules = { contextLength: models.seed.contextLength, param: 'file' };
        await readExamples(await readFile(draft.path), formatOfFirstLine(), rules);
      }
      const { record, isReplay } = await files.add({ draft, filename, purpose }, key);
      if (isReplay) response.setHeader('x-idempotent-replay', 'true');
      return fileView(record);
    } finally {
      // Gone already where the file was added.
      if (form.file !== null) await rm(form.file.draft.path, { force: true });
    }
  };

  const list = async ({ query }: Exchange): Promise<unknown> => {
    const { order, purpose, ...page } = parseQuery(query, listQuery);
    const listed = (await files.list()).filter((file) => purpose === undefined || file.purpose === purpose);
    if (order === 'asc') listed.reverse();
    return pageOf(listed.map(fileView), page);
  };

  const content = async ({ id, response }: Exchange): Promise<void> => {
    const record = await files.get(id);
    const handle = await files.open(record);
    response.writeHead(200, { 'content-type': 'application/jsonl', 'content-length': record.nBytes });
    await pipeline(handle.createReadStream(), response);
  };

  const path = '/v1/files';
  return [
    { method: 'POST', path, readsBody: true, handle: upload },
    { method: 'GET', path, handle: list },
    { method: 'GET', path: `${path}/:id`, handle: async ({ id }) => fileView(await files.get(id)) },
    { method: 'GET', path: `${path}/:id/content`, handle: content },
    {
      method: 'DELETE',
      path: `${path}/:id`,
      handle: async ({ id }) => {
        await files.remove(id);
        return { id, object: 'file', deleted: true };
      },
    },
  ];
}

/** @throws ApiError 400 for a form without a file, or for no known purpose */
function checkForm({
  purpose,
  file,
}: UploadForm): NonNullable<UploadForm['file']> & { purpose: UploadPurpose } {
  const known = UPLOAD_PURPOSES.find((one) => one === purpose);
  if (known === undefined) {
    const received = purpose === null ? 'nothing' : `"${purpose.slice(0, 40)}"`;
    throw badRequest(`purpose: expected "fine-tune" or "batch", received ${received}.`, {
      param: 'purpose',
      code: 'invalid_purpose',
    });
  }
  if (file !== null) return { ...file, purpose: known };
  throw badRequest('The form has no file. Send the JSON Lines file in the field "file", with a file name.', {
    param: 'file',
    code: 'missing_file',
  });
}

function fileView(record: FileRecord): View {
  return {
    id: record.id,
    object: 'file',
    bytes: record.nBytes,
    created_at: seconds(record.createdMs),
    filename: record.filename,
    purpose: record.purpose,
    status: 'processed',
  };
}
