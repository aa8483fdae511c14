// Writes OpenAI training files from files of examples, as streams, with no instruction on both sides.
import { DataError } from '../../core/errors.js';
import { PartialFile } from '../../core/files.js';
import { toPreferenceJsonl, toSupervisedJsonl } from '../../exports/index.js';
import { emptyInput } from './input-records.js';
import type { ExampleSet } from './example-file.js';

/** A set, its source, and the path of its training file. */
export interface TrainingSide {
  examples: ExampleSet;
  path: string;
  inFile: string;
}

/** Examples that are converted to lines at once. */
const CHUNK_SIZE = 256;

/**
 * Writes the training file and, if there is one, the validation file.
 * @returns how many examples there are to train on
 * @throws DataError for a line that is no example of its kind, a side without any, or an instruction that is on both; the signal's
 *   reason when it aborts
 */
export async function writeTrainingFiles(
  train: TrainingSide,
  { validation, signal }: { validation?: TrainingSide | undefined; signal: AbortSignal },
): Promise<number> {
  const trainedOn = new Set<string>();
  const nExamples = await writeSide(train, ({ instructionId }) => {
    signal.throwIfAborted();
    if (validation) trainedOn.add(instructionId);
  });
  if (validation) {
    await writeSide(validation, ({ instructionId, pairId }) => {
      signal.throwIfAborted();
      if (trainedOn.has(instructionId)) throw onBothSides(validation, { train, instructionId, pairId });
    });
  }
  return nExamples;
}

interface OfInstruction {
  instructionId: string;
  pairId: string;
}

async function writeSide(
  { examples, path, inFile }: TrainingSide,
  onExample: (example: OfInstruction) => void,
): Promise<number> {
  const nExamples =
    examples.kind === 'sft'
      ? await writeLines(path, examples.read(), { onExample, toLines: toSupervisedJsonl })
      : await writeLines(path, examples.read(), { onExample, toLines: toPreferenceJsonl });
  if (nExamples === 0) throw emptyInput(inFile);
  return nExamples;
}

async function writeLines<Example extends OfInstruction>(
  path: string,
  examples: AsyncIterable<Example>,
  {
    onExample,
    toLines,
  }: { onExample: (example: OfInstruction) => void; toLines: (some: readonly Example[]) => string },
): Promise<number> {
  const file = await PartialFile.create(path);
  let nExamples = 0;
  let chunk: Example[] = [];
  try {
    for await (const example of examples) {
      onExample(example);
      nExamples++;
      if (chunk.push(example) < CHUNK_SIZE) continue;
      await file.append(toLines(chunk));
      chunk = [];
    }
    await file.append(toLines(chunk));
    await file.commit();
  } catch (thrown) {
    await file.discard();
    throw thrown;
  }
  return nExamples;
}

function onBothSides(
  { inFile }: TrainingSide,
  { train, instructionId, pairId }: OfInstruction & { train: TrainingSide },
): DataError {
  return new DataError({
    subject: `${inFile}, the example of ${pairId}`,
    expected: `an instruction that is not in ${train.inFile}`,
    received: instructionId,
    remedy: 'Split the set by instruction.',
  });
}
