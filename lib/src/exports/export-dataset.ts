// Writes a training set in a trainer's format: rows, the files beside them and a card. They appear once all are written, each whole.
import { join } from 'node:path';
import { ConfigError, DataError } from '../core/errors.js';
import { exists } from '../core/files.js';
import { schemaProblems } from '../core/jsonl.js';
import { datasetCardSchema, renderCard, type DatasetCard } from './dataset-card.js';
import { fileOf, type ExportedFile } from './dataset-format.js';
import { formatNamed, type ExportFormatName } from './formats.js';
import { HashedFile } from './hashed-file.js';
import type { ExampleOf, ExportKind, Split } from './row-format.js';
import { keptApart, writeRows, type Examples } from './write-rows.js';

/** A set, and where it goes. */
export type ExportRequest = {
  format: ExportFormatName;
  /** Created if it does not exist; files of the same names are replaced. */
  folder: string;
  /** Names the set inside the files: letters, digits, `-`, `_`, `.`. */
  name: string;
  /** Absent: no card. */
  card?: DatasetCard | undefined;
} & (SetToExport<'sft'> | SetToExport<'preference'>);

interface SetToExport<Kind extends ExportKind> {
  kind: Kind;
  train: Examples<ExampleOf<Kind>>;
  validation?: Examples<ExampleOf<Kind>> | undefined;
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
 * Exports a set. Sets are read once, as streams. All files are complete before the first one gets its name.
 * @throws ConfigError for a name that file systems or trainers may refuse, or a card that does not fit its schema
 * @throws DataError when the format cannot hold an example, a side is empty, an instruction is on both sides, an earlier export's
 * validation set would be left beside this training set, or a file cannot be written
 */
export async function exportDataset(request: ExportRequest): Promise<ExportResult> {
  const { format: formatName, folder, name, kind, card, train, validation } = request;
  checkName(name);
  const format = formatNamed(formatName);
  checkCard(card);
  if (!validation) await checkNoValidation(join(folder, fileOf(format, 'validation')));
  const open: HashedFile[] = [];
  const files: ExportedFile[] = [];
  const create = async (path: string): Promise<HashedFile> => {
    const file = await HashedFile.create(join(folder, path));
    open.push(file);
    return file;
  };
  const writeText = async (path: string, text: string): Promise<void> => {
    const file = await create(path);
    await file.write(text);
    files.push({ path, split: null, nExamples: null, ...(await file.finish()) });
  };
  try {
    const sides = new Map<string, string>();
    const splits: Split[] = validation ? ['train', 'validation'] : ['train'];
    for (const split of splits) {
      const path = fileOf(format, split);
      const file = await create(path);
      const source: Examples<ExampleOf<ExportKind>> = split === 'train' ? train : (validation ?? []);
      const examples = keptApart(source, { side: `the ${split} set`, sides });
      const nExamples = await writeRows(examples, { file, format, kind });
      if (nExamples === 0) throw emptySet(`${name}, ${split}`);
      files.push({ path, split, nExamples, ...(await file.finish()) });
    }
    for (const { path, text } of format.companions?.({ name, kind, splits }) ?? [])
      await writeText(path, text);
    if (card) await writeText('README.md', renderCard(card, { name, kind, format, files }));
    for (const file of open) await file.commit();
  } catch (thrown) {
    for (const file of open) await file.discard();
    throw thrown;
  }
  const nOf = (split: Split): number => files.find((file) => file.split === split)?.nExamples ?? 0;
  return { format: formatName, kind, nTrain: nOf('train'), nValidation: nOf('validation'), files };
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
    expected: 'the fields of a card',
    received: schemaProblems(checked.error),
    remedy: 'Fix those fields.',
    cause: checked.error,
  });
}

async function checkNoValidation(path: string): Promise<void> {
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
    remedy: 'Look at which examples the filter dropped, and why.',
  });
}
