// Reads the form of an upload: multipart/form-data with one "file", which goes to disk as it comes, and one "purpose".
import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { Busboy, type BusboyInstance } from '@fastify/busboy';
import { AutodidactError, messageOf } from '../../core/errors.js';
import { ApiError, badRequest } from './api-error.js';
import type { FileDraft } from './file-store.js';

/** What a form holds. */
export interface UploadForm {
  /** As the client wrote it; null where it is missing. */
  purpose: string | null;
  /** Null where the form has no file. */
  file: { filename: string; draft: FileDraft } | null;
}

/**
 * Reads a form to its end, also where it is wrong, so that the client can read the answer.
 * @param options.receive writes the content of the file; rejects with what the content fails with, and leaves nothing then
 * @param options.discard removes what `receive` wrote
 * @throws ApiError 400 for a form that is cut short or has other fields, 413 for a file of more than `mostBytes`, 415 for no form
 */
export async function readUploadForm(
  request: IncomingMessage,
  options: {
    mostBytes: number;
    receive: (content: Readable) => Promise<FileDraft>;
    discard: (draft: FileDraft) => Promise<void>;
  },
): Promise<UploadForm> {
  const parser = parserOf(request, options.mostBytes);
  const form: UploadForm = { purpose: null, file: null };
  const found: { problem?: ApiError; receiving?: Promise<void> } = {};
  parser.on('field', (name, value) => {
    if (name === 'purpose') form.purpose = value;
    else found.problem ??= unknownField(name);
  });
  parser.on('filesLimit', () => (found.problem ??= unknownField('file')));
  parser.on('file', (name, content, filename) => {
    // Also when the form is cut short before the content is read.
    content.on('error', (cause) => content.destroy(cause));
    request.once('error', (cause) => content.destroy(cause));
    if (name !== 'file') {
      found.problem ??= unknownField(name);
      content.resume();
      return;
    }
    content.once('limit', () => (found.problem ??= tooLarge(options.mostBytes)));
    found.receiving = options.receive(content).then((draft) => {
      // Some clients send no name.
      const given = (filename as string | undefined)?.slice(0, 255) ?? '';
      form.file = { filename: given === '' ? 'upload.jsonl' : given, draft };
    });
    // Awaited below, after the parser.
    found.receiving.catch(() => undefined);
  });
  try {
    await new Promise<void>((resolve, reject) => {
      parser.once('finish', resolve).once('error', reject);
      request.once('error', reject);
      request.pipe(parser);
      // The content of a form that is cut short fails without an end of the parser.
      parser.on('file', () => {
        found.receiving?.catch(reject);
      });
    });
    await found.receiving;
    if (found.problem !== undefined) throw found.problem;
  } catch (thrown) {
    request.unpipe(parser);
    request.resume();
    await found.receiving?.catch(() => undefined);
    if (form.file !== null) await options.discard(form.file.draft);
    // What the parser and the connection throw is about the client's bytes.
    throw thrown instanceof ApiError || thrown instanceof AutodidactError ? thrown : badForm(thrown);
  }
  return form;
}

function parserOf(request: IncomingMessage, fileSize: number): BusboyInstance {
  const type = request.headers['content-type'] ?? '';
  if (!/^multipart\/form-data\b/i.test(type)) {
    throw new ApiError(415, 'Send the file as multipart/form-data with the fields "purpose" and "file".', {
      code: 'unsupported_media_type',
    });
  }
  try {
    return new Busboy({
      headers: { ...request.headers, 'content-type': type },
      limits: { fileSize, files: 1, fields: 4, fieldSize: 1024, headerPairs: 32 },
    });
  } catch (thrown) {
    throw badForm(thrown);
  }
}

function badForm(thrown: unknown): ApiError {
  return badRequest(
    `The form cannot be read, it may be cut short: ${messageOf(thrown)}. Send it again in full.`,
    { code: 'invalid_form' },
  );
}

/** A file with more bytes than are accepted. */
export function tooLarge(mostBytes: number): ApiError {
  const most = mostBytes / (1024 * 1024);
  return new ApiError(
    413,
    `The file is too large: at most ${most} MiB are accepted. Split it or shorten it.`,
    {
      code: 'file_too_large',
    },
  );
}

function unknownField(name: string): ApiError {
  const param = name.slice(0, 64);
  return badRequest(`Unexpected form field "${param}". Send one "file" and one "purpose".`, {
    param,
    code: 'unknown_parameter',
  });
}
