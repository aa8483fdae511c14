// A format of training sets: its rows, its files, and what has to lie beside them.
import type { PreferenceExample, TrainingExample } from '../schema/training-example.js';
import type { ExportKind, PreferenceRecord, RowFormat, SftRecord, Split } from './row-format.js';

/** A set as the files beside it have to describe it. */
export interface ExportedSet {
  name: string;
  kind: ExportKind;
  /** The splits that it has, `train` first. */
  splits: readonly Split[];
}

/** A small text file beside the rows. */
export interface CompanionFile {
  /** Relative to the folder of the export. */
  path: string;
  text: string;
}

/** What a trainer reads. */
export interface DatasetFormat {
  /** For a person. */
  title: string;
  /** Where the format is documented. */
  documentation: Record<ExportKind, string>;
  container: 'jsonl' | 'parquet';
  /** The file of a split, relative to the folder of the export. */
  fileOf: (split: Split) => string;
  sft: RowFormat<TrainingExample, SftRecord>;
  preference: RowFormat<PreferenceExample, PreferenceRecord>;
  /** Absent: nothing but the rows. */
  companions?: (set: ExportedSet) => CompanionFile[];
}
