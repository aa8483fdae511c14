// Training sets in the formats of other trainers, made from the OpenAI training file of a job.
import { join } from 'node:path';
import { z } from 'zod';
import { DataError } from '../../core/errors.js';
import { contentHash } from '../../core/hash.js';
import { readJsonl } from '../../core/jsonl.js';
import { exportDataset } from '../../exports/index.js';
import type { DatasetToWrite } from '../../finetune/index.js';
import { chatMessageSchema, type ChatMessage } from '../../schema/chat.js';
import type { PreferenceExample, TrainingExample } from '../../schema/training-example.js';

const supervisedSchema = z.object({ messages: z.array(chatMessageSchema).min(2) });
const outputSchema = z.tuple([chatMessageSchema]);
const preferenceSchema = z.object({
  input: z.object({ messages: z.array(chatMessageSchema).min(1) }),
  preferred_output: outputSchema,
  non_preferred_output: outputSchema,
});

/**
 * Writes a training or validation set in a trainer's format, whole or not at all.
 * @returns the path of the file that holds the rows; what the format needs besides it is in the same folder
 * @throws DataError
 */
export async function writeTrainerDataset({
  sourcePath,
  method,
  role,
  format,
  folder,
}: DatasetToWrite): Promise<string> {
  // A folder for each, since formats choose the names of their files.
  const place = { format, folder: join(folder, `${role}-set`), name: role };
  const { files } =
    method === 'dpo'
      ? await exportDataset({ ...place, kind: 'preference', train: preferencesIn(sourcePath) })
      : await exportDataset({ ...place, kind: 'sft', train: examplesIn(sourcePath) });
  const rows = files.find(({ split }) => split === 'train');
  if (rows) return join(place.folder, rows.path);
  throw new DataError({
    subject: place.folder,
    expected: `a file of rows in the format ${format}`,
    received: 'none',
    remedy: 'Choose another format for the trainer.',
  });
}

/** Ids that the file does not hold, derived from its content. */
function namesOf(prompt: readonly ChatMessage[], number: number): { pairId: string; instructionId: string } {
  return { pairId: `example-${number}`, instructionId: `prompt-${contentHash(prompt).slice(0, 16)}` };
}

async function* examplesIn(path: string): AsyncGenerator<TrainingExample> {
  let number = 0;
  for await (const { messages } of readJsonl(path, supervisedSchema)) {
    const prompt = messages.slice(0, -1);
    const completion = messages.at(-1)?.content ?? '';
    // No format keeps the verdict.
    yield { ...namesOf(prompt, ++number), prompt, completion, verdict: 'A' };
  }
}

async function* preferencesIn(path: string): AsyncGenerator<PreferenceExample> {
  let number = 0;
  for await (const row of readJsonl(path, preferenceSchema)) {
    const prompt = row.input.messages;
    const [{ content: chosen }] = row.preferred_output;
    const [{ content: rejected }] = row.non_preferred_output;
    yield { ...namesOf(prompt, ++number), prompt, chosen, rejected, verdict: 'A' };
  }
}
