// What the pages ask their server for.
import type { CompareFilter, ComparedFigures, ComparedJudges } from '../../src/view/compare-records.js';
import {
  judgmentPath,
  readingRoute,
  requestKey,
  type FilteredJudgments,
  type Listed,
  type ReadingRequest,
  type ReviewQueue,
  type SharedCount,
  type WholeJudgment,
} from '../../src/view/view-records.js';
import type { JudgeAt, JudgmentFilter, QueueQuery } from './filter.js';
import { findShared, SHARED } from './shared.js';

/** What the page at hand has asked for, the latest last: a file that is shared of it holds the answers. */
let log = new Map<string, ReadingRequest>();

/** Requests of a page that are shared, at most; a page of a list has a hundred items. */
const MOST_LOGGED = 300;

/** Begins another page. */
export function forgetAsked(): void {
  log = new Map();
}

/** @throws Error with the server's words; in a shared file, for what it does not hold */
async function asked<Answer>(path: string, init: RequestInit = {}): Promise<Answer> {
  const request = { path, body: typeof init.body === 'string' ? init.body : undefined };
  const key = requestKey(request);
  if (SHARED) {
    if (key in SHARED.answers) return SHARED.answers[key] as Answer;
    throw new Error('This file holds only what was shown when it was shared.');
  }
  const ofPage = log;
  const response = await fetched(path, init);
  if (readingRoute(request) !== null) {
    ofPage.delete(key);
    ofPage.set(key, request);
    for (const oldest of [...ofPage.keys()].slice(0, -MOST_LOGGED)) ofPage.delete(oldest);
  }
  return (await response.json()) as Answer;
}

async function fetched(path: string, init: RequestInit): Promise<Response> {
  const response = await fetch(path, init);
  if (response.ok) return response;
  const { error } = (await response.json().catch(() => ({}))) as { error?: string };
  throw new Error(error ?? response.statusText);
}

/** The place at hand as one file. */
export async function shareView(): Promise<{ file: Blob; counts: SharedCount[] }> {
  const place = { hash: location.hash, requests: [...log.values()] };
  const response = await fetched('api/share', posting(place));
  const counts = JSON.parse(response.headers.get('x-autodidact-shared') ?? '[]') as SharedCount[];
  return { file: await response.blob(), counts };
}

/** Receives the list of runs whenever it changes. @returns what ends that */
export function followRuns(on: {
  list: (runs: Listed[]) => void;
  problem: (text: string | null) => void;
}): () => void {
  if (SHARED) {
    void asked<Listed[]>('api/runs').then(on.list, (thrown: unknown) => {
      on.problem(String(thrown));
    });
    return () => undefined;
  }
  const request = { path: 'api/runs' };
  log.set(requestKey(request), request);
  const events = new EventSource('api/live');
  events.onmessage = ({ data }: MessageEvent<string>) => {
    on.list(JSON.parse(data) as Listed[]);
    on.problem(null);
  };
  // It connects again by itself.
  events.onerror = () => {
    on.problem('The server of this page does not answer.');
  };
  return () => {
    events.close();
  };
}

export function findJudgments(
  query: { run: string; filter: JudgmentFilter; offset: number; limit: number },
  signal: AbortSignal,
): Promise<FilteredJudgments> {
  const judgments = SHARED?.judgments;
  if (judgments?.run === query.run) return Promise.resolve(findShared(judgments, query));
  return asked('api/judgments', { ...posting(query), signal });
}

/** The runs as they are now, to choose from: no shared file needs them. */
export async function listRuns(): Promise<Listed[]> {
  return (await fetched('api/runs', {})).json() as Promise<Listed[]>;
}

export function compareJudges(
  { a, b, ...query }: { a: JudgeAt; b: JudgeAt; filter: CompareFilter; offset: number; limit: number },
  signal: AbortSignal,
): Promise<ComparedJudges> {
  return asked('api/compare', { ...posting({ a: judge(a), b: judge(b), ...query }), signal });
}

export function compareFigures(
  { a, b }: { a: JudgeAt; b: JudgeAt },
  signal: AbortSignal,
): Promise<ComparedFigures> {
  return asked('api/compare-figures', { ...posting({ a: judge(a), b: judge(b) }), signal });
}

/** A judge as the server reads it. */
function judge({ benchmark, ...place }: JudgeAt): object {
  return { ...place, ...(benchmark !== null && { benchmark }) };
}

function posting(body: object): RequestInit {
  return { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

export function stopRun(run: string): Promise<unknown> {
  return asked('api/stop', posting({ run }));
}

export function readQueue(query: QueueQuery): Promise<ReviewQueue> {
  return asked('api/review', posting(query));
}

export function giveAnswer(
  query: QueueQuery,
  given: { itemId: string; answer: string; note?: string },
): Promise<unknown> {
  return asked('api/answer', posting({ ...query, ...given }));
}

export function readJudgment(run: string, row: number): Promise<WholeJudgment> {
  const judgments = SHARED?.judgments;
  const shared = judgments?.run === run && judgments.items.find((item) => item.row === row);
  if (shared) return Promise.resolve(shared);
  return asked(judgmentPath(run, row));
}
