// Parquet, https://parquet.apache.org/docs/file-format/: the rows of TRL with the ids of the example, as the Hugging Face Hub shows them.
// Lists and structs as https://github.com/apache/parquet-format/blob/master/LogicalTypes.md has them.
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects, type SchemaElement } from 'hyparquet';
import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import { z } from 'zod';
import { DataError, messageOf } from '../core/errors.js';
import { readError } from '../core/files.js';
import {
  preferenceExampleSchema,
  type PreferenceExample,
  type TrainingExample,
} from '../schema/training-example.js';
import type { DatasetFormat } from './dataset-format.js';
import type { HashedFile } from './hashed-file.js';
import {
  assistant,
  assistantSchema,
  promptSchema,
  rowFormat,
  type ExportKind,
  type PreferenceRecord,
  type SftRecord,
} from './row-format.js';

const DOCUMENTATION = 'https://parquet.apache.org/docs/file-format/';

/** Rows of a row group, all of which are in memory at once: about 10 MB of judgments. */
const ROWS_PER_GROUP = 1000;

const ids = { pairId: z.string().min(1), instructionId: z.string().min(1), verdict: z.enum(['A', 'B']) };
const answer = z.array(assistantSchema).length(1);

/** Columns of a kind, in their order; those that are not texts hold messages. */
const COLUMNS: Record<ExportKind, readonly { name: string; holds: 'text' | 'optional text' | 'messages' }[]> =
  {
    sft: [
      { name: 'pairId', holds: 'text' },
      { name: 'instructionId', holds: 'text' },
      { name: 'verdict', holds: 'text' },
      { name: 'prompt', holds: 'messages' },
      { name: 'completion', holds: 'messages' },
    ],
    preference: [
      { name: 'pairId', holds: 'text' },
      { name: 'instructionId', holds: 'text' },
      { name: 'verdict', holds: 'text' },
      { name: 'prompt', holds: 'messages' },
      { name: 'chosen', holds: 'messages' },
      { name: 'rejected', holds: 'messages' },
      { name: 'rejectedAs', holds: 'optional text' },
    ],
  };

export const parquetFormat: DatasetFormat = {
  title: 'Parquet',
  documentation: { sft: DOCUMENTATION, preference: DOCUMENTATION },
  container: 'parquet',
  fileOf: (split) => `${split}.parquet`,
  sft: rowFormat({
    name: 'Parquet',
    schema: z.strictObject({ ...ids, prompt: promptSchema, completion: answer }),
    toRow: ({ completion, ...rest }: TrainingExample) => ({ ...rest, completion: [assistant(completion)] }),
    fromRow: ({ completion, ...rest }): SftRecord => ({ ...rest, completion: completion[0]?.content ?? '' }),
  }),
  preference: rowFormat({
    name: 'Parquet',
    schema: z.strictObject({
      ...ids,
      prompt: promptSchema,
      chosen: answer,
      rejected: answer,
      rejectedAs: preferenceExampleSchema.shape.rejectedAs.nullable(),
    }),
    toRow: ({ chosen, rejected, rejectedAs, ...rest }: PreferenceExample) => ({
      ...rest,
      chosen: [assistant(chosen)],
      rejected: [assistant(rejected)],
      rejectedAs: rejectedAs ?? null,
    }),
    fromRow: ({ chosen, rejected, rejectedAs, ...rest }): PreferenceRecord => ({
      ...rest,
      chosen: chosen[0]?.content ?? '',
      rejected: rejected[0]?.content ?? '',
      ...(rejectedAs ? { rejectedAs } : {}),
    }),
  }),
};

/** Writes rows group by group, compressed with Snappy, so that memory is bounded by one group. */
export class ParquetRows {
  readonly #file: HashedFile;
  readonly #kind: ExportKind;
  readonly #bytes = new ByteWriter();
  readonly #parquet: ParquetWriter;
  #rows: Record<string, unknown>[] = [];

  constructor(file: HashedFile, kind: ExportKind) {
    this.#file = file;
    this.#kind = kind;
    this.#parquet = new ParquetWriter({
      writer: this.#bytes,
      schema: schemaOf(kind),
      createdBy: 'autodidact',
    });
  }

  /** Adds a row. @throws DataError when the file cannot be written */
  async write(row: Record<string, unknown>): Promise<void> {
    this.#rows.push(row);
    if (this.#rows.length >= ROWS_PER_GROUP) await this.#writeGroup();
  }

  /** Writes what is left, and the index at the end of the file. @throws DataError */
  async finish(): Promise<void> {
    await this.#writeGroup();
    await this.#parquet.finish();
    await this.#drain();
  }

  async #writeGroup(): Promise<void> {
    const rows = this.#rows;
    this.#rows = [];
    if (rows.length === 0) return;
    const columnData = COLUMNS[this.#kind].map(({ name }) => ({ name, data: rows.map((row) => row[name]) }));
    await this.#parquet.write({ columnData, rowGroupSize: rows.length });
    await this.#drain();
  }

  async #drain(): Promise<void> {
    await this.#file.append(this.#bytes.getBytes());
    this.#bytes.index = 0;
  }
}

function schemaOf(kind: ExportKind): SchemaElement[] {
  const columns = COLUMNS[kind];
  return [
    { name: 'root', num_children: columns.length },
    ...columns.flatMap(({ name, holds }): SchemaElement[] => {
      if (holds !== 'messages') return [text(name, holds === 'text' ? 'REQUIRED' : 'OPTIONAL')];
      return [
        { name, repetition_type: 'REQUIRED', converted_type: 'LIST', num_children: 1 },
        { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
        { name: 'element', repetition_type: 'REQUIRED', num_children: 2 },
        text('role', 'REQUIRED'),
        text('content', 'REQUIRED'),
      ];
    }),
  ];
}

function text(name: string, repetition: 'REQUIRED' | 'OPTIONAL'): SchemaElement {
  return { name, type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: repetition };
}

/** The rows of such a file, one row group in memory at a time. @throws DataError when it is missing or damaged */
export async function* readParquetRows(path: string): AsyncGenerator {
  const file = await asyncBufferFromFile(path).catch((thrown: unknown) => {
    throw readError(path, thrown);
  });
  try {
    const metadata = await parquetMetadataAsync(file);
    let rowStart = 0;
    for (const { num_rows } of metadata.row_groups) {
      const rowEnd = rowStart + Number(num_rows);
      yield* await parquetReadObjects({ file, metadata, rowStart, rowEnd });
      rowStart = rowEnd;
    }
  } catch (cause) {
    throw new DataError({
      subject: path,
      expected: 'a whole Parquet file',
      received: messageOf(cause),
      remedy: 'Export the set again.',
      cause,
    });
  }
}
