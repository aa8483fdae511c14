// Inspect: samples whose target is the verdict of the known winner, to measure judges with; the judgments are metadata.
// https://inspect.aisi.org.uk/datasets.html
import { z } from 'zod';
import { preferenceExampleSchema } from '../schema/training-example.js';
import { jsonLines, type DatasetFormat } from './dataset-format.js';
import { preferenceRows, promptSchema, sftRows } from './row-format.js';

const { pairId, instructionId, chosen, rejected, rejectedAs } = preferenceExampleSchema.shape;
const sample = { id: z.string().min(1), input: promptSchema, target: z.enum(['A', 'B']) };

export const inspectFormat: DatasetFormat = {
  title: 'Inspect',
  documentation: 'https://inspect.aisi.org.uk/datasets.html',
  isForTrainers: false,
  container: jsonLines,
  sft: sftRows({
    schema: z.strictObject({
      ...sample,
      metadata: z.strictObject({ pairId, instructionId, completion: chosen }),
    }),
    toRow: ({ prompt, verdict, ...example }, id) => ({
      id,
      input: prompt,
      target: verdict,
      metadata: {
        pairId: example.pairId,
        instructionId: example.instructionId,
        completion: example.completion,
      },
    }),
    fromRow: ({ input, target, metadata }) => ({ prompt: input, verdict: target, ...metadata }),
  }),
  preference: preferenceRows({
    schema: z.strictObject({
      ...sample,
      metadata: z.strictObject({ pairId, instructionId, chosen, rejected, rejectedAs }),
    }),
    toRow: ({ prompt, verdict, ...metadata }, id) => ({ id, input: prompt, target: verdict, metadata }),
    fromRow: ({ input, target, metadata }) => ({ prompt: input, verdict: target, ...metadata }),
  }),
};
