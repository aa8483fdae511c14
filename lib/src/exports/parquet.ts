// Parquet, https://parquet.apache.org/docs/file-format/: the rows of TRL with the ids of the example, as the Hugging Face Hub shows them.
// Lists and structs as https://github.com/apache/parquet-format/blob/master/LogicalTypes.md has them.
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects, type SchemaElement } from 'hyparquet';
import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import { z } from 'zod';
import { DataError, messageOf } from '../core/errors.js';
import { readError } from '../core/files.js';
import { schemaProblems } from '../core/jsonl.js';
import { preferenceExampleSchema } from '../schema/training-example.js';
import type { Container, DatasetFormat } from './dataset-format.js';
import type { HashedFile } from './hashed-file.js';
import { preferenceRows, promptSchema, reply, replySchema, sftRows } from './row-format.js';

/** Rows of a row group, all of which are in memory at once: about 10 MB of judgments. */
const ROWS_PER_GROUP = 1000;

const { pairId, instructionId, verdict, rejectedAs } = preferenceExampleSchema.shape;
const common = { pairId, instructionId, verdict, prompt: promptSchema };

const parquetFiles: Container = {
  extension: 'parquet',
  open: (file, schema) => new ParquetRows(file, schema),
  read: readRows,
};

export const parquetFormat: DatasetFormat = {
  title: 'Parquet',
  documentation: 'https://parquet.apache.org/docs/file-format/',
  isForTrainers: false,
  container: parquetFiles,
  sft: sftRows({
    schema: z.strictObject({ ...common, completion: replySchema }),
    toRow: ({ completion, ...rest }) => ({ ...rest, completion: reply(completion) }),
    fromRow: ({ completion: [completion], ...rest }) => ({ ...rest, completion: completion.content }),
  }),
  preference: preferenceRows({
    schema: z.strictObject({
      ...common,
      chosen: replySchema,
      rejected: replySchema,
      rejectedAs: rejectedAs.nullable(),
    }),
    toRow: ({ chosen, rejected, rejectedAs: reason, ...rest }) => ({
      ...rest,
      chosen: reply(chosen),
      rejected: reply(rejected),
      rejectedAs: reason ?? null,
    }),
    fromRow: ({ chosen: [chosen], rejected: [rejected], rejectedAs: reason, ...rest }) => ({
      ...rest,
      chosen: chosen.content,
      rejected: rejected.content,
      ...(reason ? { rejectedAs: reason } : {}),
    }),
  }),
};

/** Writes rows group by group, compressed with Snappy, so that memory is bounded by one group. */
class ParquetRows {
  readonly #file: HashedFile;
  readonly #columns: readonly string[];
  readonly #bytes = new ByteWriter();
  readonly #parquet: ParquetWriter;
  #rows: Record<string, unknown>[] = [];

  constructor(file: HashedFile, schema: z.ZodObject) {
    this.#file = file;
    this.#columns = Object.keys(schema.shape);
    this.#parquet = new ParquetWriter({
      writer: this.#bytes,
      schema: elementsOf(schema),
      createdBy: 'autodidact',
    });
  }

  async write(row: Record<string, unknown>): Promise<void> {
    this.#rows.push(row);
    if (this.#rows.length >= ROWS_PER_GROUP) await this.#writeGroup();
  }

  /** Writes the last group, and the index at the end of the file. */
  async finish(): Promise<void> {
    await this.#writeGroup();
    await this.#parquet.finish();
    await this.#drain();
  }

  async #writeGroup(): Promise<void> {
    const rows = this.#rows;
    this.#rows = [];
    if (rows.length === 0) return;
    const columnData = this.#columns.map((name) => ({ name, data: rows.map((row) => row[name]) }));
    await this.#parquet.write({ columnData, rowGroupSize: rows.length });
    await this.#drain();
  }

  async #drain(): Promise<void> {
    await this.#file.append(this.#bytes.getBytes());
    this.#bytes.index = 0;
  }
}

/** A column for each field: lists of messages are nested, everything else is text. */
function elementsOf({ shape }: z.ZodObject): SchemaElement[] {
  const columns = Object.entries(shape);
  return [
    { name: 'root', num_children: columns.length },
    ...columns.flatMap(([name, schema]): SchemaElement[] => {
      const isOfMessages = schema instanceof z.ZodArray || schema instanceof z.ZodTuple;
      if (!isOfMessages) return [text(name, schema instanceof z.ZodNullable ? 'OPTIONAL' : 'REQUIRED')];
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

/** One row group is in memory at a time. */
async function* readRows(path: string, schema: z.ZodObject): AsyncGenerator<Record<string, unknown>> {
  const file = await asyncBufferFromFile(path).catch((thrown: unknown) => {
    throw readError(path, thrown);
  });
  let nRows = 0;
  for await (const row of unchecked(path, file)) {
    nRows++;
    const checked = schema.safeParse(row);
    if (!checked.success)
      throw new DataError({
        subject: `${path}, row ${nRows}`,
        expected: 'a row of the right shape',
        received: schemaProblems(checked.error),
        remedy: 'Export the set again.',
      });
    yield checked.data;
  }
}

async function* unchecked(
  path: string,
  file: Awaited<ReturnType<typeof asyncBufferFromFile>>,
): AsyncGenerator<Record<string, unknown>> {
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
      expected: 'a complete Parquet file',
      received: messageOf(cause),
      remedy: 'Export the set again.',
      cause,
    });
  }
}
