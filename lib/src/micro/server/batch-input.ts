// Reads the input file of a batch: JSON Lines of {custom_id, method, url, body}, every wrong line told.
// Reference: https://platform.openai.com/docs/guides/batch
import { boundedLines, type FileLine } from './batch-lines.js';
import type { BatchProblem } from './batch-record.js';
import { BATCH_ENDPOINT } from './batch-request.js';

/** Requests that one batch may hold. */
const MOST_REQUESTS = 50_000;
/** Problems that are told one by one; a file of nonsense needs no more to be known as one. */
const MOST_PROBLEMS = 1000;
/** Longest accepted custom_id, in characters. */
const MOST_ID_CHARACTERS = 512;
/** Longest line that is read: a request of 1 MiB, which is what the server takes, in whatever way its text is escaped. */
const MOST_LINE_BYTES = 4 * 1024 * 1024;

/** One request of a batch. */
export interface BatchLine {
  customId: string;
  body: Record<string, unknown>;
}

/** What a check of an input file came to. */
export interface CheckedInput {
  nRequests: number;
  /** Empty where every line is right. */
  problems: BatchProblem[];
}

/** What is wrong with a line, whichever it is. */
type LineProblem = Omit<BatchProblem, 'line'>;

/** Checks a whole file; blank lines are passed over. @returns null where the signal aborted before its end */
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
  const nUntold = nProblems - problems.length;
  if (nUntold > 0) {
    const message = `${nUntold} more lines are wrong.`;
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
  const text = decodeUtf8(content);
  if (text === null)
    return { code: 'invalid_json_line', message: 'Expected UTF-8 text, received other bytes.', param: null };
  const value = parseJson(text);
  if (!isObject(value)) {
    const message = `Expected one JSON object, received ${text.trim().slice(0, 60)}`;
    return { code: 'invalid_json_line', message, param: null };
  }
  return readRequest(value);
}

function readRequest(value: Record<string, unknown>): BatchLine | LineProblem {
  const { custom_id: customId, method, url, body } = value;
  const wrong = (code: string, param: string, expected: string): LineProblem => ({
    code,
    message: `Expected ${expected}, received ${shown(value[param])}.`,
    param,
  });
  if (typeof customId !== 'string' || customId === '' || customId.length > MOST_ID_CHARACTERS) {
    const code = customId === undefined || customId === '' ? 'missing_custom_id' : 'invalid_custom_id';
    return wrong(code, 'custom_id', `a custom_id of 1 to ${MOST_ID_CHARACTERS} characters`);
  }
  if (method !== 'POST') return wrong('invalid_method', 'method', 'the method "POST"');
  if (url !== BATCH_ENDPOINT)
    return wrong('invalid_url', 'url', `the url "${BATCH_ENDPOINT}", which the batch names`);
  if (!isObject(body)) return wrong('invalid_body', 'body', 'a JSON object as body');
  return { customId, body };
}

/** A byte order mark at the begin is dropped. */
function decodeUtf8(content: Buffer): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(content);
  } catch {
    return null;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A list or an object is only named: it may be nested deeper than can be written out. */
function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  return isObject(value) ? 'an object' : JSON.stringify(value).slice(0, 80);
}
