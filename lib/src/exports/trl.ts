// TRL: conversational prompt-completion and preference rows; loss falls on the completion alone by default.
// https://huggingface.co/docs/trl/dataset_formats
import { z } from 'zod';
import type { PreferenceExample, TrainingExample } from '../schema/training-example.js';
import type { DatasetFormat } from './dataset-format.js';
import {
  assistant,
  assistantSchema,
  promptSchema,
  rowFormat,
  type PreferenceRecord,
  type SftRecord,
} from './row-format.js';

const DOCUMENTATION = 'https://huggingface.co/docs/trl/dataset_formats';

const answer = z.array(assistantSchema).length(1);

export const trlFormat: DatasetFormat = {
  title: 'TRL',
  documentation: { sft: DOCUMENTATION, preference: DOCUMENTATION },
  container: 'jsonl',
  fileOf: (split) => `${split}.jsonl`,
  sft: rowFormat({
    name: 'TRL',
    schema: z.strictObject({ prompt: promptSchema, completion: answer }),
    toRow: ({ prompt, completion }: TrainingExample) => ({ prompt, completion: [assistant(completion)] }),
    fromRow: ({ prompt, completion }): SftRecord => ({ prompt, completion: completion[0]?.content ?? '' }),
  }),
  preference: rowFormat({
    name: 'TRL',
    schema: z.strictObject({ prompt: promptSchema, chosen: answer, rejected: answer }),
    toRow: ({ prompt, chosen, rejected }: PreferenceExample) => ({
      prompt,
      chosen: [assistant(chosen)],
      rejected: [assistant(rejected)],
    }),
    fromRow: ({ prompt, chosen, rejected }): PreferenceRecord => ({
      prompt,
      chosen: chosen[0]?.content ?? '',
      rejected: rejected[0]?.content ?? '',
    }),
  }),
};
