// Takes the results of one ended batch in: joined by their ids, whatever their order, each once.
import { AttemptFailure, classOfStatus } from './attempt-failure.js';
import type { BatchApi, ServerBatch } from './batch-api.js';
import type { BatchCall, Strays } from './batch-call.js';
import { readBatchLine, type BatchOutcome } from './batch-file.js';
import { readChatValue, type ChatAnswer } from './chat-answer.js';
import type { SampleRequest } from './chat-endpoint.js';

/** What one reading of the result files came to. */
export interface TakenResults {
  /** Results that no call waited for; they may be wanted later. */
  nLeft: number;
  nAnswered: number;
  /** Calls whose result is a failure. */
  failed: { call: BatchCall; failure: AttemptFailure }[];
  /** A file that the batch names is not there any more. */
  isFileLost: boolean;
  strays: Strays;
}

/**
 * Reads the result files of a batch and gives each waiting call its answer.
 * @param options.calls those that wait, by id; whoever gets an answer or has a failure is taken out
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
  const settled = new Set<string>();
  const taken: TakenResults = {
    nLeft: 0,
    nAnswered: 0,
    failed: [],
    isFileLost: false,
    strays: { nUnknown: 0, nDuplicate: 0, nUnreadable: 0 },
  };
  for (const fileId of [batch.output_file_id, batch.error_file_id]) {
    if (fileId === undefined || (fileId as string | null) === null) continue;
    let read = new FileReading();
    const seenBefore = new Set(settled);
    const isThere = await api.readResults(fileId, {
      signal,
      onStart: () => {
        read = new FileReading();
      },
      onLine: (text) => {
        const line = readBatchLine(text);
        if (line === null) {
          read.nUnreadable++;
          return;
        }
        const { customId } = line;
        if (!customIds.has(customId)) read.nUnknown++;
        else if (read.seen.has(customId) || seenBefore.has(customId)) read.nDuplicate++;
        else {
          read.seen.add(customId);
          settle(line);
        }
      },
    });
    if (!isThere) taken.isFileLost = true;
    for (const customId of read.seen) settled.add(customId);
    taken.strays.nUnknown += read.nUnknown;
    taken.strays.nDuplicate += read.nDuplicate;
    taken.strays.nUnreadable += read.nUnreadable;
    taken.nLeft += read.nLeft;

    function settle(line: BatchOutcome): void {
      const call = calls.get(line.customId);
      if (call === undefined) {
        if (line.kind === 'answered') read.nLeft++;
        return;
      }
      calls.delete(line.customId);
      try {
        call.succeed(answerOf(line, call.request));
        taken.nAnswered++;
      } catch (thrown) {
        if (!(thrown instanceof AttemptFailure)) throw thrown;
        taken.failed.push({ call, failure: redacted(thrown, api) });
      }
    }
  }
  return taken;
}

/** What was found in one file; begun anew when its reading is. */
class FileReading {
  readonly seen = new Set<string>();
  nUnknown = 0;
  nDuplicate = 0;
  nUnreadable = 0;
  nLeft = 0;
}

function redacted({ failureClass, code, message }: AttemptFailure, api: BatchApi): AttemptFailure {
  return new AttemptFailure({ failureClass, code, message: api.redact(message) });
}

/** @throws AttemptFailure of class `refused` where the request itself was refused, else of one that passes */
function answerOf(line: BatchOutcome, request: SampleRequest): ChatAnswer {
  if (line.kind === 'answered') return readChatValue(line.body, request);
  const { status, code, message } = line;
  if (status === null) throw new AttemptFailure({ failureClass: 'down', code, message });
  throw new AttemptFailure({ failureClass: classOfStatus(status), code, message: `${status} ${message}` });
}
