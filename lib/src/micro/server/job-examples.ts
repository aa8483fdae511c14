// Reads the examples of a fine-tuning job, as the trainer of its method wants them; supervised lines are `{messages: [..., assistant]}`.
// Reference: https://platform.openai.com/docs/guides/supervised-fine-tuning#formatting-your-data
import { z } from 'zod';
import { encodeTrainingChat } from '../tokenizer.js';
import type {
  FineTuneRequest,
  PreferenceRequest,
  ReinforcementRequest,
  TrainingCourse,
  TrainingSequence,
} from '../types.js';
import { assertLength, fitting, readExamples, type ExampleFormat } from './example-lines.js';
import type { FileStore } from './file-store.js';
import type { JobRequest } from './job-store.js';
import type { ModelStore } from './model-store.js';
import { isPreferenceLine, preferenceFormat } from './preference-file.js';
import { isPromptLine, promptFormat } from './reinforcement-file.js';

const trainingLine = z.strictObject({
  messages: z
    .array(
      z.strictObject({
        role: z.enum(['system', 'user', 'assistant']),
        content: z.string(),
        weight: z.union([z.literal(0), z.literal(1)]).optional(),
      }),
    )
    .min(2),
});

/** Training sequences: loss falls on the last message, which is the assistant's. */
const trainingFormat: ExampleFormat<TrainingSequence> = {
  shape:
    '{"messages": [{"role": "user", "content": "..."}, {"role": "assistant", "content": "..."}]}, or of preference pairs for ' +
    'the method "dpo"',
  readLine: (parsed, contextLength) => {
    if (isPromptLine(parsed))
      throw new Error('a prompt to be graded; the method "reinforcement" trains on those');
    if (isPreferenceLine(parsed)) throw new Error('a preference pair; the method "dpo" trains on those');
    const { messages } = fitting(parsed, trainingLine);
    for (const [index, { role, weight }] of messages.entries()) {
      if (weight === undefined) continue;
      const isLast = index === messages.length - 1;
      // DEVIATION from the OpenAI API, which can also learn from earlier replies of the assistant.
      if (role !== 'assistant' || weight !== (isLast ? 1 : 0)) {
        throw new Error(`messages.${index}.weight: only the last reply is learned from; leave weights out`);
      }
    }
    const sequence = encodeTrainingChat(messages);
    assertLength(sequence, contextLength);
    return sequence;
  },
};

/** Examples of the method that is detected from the first line: an upload does not name it. */
export function formatOfFirstLine(): ExampleFormat<unknown> {
  let found: ExampleFormat<unknown> | null = null;
  return {
    get shape() {
      return (found ?? trainingFormat).shape;
    },
    readLine: (parsed, contextLength) => {
      found ??= isPreferenceLine(parsed)
        ? preferenceFormat
        : isPromptLine(parsed)
          ? promptFormat(null)
          : trainingFormat;
      return found.readLine(parsed, contextLength);
    },
  };
}

/** The examples of a job, as the trainer of its method wants them. */
export type JobExamples =
  | Omit<FineTuneRequest, keyof TrainingCourse>
  | Omit<PreferenceRequest, keyof TrainingCourse>
  | Omit<ReinforcementRequest, keyof TrainingCourse>;

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
  if (method.type === 'reinforcement') {
    const { groupSize, nUpdates, clip, klScale } = method;
    const [prompts, validationPrompts] = await read(promptFormat(method.grader));
    return { prompts, validationPrompts, groupSize, nUpdates, clip, klScale };
  }
  const { beta, nllScale } = method;
  const [pairs, validationPairs] = await read(preferenceFormat);
  return { pairs, validationPairs, beta, nllScale };
}
