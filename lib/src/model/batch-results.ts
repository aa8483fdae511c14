// Reads the results of one batch that has ended: joins them by their ids, whatever their order, each once.
import { AttemptFailure } from './attempt-failure.js';
import type { BatchApi, ServerBatch } from './batch-api.js';
import type { BatchCall, Strays } from './batch-call.js';
import { readBatchLine, type BatchOutcome } from './batch-file.js';
import { readChatValue, type ChatAnswer } from './chat-answer.js';
import type { SampleRequest } from './chat-endpoint.js';
import { failureFrom } from './server-error.js';

/** What was found in the result files. */
export interface TakenResults {
  /** Answers that no call waited for; they may be wanted later. */
  nLeft: number;
  nAnswered: number;
  /** Calls whose result is a failure. */
  failed: { call: BatchCall; failure: AttemptFailure }[];
  /** A file that the batch names no longer exists. */
  isFileLost: boolean;
  strays: Strays;
}

/**
 * Reads the result files of a batch and gives each waiting call its answer.
 * @param options.calls those that wait, by id; each one that gets an answer or a failure is removed
 * @param options.customIds all requests of the batch
 * @throws ModelError
 */
export async function takeResults(
  batch: ServerBatch,
  options: {
    api: BatchApi;
    calls: Map<string, BatchCall>;
    customIds: ReadonlySet<string>;
    signal: AbortSignal;
  },
): Promise<TakenResults> {
  const { api, calls, customIds, signal } = options;
  const taken = { nLeft: 0, nAnswered: 0, failed: [] as TakenResults['failed'], isFileLost: false };
  const strays: Strays = { nUnknown: 0, nDuplicate: 0, nUnreadable: 0 };
  const settled = new Set<string>();
  const settle = (line: BatchOutcome, call: BatchCall): void => {
    calls.delete(line.customId);
    try {
      call.succeed(answerOf(line, call.request));
      taken.nAnswered++;
    } catch (thrown) {
      if (!(thrown instanceof AttemptFailure)) throw thrown;
      taken.failed.push({ call, failure: redacted(thrown, api) });
    }
  };
  for (const fileId of [batch.output_file_id, batch.error_file_id]) {
    if (fileId === undefined || (fileId as string | null) === null) continue;
    /** What was found in this file; it starts anew when the download does. */
    const fresh = (): Strays & { nLeft: number; seen: Set<string> } => {
      return { ...strays, nLeft: taken.nLeft, seen: new Set(settled) };
    };
    let read = fresh();
    const begin = (): ((text: string) => void) => {
      read = fresh();
      return (text) => {
        const line = readBatchLine(text);
        if (line === null) read.nUnreadable++;
        else if (!customIds.has(line.customId)) read.nUnknown++;
        else if (read.seen.has(line.customId)) read.nDuplicate++;
        else {
          read.seen.add(line.customId);
          const call = calls.get(line.customId);
          if (call) settle(line, call);
          else if (line.kind === 'answered') read.nLeft++;
        }
      };
    };
    if (!(await api.readResults(fileId, { begin, signal }))) taken.isFileLost = true;
    const { seen, nLeft, ...counts } = read;
    Object.assign(strays, counts);
    taken.nLeft = nLeft;
    for (const customId of seen) settled.add(customId);
  }
  return { ...taken, strays };
}

function redacted({ failureClass, code, message, used }: AttemptFailure, api: BatchApi): AttemptFailure {
  return new AttemptFailure({ failureClass, code, message: api.redact(message), used });
}

/** @throws AttemptFailure of class `refused` where the request itself was refused, else of a class that may pass */
function answerOf(line: BatchOutcome, request: SampleRequest): ChatAnswer {
  if (line.kind === 'answered') return readChatValue(line.body, request);
  const { status, code, message, said } = line;
  if (status === null) throw new AttemptFailure({ failureClass: 'down', code, message });
  throw failureFrom({ status, value: said, request });
}
