// Joins answers with the requests of a round, and counts those that cannot be joined.
import type { KeyedRecords } from '../../core/keyed-records.js';
import { AttemptFailure } from '../../model/attempt-failure.js';
import { readBatchLine, type BatchOutcome } from '../../model/batch-file.js';
import { readChatValue } from '../../model/chat-answer.js';
import { failureFrom } from '../../model/server-error.js';
import type { Completion } from '../../schema/chat.js';
import type { BatchFailure, IndexEntry } from './batch-round.js';

/** A request that was answered, with one completion or more. */
export interface ReadAnswer {
  entry: IndexEntry;
  completions: Completion[];
}

/** Reads answers. Its counts are complete once all are read. */
export class AnswerReader {
  /** Failed requests without an answer in any line, by custom id. */
  readonly failed = new Map<string, Omit<BatchFailure, 'customId'>>();
  /** The server's message for the first failure of each cause. */
  readonly examples: Record<string, string> = {};
  nUnknown = 0;
  nDuplicates = 0;
  nUnreadable = 0;
  readonly #index: KeyedRecords<IndexEntry>;
  readonly #answered = new Set<string>();

  constructor(index: KeyedRecords<IndexEntry>) {
    this.#index = index;
  }

  /** Requests that were answered. */
  get nAnswered(): number {
    return this.#answered.size;
  }

  /** The first answer to each request, in the order of the lines; blank lines are skipped. @throws DataError */
  async *answers(lines: AsyncIterable<string>): AsyncGenerator<ReadAnswer> {
    for await (const line of lines) {
      if (line.trim() === '') continue;
      const outcome = readBatchLine(line);
      if (outcome === null) {
        this.nUnreadable++;
        continue;
      }
      const { customId } = outcome;
      if (this.#answered.has(customId)) {
        this.nDuplicates++;
        continue;
      }
      const entry = await this.#index.find(customId);
      if (entry === null) this.nUnknown++;
      else if (outcome.kind === 'failed') this.#fail(customId, { ...outcome, code: codeOf(outcome) });
      else {
        const completions = this.#read(entry, outcome.body);
        if (completions !== null) yield { entry, completions };
      }
    }
  }

  #read({ customId, ...entry }: IndexEntry, body: unknown): Completion[] | null {
    const { model, sampling, seed, promptVersion, keys } = entry;
    try {
      // Messages would only be needed to estimate usage, which is not counted here.
      const request = { model, messages: [], sampling, nSamples: keys.length, seed, promptVersion };
      const { completions } = readChatValue(body, request);
      this.#answered.add(customId);
      this.failed.delete(customId);
      return completions;
    } catch (thrown) {
      if (!(thrown instanceof AttemptFailure)) throw thrown;
      this.#fail(customId, { status: null, code: thrown.code, message: thrown.message });
      return null;
    }
  }

  #fail(customId: string, failure: Omit<BatchFailure, 'customId'> & { message: string }): void {
    const { status, code, message } = failure;
    this.failed.set(customId, { status, code });
    if (!Object.hasOwn(this.examples, code)) this.examples[code] = message;
  }
}

/** The cause, by what the answer says where there was one. */
function codeOf({ status, code, said }: Extract<BatchOutcome, { kind: 'failed' }>): string {
  return status === null ? code : failureFrom({ status, value: said }).code;
}
