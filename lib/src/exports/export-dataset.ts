// Writes a training set as a trainer wants it: rows, the files beside them and a card, all of them or none.
import { join } from 'node:path';
import { ConfigError, DataError } from '../core/errors.js';
import { exists } from '../core/files.js';
import { schemaProblems } from '../core/jsonl.js';
import type { PreferenceExample, TrainingExample } from '../schema/training-example.js';
import { datasetCardSchema, renderCard, type DatasetCard } from './dataset-card.js';
import type { DatasetFormat } from './dataset-format.js';
import { formatNamed, type ExportFormatName } from './formats.js';
import { HashedFile } from './hashed-file.js';
import { ParquetRows } from './parquet.js';
import type { ExportKind, RowFormat, Split } from './row-format.js';

type Examples<Example> = AsyncIterable<Example> | Iterable<Example>;
type Example = TrainingExample | PreferenceExample;

/** A set, and where it goes. */
export type ExportRequest = {
  format: ExportFormatName;
  /** Made where there is none; files of the same names are replaced. */
  folder: string;
  /** Names the set inside the files: letters, digits, `-`, `_`, `.`. */
  name: string;
  /** Absent: no card. */
  card?: DatasetCard | undefined;
} & (
  | { kind: 'sft'; train: Examples<TrainingExample>; validation?: Examples<TrainingExample> | undefined }
  | {
      kind: 'preference';
      train: Examples<PreferenceExample>;
      validation?: Examples<PreferenceExample> | undefined;
    }
);

/** A file that was written. */
export interface ExportedFile {
  /** Relative to the folder of the export. */
  path: string;
  /** Of what it holds the rows; null for the files beside them. */
  split: Split | null;
  nExamples: number | null;
  bytes: number;
  sha256: string;
}

/** What an export wrote. */
export interface ExportResult {
  format: ExportFormatName;
  kind: ExportKind;
  nTrain: number;
  nValidation: number;
  files: ExportedFile[];
}

/**
 * Exports a set. Sets are read once, as streams. Nothing appears under its name before all of it is written.
 * @throws ConfigError for a name that file systems or trainers may not take, or a card of another shape
 * @throws DataError when the format cannot hold an example, the training set is empty, an instruction is on both sides, an earlier
 * export's validation set would be left beside this one's training set, or a file cannot be written
 */
export async function exportDataset(request: ExportRequest): Promise<ExportResult> {
  const { format: formatName, folder, name, kind, train, validation } = request;
  checkName(name);
  const format = formatNamed(formatName);
  checkCard(request.card);
  if (!validation) await checkNoValidation(folder, format);
  const open: HashedFile[] = [];
  const files: ExportedFile[] = [];
  const create = async (path: string): Promise<HashedFile> => {
    const file = await HashedFile.create(folder, path);
    open.push(file);
    return file;
  };
  try {
    const instructions = new Map<string, Split>();
    const rows = format[kind] as RowFormat<Example, unknown>;
    const sets: [Split, Examples<Example>][] = [
      ['train', train],
      ...(validation ? ([['validation', validation]] as [Split, Examples<Example>][]) : []),
    ];
    for (const [split, examples] of sets) {
      const path = format.fileOf(split);
      const file = await create(path);
      const checked = checkedExamples(examples, { split, instructions });
      const nExamples = await writeRows(checked, { file, format, rows, kind });
      if (nExamples === 0) throw emptySet(`${name}, ${split}`);
      files.push({ path, split, nExamples, ...(await file.finish()) });
    }
    const writeText = async (path: string, text: string): Promise<void> => {
      const file = await create(path);
      await file.write(text);
      files.push({ path, split: null, nExamples: null, ...(await file.finish()) });
    };
    const splits = sets.map(([split]) => split);
    for (const { path, text } of format.companions?.({ name, kind, splits }) ?? []) {
      await writeText(path, text);
    }
    if (request.card)
      await writeText('README.md', renderCard(request.card, { name, kind, ...format, files }));
    for (const file of open) await file.commit();
  } catch (thrown) {
    for (const file of open) await file.discard();
    throw thrown;
  }
  const nOf = (split: Split): number => files.find((file) => file.split === split)?.nExamples ?? 0;
  return { format: formatName, kind, nTrain: nOf('train'), nValidation: nOf('validation'), files };
}

async function writeRows(
  examples: AsyncIterable<Example>,
  {
    file,
    format,
    rows,
    kind,
  }: { file: HashedFile; format: DatasetFormat; rows: RowFormat<Example, unknown>; kind: ExportKind },
): Promise<number> {
  const parquet = format.container === 'parquet' ? new ParquetRows(file, kind) : null;
  const seen = new Map<string, number>();
  let nExamples = 0;
  for await (const example of examples) {
    const nBefore = seen.get(example.pairId) ?? 0;
    seen.set(example.pairId, nBefore + 1);
    // Trainers want ids of their own for examples; a pair may have several.
    const row = rows.encode(example, nBefore === 0 ? example.pairId : `${example.pairId}#${nBefore + 1}`);
    if (parquet) await parquet.write(row);
    else await file.write(`${JSON.stringify(row)}\n`);
    nExamples++;
  }
  await parquet?.finish();
  return nExamples;
}

/** Passes examples on whose instruction is on no other side. */
async function* checkedExamples(
  examples: Examples<Example>,
  { split, instructions }: { split: Split; instructions: Map<string, Split> },
): AsyncGenerator<Example> {
  for await (const example of examples) {
    const other = instructions.get(example.instructionId);
    if (other !== undefined && other !== split) {
      throw new DataError({
        subject: `the example of ${example.pairId}`,
        expected: `an instruction that is not in the ${other} set`,
        received: example.instructionId,
        remedy: 'Split the set by instruction.',
      });
    }
    instructions.set(example.instructionId, split);
    yield example;
  }
}

function checkName(name: string): void {
  if (/^[A-Za-z0-9][\w.-]{0,95}$/.test(name)) return;
  throw new ConfigError({
    subject: 'the name of the data set',
    expected: 'letters, digits, hyphens, dots and underscores, a letter or digit first, 96 at most',
    received: `"${name}"`,
    remedy: 'Choose another name.',
  });
}

function checkCard(card: DatasetCard | undefined): void {
  const checked = datasetCardSchema.optional().safeParse(card);
  if (checked.success) return;
  throw new ConfigError({
    subject: 'the card of the data set',
    expected: 'what a card tells',
    received: schemaProblems(checked.error),
    remedy: 'Mend those fields.',
    cause: checked.error,
  });
}

async function checkNoValidation(folder: string, format: DatasetFormat): Promise<void> {
  const path = join(folder, format.fileOf('validation'));
  if (!(await exists(path))) return;
  throw new DataError({
    subject: path,
    expected: 'no validation set beside a training set that has none',
    received: 'one of an earlier export',
    remedy: 'Move it away, or export to another folder.',
  });
}

function emptySet(subject: string): DataError {
  return new DataError({
    subject,
    expected: 'at least one example',
    received: 'none',
    remedy: 'Look at what the filter dropped, and why.',
  });
}
