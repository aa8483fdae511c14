// A file that a request names, which must be there and have been uploaded for what it is named for.
import { badRequest } from './api-error.js';
import type { FileRecord, FileStore } from './file-store.js';

/** The file of this id. @throws ApiError 400 naming the parameter when it is missing or was uploaded for something else */
export async function namedFile(
  files: FileStore,
  fileId: string,
  { param, purpose }: { param: string; purpose: FileRecord['purpose'] },
): Promise<FileRecord> {
  const file = await files.get(fileId, (message) => badRequest(message, { param, code: 'file_not_found' }));
  if (file.purpose === purpose) return file;
  const message = `${param}: expected a file uploaded with the purpose "${purpose}", received one for "${file.purpose}".`;
  throw badRequest(message, { param, code: 'invalid_purpose' });
}
