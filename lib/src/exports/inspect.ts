// Inspect: samples whose target is the verdict of the known winner, to measure judges with; the judgments are metadata.
// https://inspect.aisi.org.uk/datasets.html
import { z } from 'zod';
import {
  preferenceExampleSchema,
  type PreferenceExample,
  type TrainingExample,
} from '../schema/training-example.js';
import type { DatasetFormat } from './dataset-format.js';
import { promptSchema, rowFormat, type PreferenceRecord, type SftRecord } from './row-format.js';

const DOCUMENTATION = 'https://inspect.aisi.org.uk/datasets.html';

const sample = { id: z.string().min(1), input: promptSchema, target: z.enum(['A', 'B']) };
const ids = { pairId: z.string().min(1), instructionId: z.string().min(1) };
const judgment = z.string().min(1);

export const inspectFormat: DatasetFormat = {
  title: 'Inspect',
  documentation: { sft: DOCUMENTATION, preference: DOCUMENTATION },
  container: 'jsonl',
  fileOf: (split) => `${split}.jsonl`,
  sft: rowFormat({
    name: 'Inspect',
    schema: z.strictObject({ ...sample, metadata: z.strictObject({ ...ids, completion: judgment }) }),
    toRow: ({ pairId, instructionId, prompt, completion, verdict }: TrainingExample, id) => ({
      id,
      input: prompt,
      target: verdict,
      metadata: { pairId, instructionId, completion },
    }),
    fromRow: ({ input, target, metadata }): SftRecord => ({ prompt: input, verdict: target, ...metadata }),
  }),
  preference: rowFormat({
    name: 'Inspect',
    schema: z.strictObject({
      ...sample,
      metadata: z.strictObject({
        ...ids,
        chosen: judgment,
        rejected: judgment,
        rejectedAs: preferenceExampleSchema.shape.rejectedAs,
      }),
    }),
    toRow: ({ prompt, verdict, ...metadata }: PreferenceExample, id) => ({
      id,
      input: prompt,
      target: verdict,
      metadata,
    }),
    fromRow: ({ input, target, metadata }): PreferenceRecord => ({
      prompt: input,
      verdict: target,
      ...metadata,
    }),
  }),
};
