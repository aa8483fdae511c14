// Writes a judgments file and, as it grows, its index: the filter then reads the index and the texts that it keeps, and nothing else.
import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import type { z } from 'zod';
import { readError } from '../core/files.js';
import {
  judgmentIndexPath,
  judgmentIndexRow,
  type judgmentIndexFooterSchema,
} from '../schema/judgment-index.js';
import type { JudgedPair } from '../schema/judgment.js';
import type { RecordSink, RecordWriter, RunFolder } from '../store/index.js';

/** A judgments file under construction, with its index beside it. */
export class JudgmentsWriter implements RecordSink<JudgedPair> {
  readonly #path: string;
  readonly #judgments: RecordWriter;
  readonly #index: RecordWriter;
  readonly #fileHash = createHash('sha256');
  readonly #rowsHash = createHash('sha256');
  #nBytes = 0;

  private constructor(path: string, judgments: RecordWriter, index: RecordWriter) {
    this.#path = path;
    this.#judgments = judgments;
    this.#index = index;
  }

  /** Starts a judgments file in a folder. @throws DataError */
  static async create(folder: RunFolder, fileName: string): Promise<JudgmentsWriter> {
    const judgments = await folder.createRecords(fileName);
    try {
      const index = await folder.createRecords(judgmentIndexPath(fileName));
      return new JudgmentsWriter(folder.file(fileName), judgments, index);
    } catch (thrown) {
      await judgments.discard();
      throw thrown;
    }
  }

  /** Adds a pair, all of whose judgments have its id. */
  async write(judgedPair: JudgedPair): Promise<void> {
    const { pairId, judgments } = judgedPair;
    const texts = judgments.map((judgment) => JSON.stringify(judgment));
    const head = `{"pairId":${JSON.stringify(pairId)},"judgments":[`;
    const line = `${head}${texts.join(',')}]}`;
    const row = judgmentIndexRow(judgedPair, {
      start: this.#nBytes + Buffer.byteLength(head),
      lengths: texts.map((text) => Buffer.byteLength(text)),
    });
    const rowLine = JSON.stringify(row);
    this.#fileHash.update(`${line}\n`);
    this.#rowsHash.update(`${rowLine}\n`);
    this.#nBytes += Buffer.byteLength(line) + 1;
    await this.#judgments.writeLine(line);
    await this.#index.writeLine(rowLine);
  }

  /**
   * Moves the judgments to their place, then the index. If this stops in between, an older index may remain next to the new judgments; its
   * footer shows that it belongs to other ones.
   * @throws DataError
   */
  async commit(): Promise<void> {
    await this.#judgments.commit();
    const footer: z.infer<typeof judgmentIndexFooterSchema> = {
      version: 1,
      rowsHash: this.#rowsHash.digest('hex'),
      file: {
        bytes: this.#nBytes,
        hash: this.#fileHash.digest('hex'),
        changedNs: await changeTimeOf(this.#path),
      },
    };
    await this.#index.write(footer);
    await this.#index.commit();
  }

  /** Aborts and removes both files. */
  async discard(): Promise<void> {
    await this.#judgments.discard();
    await this.#index.discard();
  }
}

async function changeTimeOf(path: string): Promise<string> {
  try {
    return String((await stat(path, { bigint: true })).ctimeNs);
  } catch (thrown) {
    throw readError(path, thrown);
  }
}
