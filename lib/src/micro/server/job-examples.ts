// Reads the examples of a fine-tuning job, as the trainer of its method wants them.
import { readExamples, type ExampleFormat } from './example-lines.js';
import type { JobRequest } from './job-record.js';
import type { JobExamples } from './job-training.js';
import { preferenceFormat } from './preference-file.js';
import { trainingFormat } from './training-file.js';

/**
 * A reader of the examples of jobs.
 * @param contentOf the content of a file by its id
 * @param contextLength longest example, in tokens
 */
export function exampleReader(
  contentOf: (fileId: string) => Promise<Buffer>,
  contextLength: number,
): (request: JobRequest, signal: AbortSignal) => Promise<JobExamples> {
  return async ({ trainingFile, validationFile, method }, signal) => {
    const read = async <Example>(format: ExampleFormat<Example>): Promise<[Example[], Example[]]> => {
      const examplesOf = async (fileId: string, param: string): Promise<Example[]> =>
        readExamples(await contentOf(fileId), format, { contextLength, param, signal });
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
  };
}
