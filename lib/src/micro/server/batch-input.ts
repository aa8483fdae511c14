// Reads the input file of a batch: JSON Lines of {custom_id, method, url, body}, with every wrong line reported.
// Reference: https://platform.openai.com/docs/guides/batch
import { z } from 'zod';
import { parseJson } from '../../core/jsonl.js';
import { boundedLines, type FileLine } from './batch-lines.js';
import type { BatchProblem } from './batch-store.js';
import { describe } from './request-body.js';

/** Requests that one batch may hold. */
const MOST_REQUESTS = 50_000;
/** Problems that are listed one by one; the rest are only counted. */
const MOST_PROBLEMS = 1000;
/** Longest accepted custom_id, in characters. */
const MOST_ID_CHARACTERS = 512;
/** Longest line that is read: a request of 1 MiB, the bound of online requests, however its text is escaped. */
const MOST_LINE_BYTES = 4 * 1024 * 1024;

/** The one path that the requests of a batch may name. */
export const BATCH_ENDPOINT = '/v1/chat/completions';

const idError = `Expected a custom_id of 1 to ${MOST_ID_CHARACTERS} characters`;
const jsonObject = z.looseObject({});
const requestLine = z.object({
  custom_id: z
    .string({ error: idError })
    .min(1, { error: idError })
    .max(MOST_ID_CHARACTERS, { error: idError }),
  method: z.literal('POST', { error: 'Expected the method "POST"' }),
  url: z.literal(BATCH_ENDPOINT, { error: `Expected the url "${BATCH_ENDPOINT}", which the batch names` }),
  body: z.custom<Record<string, unknown>>(
    (body) => typeof body === 'object' && body !== null && !Array.isArray(body),
    { error: 'Expected a JSON object as body' },
  ),
});

/** One request of a batch. */
export interface BatchLine {
  customId: string;
  body: Record<string, unknown>;
}

/** The result of checking an input file. */
export interface CheckedInput {
  nRequests: number;
  /** Empty where every line is valid. */
  problems: BatchProblem[];
}

/** What is wrong with a line. */
type LineProblem = Omit<BatchProblem, 'line'>;

/** Checks a whole file; blank lines are skipped. @returns null where the signal aborted before its end */
export async function checkBatchInput(path: string, signal: AbortSignal): Promise<CheckedInput | null> {
  const firstLineOf = new Map<string, number>();
  const problems: BatchProblem[] = [];
  let nRequests = 0;
  let nProblems = 0;
  let lineNumber = 0;
  const wrong = (found: LineProblem, line: number | null): void => {
    nProblems++;
    if (problems.length < MOST_PROBLEMS) problems.push({ ...found, line });
  };
  for await (const line of boundedLines(path, MOST_LINE_BYTES)) {
    if (signal.aborted) return null;
    lineNumber++;
    if (isBlank(line)) continue;
    nRequests++;
    // The file is refused already: the rest is only counted.
    if (nRequests > MOST_REQUESTS) continue;
    const read = readLine(line);
    if ('code' in read) {
      wrong(read, lineNumber);
      continue;
    }
    const earlier = firstLineOf.get(read.customId);
    if (earlier === undefined) firstLineOf.set(read.customId, lineNumber);
    else {
      const message = `The custom_id "${read.customId.slice(0, 80)}" stands on line ${earlier} already. Give every request its own.`;
      wrong({ code: 'duplicate_custom_id', message, param: 'custom_id' }, lineNumber);
    }
  }
  const nMore = nProblems - problems.length;
  if (nMore > 0) {
    const message = `${nMore} more lines are wrong.`;
    problems.push({ code: 'more_problems', message, param: null, line: null });
  }
  const whole = problemOfWhole(nRequests);
  if (whole !== null) problems.unshift({ ...whole, line: null });
  return { nRequests, problems };
}

/** The requests of a file that was checked. */
export async function* batchLines(path: string): AsyncGenerator<BatchLine> {
  for await (const line of boundedLines(path, MOST_LINE_BYTES)) {
    if (isBlank(line)) continue;
    const read = readLine(line);
    if ('customId' in read) yield read;
  }
}

function problemOfWhole(nRequests: number): LineProblem | null {
  const param = 'input_file_id';
  if (nRequests === 0) return { code: 'empty_file', message: 'The file holds no requests.', param };
  if (nRequests <= MOST_REQUESTS) return null;
  const message = `The file holds ${nRequests} requests; a batch may have ${MOST_REQUESTS}. Split it.`;
  return { code: 'too_many_requests', message, param };
}

function isBlank({ content }: FileLine): boolean {
  return content !== null && content.length < 1000 && content.toString('utf8').trim() === '';
}

function readLine({ content, nBytes }: FileLine): BatchLine | LineProblem {
  if (content === null) {
    const message = `Expected a line of at most ${MOST_LINE_BYTES} bytes, received ${nBytes}. Shorten the request.`;
    return { code: 'line_too_long', message, param: null };
  }
  const value = parseLine(content);
  if (typeof value === 'string') return { code: 'invalid_json_line', message: value, param: null };
  const { success, data, error } = requestLine.safeParse(value);
  if (success) return { customId: data.custom_id, body: data.body };
  const { path, message } = error.issues[0] ?? { path: [], message: '' };
  const param = String(path[0]);
  const received = value[param];
  const isMissing = param === 'custom_id' && (received === undefined || received === '');
  return {
    code: `${isMissing ? 'missing' : 'invalid'}_${param}`,
    message: `${message}, received ${describe(received)}.`,
    param,
  };
}

/** The object of a line, or what is wrong with it. A byte order mark is dropped. */
function parseLine(content: Buffer): Record<string, unknown> | string {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(content);
  } catch {
    return 'Expected UTF-8 text, received invalid UTF-8.';
  }
  const read = parseJson(text, jsonObject);
  return read.ok ? read.value : `Expected one JSON object, received ${text.trim().slice(0, 60)}`;
}
