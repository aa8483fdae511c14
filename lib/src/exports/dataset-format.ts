// A format of training sets: its rows, its files, and the files beside them.
import type { z } from 'zod';
import { readJsonl } from '../core/jsonl.js';
import type { FileDigest, HashedFile } from './hashed-file.js';
import type { ExportKind, RowFormat, Split } from './row-format.js';

/** How rows are stored in a file. */
export interface Container {
  /** Of its files, without the dot. */
  extension: string;
  /** Starts a file of rows. `finish` writes what is pending. @throws DataError when the file cannot be written */
  open(
    file: HashedFile,
    schema: z.ZodObject,
  ): { write(row: Record<string, unknown>): Promise<void>; finish(): Promise<void> };
  /** The rows of a file, in their order. @throws DataError when it is missing, damaged, or has a row that does not fit the schema */
  read(path: string, schema: z.ZodObject): AsyncGenerator<Record<string, unknown>>;
}

/** One JSON object a line. */
export const jsonLines: Container = {
  extension: 'jsonl',
  open: (file) => ({
    write: (row) => file.write(`${JSON.stringify(row)}\n`),
    finish: () => Promise.resolve(),
  }),
  read: readJsonl,
};

/** A set, as the files beside it describe it. */
export interface ExportedSet {
  name: string;
  kind: ExportKind;
  /** The splits that it has, `train` first. */
  splits: readonly Split[];
}

/** A file that was written. */
export interface ExportedFile extends FileDigest {
  /** Relative to the folder of the export. */
  path: string;
  /** The split whose rows it holds; null for the files beside them. */
  split: Split | null;
  nExamples: number | null;
}

/** A format that a trainer or another tool reads. */
export interface DatasetFormat {
  /** For a person. */
  title: string;
  /** Where the format is documented; by kind where that differs. */
  documentation: string | Record<ExportKind, string>;
  /** Whether a trainer reads it, so that `finetune.trainer.format` may name it. */
  isForTrainers: boolean;
  container: Container;
  /** The file of a split, relative to the folder of the export. Default: `<split>.<extension>`. */
  fileOf?: (split: Split) => string;
  sft: RowFormat<'sft'>;
  preference: RowFormat<'preference'>;
  /** Small text files beside the rows, with paths relative to the folder of the export. Default: none. */
  companions?: (set: ExportedSet) => { path: string; text: string }[];
}

/** The file of a split, relative to the folder of the export. */
export function fileOf({ container, ...format }: DatasetFormat, split: Split): string {
  return format.fileOf?.(split) ?? `${split}.${container.extension}`;
}

/** The rows of a kind. */
export function rowsOf<Kind extends ExportKind>(format: DatasetFormat, kind: Kind): RowFormat<Kind> {
  return format[kind] as RowFormat<Kind>;
}
