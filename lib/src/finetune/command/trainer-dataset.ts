// Training sets in the formats of other trainers, made from the file in the OpenAI format that a job is submitted with.
import { resolve } from 'node:path';
import { contentHash } from '../../core/hash.js';
import {
  exportDataset,
  readExport,
  type ExampleOf,
  type ExportKind,
  type ExportRequest,
} from '../../exports/index.js';

/**
 * Writes a training or validation set in a trainer's format, whole or not at all.
 * @returns the absolute path of the file of rows; the other files of the format are in the same folder
 * @throws DataError
 */
export async function writeTrainerDataset(
  sourcePath: string,
  target: Pick<ExportRequest, 'kind' | 'format' | 'folder' | 'name'>,
): Promise<string> {
  const train = examplesIn(sourcePath, target.kind);
  const { files } = await exportDataset({ ...target, train } as ExportRequest);
  // The file of rows comes before the files beside it.
  return resolve(target.folder, files[0]?.path ?? '');
}

/** Fields that the OpenAI format does not keep get values that tell examples and prompts apart. */
async function* examplesIn(path: string, kind: ExportKind): AsyncGenerator<ExampleOf<ExportKind>> {
  let number = 0;
  for await (const record of readExport(path, { format: 'openai', kind })) {
    const instructionId = `prompt-${contentHash(record.prompt).slice(0, 16)}`;
    // No trainer's format keeps the verdict.
    yield { ...record, pairId: `example-${++number}`, instructionId, verdict: 'A' };
  }
}
