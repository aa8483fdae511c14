// Exports a file of training examples in a trainer's format, split and counted, with a card.
import { fileHash } from '../../core/hash.js';
import {
  exportDataset,
  type DatasetCard,
  type ExportFormatName,
  type ExportKind,
  type ExportRequest,
  type ExportResult,
} from '../../exports/index.js';
import { setStatistics, sideOf, validationInstructions } from '../../filter/index.js';
import type { PreferenceExample, TrainingExample } from '../../schema/training-example.js';
import { openExamples, readPreferences, readSupervised } from '../single-stage/example-file.js';
import { stoppable } from '../watch/stoppable.js';
import { lineageOfSet, splitFileOf } from './run-lineage.js';

/** Options of an export. */
export interface ExportSetOptions {
  inFile: string;
  /** Absent: detected from the file. */
  kind?: ExportKind | undefined;
  format: ExportFormatName;
  outFolder: string;
  /** Names the set: letters, digits, `-`, `_`, `.`. */
  name: string;
  /** A share of the instructions, above 0 and below 1, or a file of other examples; absent: no validation set. */
  validation?: { share: number } | { file: string } | undefined;
  /** Seed of the draw of a share's instructions. */
  seed: number;
  /** The run that made the examples; absent: the card does not say how they were made. */
  runFolder?: string | undefined;
  /** License of the set, an identifier of the Hugging Face Hub. */
  license: string;
  signal: AbortSignal;
}

/** The files of an export, and statistics of its examples. */
export interface ExportedSetResult extends ExportResult {
  folder: string;
  statistics: NonNullable<DatasetCard['statistics']>;
}

/**
 * Exports a set. The files are read several times, as streams.
 * @throws ConfigError, DataError; the signal's reason when it aborts
 * @example
 * ```ts
 * const inFile = `${run.folder}/iteration-1/training-examples.jsonl`;
 * await exportSet({ inFile, format: 'trl', outFolder: 'trl', name: 'my-set', seed: 1, license: 'other', signal });
 * ```
 */
export async function exportSet(options: ExportSetOptions): Promise<ExportedSetResult> {
  const { kind } = await openExamples(options.inFile, options.kind);
  if (options.validation && 'file' in options.validation) await openExamples(options.validation.file, kind);
  return kind === 'sft'
    ? exportSides(options, readSupervised, (sides) => exportDataset({ ...sides, kind }))
    : exportSides(options, readPreferences, (sides) => exportDataset({ ...sides, kind }));
}

/** The two sides and where they go. */
interface Sides<Example> extends Pick<ExportRequest, 'format' | 'folder' | 'name' | 'card'> {
  train: AsyncGenerator<Example>;
  validation?: AsyncGenerator<Example> | undefined;
}

async function exportSides<Example extends TrainingExample | PreferenceExample>(
  options: ExportSetOptions,
  readFile: (path: string) => AsyncGenerator<Example>,
  write: (sides: Sides<Example>) => Promise<ExportResult>,
): Promise<ExportedSetResult> {
  const { format, name, inFile, outFolder: folder, validation, seed, signal } = options;
  const read = (path: string): AsyncGenerator<Example> => stoppable(readFile(path), signal);
  const held =
    validation && 'share' in validation
      ? await validationInstructions(await instructionsToSplit(options), { share: validation.share, seed })
      : null;
  const train = (): AsyncGenerator<Example> => (held ? sideOf(read(inFile), 'train', held) : read(inFile));
  const openValidation = (): AsyncGenerator<Example> | undefined => {
    if (held) return sideOf(read(inFile), 'validation', held);
    return validation && 'file' in validation ? read(validation.file) : undefined;
  };
  const counted = openValidation();
  const statistics = {
    train: await setStatistics(train()),
    ...(counted ? { validation: await setStatistics(counted) } : {}),
  };
  const card = await cardOf(options, statistics);
  const exported = await write({
    format,
    folder,
    name,
    card,
    train: train(),
    validation: openValidation(),
  });
  return { ...exported, folder, statistics };
}

/** The examples whose instructions are split, as a run splits them; of a set of no run, its own. */
async function instructionsToSplit({ inFile, runFolder, signal }: ExportSetOptions) {
  if (runFolder !== undefined) return readSupervised(await splitFileOf(runFolder, inFile));
  const { read } = await openExamples(inFile);
  return stoppable<TrainingExample | PreferenceExample>(read(), signal);
}

async function cardOf(
  { inFile, runFolder, validation, license, seed, signal }: ExportSetOptions,
  statistics: NonNullable<DatasetCard['statistics']>,
): Promise<DatasetCard> {
  const lineage = runFolder === undefined ? null : await lineageOfSet(runFolder, { inFile, signal });
  const validationHash =
    validation && 'file' in validation ? { 'validation examples': await fileHash(validation.file) } : {};
  return {
    description: 'Judgments for the training of a judge.',
    models: {},
    dropped: {},
    filter: {},
    seed,
    ...lineage,
    license,
    hashes: { ...lineage?.hashes, examples: await fileHash(inFile), ...validationHash },
    statistics,
  };
}
