// The one way from examples to the rows of a file and back, for exports and for the files that training jobs are submitted with.
import { DataError } from '../core/errors.js';
import { schemaProblems } from '../core/jsonl.js';
import { rowsOf, type DatasetFormat } from './dataset-format.js';
import { formatNamed, type ExportFormatName } from './formats.js';
import { HashedFile } from './hashed-file.js';
import type { ExampleOf, ExportKind, RecordOf } from './row-format.js';

/** Examples in memory or as a stream. */
export type Examples<Example> = AsyncIterable<Example> | Iterable<Example>;

/**
 * Writes the file that a training job is submitted with, in the OpenAI format: the same bytes as an export in the format `openai`. The
 * file appears whole or not at all.
 * @returns the number of examples, from 0
 * @throws DataError naming the pair when the format cannot hold an example; whatever the examples throw
 */
export async function writeTrainingFile<Kind extends ExportKind>(
  path: string,
  { kind, examples }: { kind: Kind; examples: Examples<ExampleOf<Kind>> },
): Promise<number> {
  return HashedFile.whole(path, (file) => writeRows(examples, { file, format: formatNamed('openai'), kind }));
}

/**
 * Writes examples as rows of a format, each checked before it is written.
 * @returns their number
 * @throws DataError naming the pair when the format cannot hold an example
 */
export async function writeRows<Kind extends ExportKind>(
  examples: Examples<ExampleOf<Kind>>,
  { file, format, kind }: { file: HashedFile; format: DatasetFormat; kind: Kind },
): Promise<number> {
  const rows = rowsOf(format, kind);
  const output = format.container.open(file, rows.schema);
  const nOfPair = new Map<string, number>();
  let nExamples = 0;
  for await (const example of examples) {
    const { pairId } = example;
    const number = (nOfPair.get(pairId) ?? 0) + 1;
    nOfPair.set(pairId, number);
    // Trainers want a different id for each example; a pair may have several.
    const row = rows.toRow(example, number === 1 ? pairId : `${pairId}#${number}`);
    const checked = rows.schema.safeParse(row);
    if (!checked.success)
      throw new DataError({
        subject: `the example of ${pairId}`,
        expected: `an example that the ${format.title} format can hold`,
        received: schemaProblems(checked.error),
        remedy: 'Export it in another format, or use a prompt pack whose judge prompt fits.',
        cause: checked.error,
      });
    await output.write(row);
    nExamples++;
  }
  await output.finish();
  return nExamples;
}

/**
 * The examples of an exported file, in its order.
 * @throws DataError when the file is missing, damaged, or has a row that does not fit the format
 */
export async function* readExport<Kind extends ExportKind>(
  path: string,
  { format: name, kind }: { format: ExportFormatName; kind: Kind },
): AsyncGenerator<RecordOf<Kind>> {
  const format = formatNamed(name);
  const rows = rowsOf(format, kind);
  for await (const row of format.container.read(path, rows.schema)) yield rows.fromRow(row);
}

/**
 * Passes examples on after checking that their instruction is on no other side of the set.
 * @param options.side names this side in errors
 * @param options.sides the side of every instruction so far; share it between the sides of a set
 * @throws DataError naming the pair and the other side
 */
export async function* keptApart<Example extends { pairId: string; instructionId: string }>(
  examples: Examples<Example>,
  { side, sides }: { side: string; sides: Map<string, string> },
): AsyncGenerator<Example> {
  for await (const example of examples) {
    const { pairId, instructionId } = example;
    const other = sides.get(instructionId) ?? side;
    if (other !== side)
      throw new DataError({
        subject: `the example of ${pairId} in ${side}`,
        expected: `an instruction that is not in ${other}`,
        received: instructionId,
        remedy: 'Split the set by instruction.',
      });
    sides.set(instructionId, side);
    yield example;
  }
}
