// The file of a run's answers: one line for each, on the disk before it counts, and never rewritten.
import { open, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { makeFolder, readTextIfPresent, writeError } from '../core/files.js';
import { parseJson } from '../core/jsonl.js';
import { reviewAnswerSchema, type ReviewAnswer } from '../schema/review.js';

/** Answers as they were read. */
export interface ReadAnswers {
  /** In the order in which they were given. */
  answers: ReviewAnswer[];
  /** Lines that are no answer, counted from 1: mostly the end of a process that was killed. */
  damagedLines: number[];
}

/** Reads the answers of a file; one that is not there has none. @throws DataError when it cannot be read */
export async function readAnswers(path: string): Promise<ReadAnswers> {
  const answers: ReviewAnswer[] = [];
  const damagedLines: number[] = [];
  for (const [i, line] of ((await readTextIfPresent(path)) ?? '').split('\n').entries()) {
    if (line === '') continue;
    const parsed = parseJson(line, reviewAnswerSchema);
    if (parsed.ok) answers.push(parsed.value);
    else damagedLines.push(i + 1);
  }
  return { answers, damagedLines };
}

/** Appends answers. Several reviewers may have the same file open. */
export class AnswerLog {
  readonly #path: string;
  readonly #file: FileHandle;

  private constructor(path: string, file: FileHandle) {
    this.#path = path;
    this.#file = file;
  }

  /** Opens the file, or begins it. @throws DataError */
  static async open(path: string): Promise<AnswerLog> {
    await makeFolder(dirname(path));
    try {
      return new AnswerLog(path, await open(path, 'a'));
    } catch (thrown) {
      throw writeError(path, thrown);
    }
  }

  /**
   * Adds answers in one write, so that those of others stand before or after them; resolves when they are on the disk. Each line begins
   * with a line end too: whatever a killed process left half written stays a line of its own.
   * @throws DataError when they cannot be written
   */
  async add(...answers: readonly ReviewAnswer[]): Promise<void> {
    try {
      // `appendFile` would write a large import in pieces, between which others may write.
      const bytes = Buffer.from(answers.map((answer) => `\n${JSON.stringify(answer)}\n`).join(''));
      for (let at = 0; at < bytes.length;) at += (await this.#file.write(bytes, at)).bytesWritten;
      await this.#file.sync();
    } catch (thrown) {
      throw writeError(this.#path, thrown);
    }
  }

  /** Closes the file. */
  async close(): Promise<void> {
    await this.#file.close();
  }
}
