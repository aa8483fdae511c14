// Reads the examples of a fine-tuning job, as the trainer of its method wants them.
import type { FineTuneRequest, PreferenceRequest, TrainingCourse } from '../types.js';
import { readExamples, type ExampleFormat } from './example-lines.js';
import type { FileStore } from './file-store.js';
import type { JobRequest } from './job-record.js';
import type { ModelStore } from './model-store.js';
import { preferenceFormat } from './preference-file.js';
import { trainingFormat } from './training-file.js';

/** The examples of a job, as the trainer of its method wants them. */
export type JobExamples =
  Omit<FineTuneRequest, keyof TrainingCourse> | Omit<PreferenceRequest, keyof TrainingCourse>;

/** Reads and checks the files of a job. @throws ApiError 400 for wrong lines, 404 for a file that is gone */
export async function readJobExamples(
  { trainingFile, validationFile, method }: JobRequest,
  { files, models }: { files: Pick<FileStore, 'read'>; models: ModelStore },
  signal: AbortSignal,
): Promise<JobExamples> {
  const { contextLength } = models.seed;
  const read = async <Example>(format: ExampleFormat<Example>): Promise<[Example[], Example[]]> => {
    const examplesOf = async (fileId: string, param: string): Promise<Example[]> =>
      readExamples(await files.read(fileId), format, { contextLength, param, signal });
    const training = await examplesOf(trainingFile, 'training_file');
    return [training, validationFile === null ? [] : await examplesOf(validationFile, 'validation_file')];
  };
  if (method.type === 'supervised') {
    const [sequences, validationSequences] = await read(trainingFormat);
    return { sequences, validationSequences };
  }
  const { beta, nllScale } = method;
  const [pairs, validationPairs] = await read(preferenceFormat);
  return { pairs, validationPairs, beta, nllScale };
}
