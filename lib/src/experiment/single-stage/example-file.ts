// Files of training examples of any origin: detects their kind and reads their records.
import { z } from 'zod';
import { ConfigError } from '../../core/errors.js';
import { readJsonl } from '../../core/jsonl.js';
import type { ExportKind } from '../../exports/index.js';
import {
  preferenceExampleSchema,
  trainingExampleSchema,
  type PreferenceExample,
  type TrainingExample,
} from '../../schema/training-example.js';
import { emptyInput } from './input-records.js';

/** Examples of either kind. */
export type ExampleSet =
  | { kind: 'sft'; read: () => AsyncGenerator<TrainingExample> }
  | { kind: 'preference'; read: () => AsyncGenerator<PreferenceExample> };

/**
 * Opens a file of examples. Its kind is detected from the first record; a later line of the other kind is an error when it is read.
 * @param expected the kind that it must have; absent: either
 * @throws DataError for a file that cannot be read, or is empty; ConfigError where it holds the other kind
 */
export async function openExamples(path: string, expected?: ExportKind): Promise<ExampleSet> {
  const kind = await kindOf(path);
  if (expected !== undefined && expected !== kind) {
    throw new ConfigError({
      subject: path,
      expected: NAMES[expected],
      received: NAMES[kind],
      remedy: 'Name another file, or ask for what this one holds.',
    });
  }
  return kind === 'sft'
    ? { kind, read: () => readSupervised(path) }
    : { kind, read: () => readPreferences(path) };
}

/** The supervised examples of a file. @throws DataError naming file and line */
export function readSupervised(path: string): AsyncGenerator<TrainingExample> {
  return readJsonl(path, trainingExampleSchema);
}

/** The preference examples of a file. @throws DataError naming file and line */
export function readPreferences(path: string): AsyncGenerator<PreferenceExample> {
  return readJsonl(path, preferenceExampleSchema);
}

const NAMES: Record<ExportKind, string> = {
  sft: 'supervised examples',
  preference: 'preference examples',
};

async function kindOf(path: string): Promise<ExportKind> {
  for await (const first of readJsonl(path, z.looseObject({})))
    return 'chosen' in first ? 'preference' : 'sft';
  throw emptyInput(path);
}
