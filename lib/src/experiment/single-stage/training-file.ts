// Training files of a job from files of examples: streamed, and no instruction is on both sides.
import { keptApart, writeTrainingFile, type ExampleOf, type ExportKind } from '../../exports/index.js';
import { stoppable } from '../watch/stoppable.js';
import type { ExampleSet } from './example-file.js';
import { emptyInput } from './input-records.js';

/** A set, where its training file goes, and where it came from. */
export interface TrainingSide {
  examples: ExampleSet;
  path: string;
  inFile: string;
}

/**
 * Writes the training file and, if there is a validation set, the validation file.
 * @returns how many examples there are to train on
 * @throws DataError for a line that is not an example of its kind, an empty side, or an instruction that is on both sides; the signal's
 *   reason when it aborts
 */
export async function writeTrainingFiles(
  train: TrainingSide,
  { validation, signal }: { validation?: TrainingSide | undefined; signal: AbortSignal },
): Promise<number> {
  const sides = new Map<string, string>();
  const nExamples = await writeSide(train, { role: 'training', sides, signal });
  if (validation) await writeSide(validation, { role: 'validation', sides, signal });
  return nExamples;
}

async function writeSide(
  { examples, path, inFile }: TrainingSide,
  {
    role,
    sides,
    signal,
  }: { role: 'training' | 'validation'; sides: Map<string, string>; signal: AbortSignal },
): Promise<number> {
  const records = stoppable<ExampleOf<ExportKind>>(examples.read(), signal);
  const nExamples = await writeTrainingFile(path, {
    kind: examples.kind,
    examples: keptApart(records, { side: `the ${role} set ${inFile}`, sides }),
  });
  if (nExamples === 0) throw emptyInput(inFile);
  return nExamples;
}
