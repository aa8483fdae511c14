// What the pages ask their server for.
import type { JudgmentFilter } from './filter.js';
import type { FilteredJudgments, Listed, ReviewQueue, WholeJudgment } from '../../src/view/view-records.js';

/** @throws Error with the server's words */
async function asked<Answer>(path: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(path, init);
  const answer = (await response.json().catch(() => ({ error: response.statusText }))) as Answer & {
    error?: string;
  };
  if (!response.ok) throw new Error(answer.error ?? response.statusText);
  return answer;
}

/** Receives the list of runs whenever it changes. @returns what ends that */
export function followRuns(on: {
  list: (runs: Listed[]) => void;
  problem: (text: string | null) => void;
}): () => void {
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
  return asked('api/judgments', { ...posting(query), signal });
}

function posting(body: object): RequestInit {
  return { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

export function stopRun(run: string): Promise<unknown> {
  return asked('api/stop', posting({ run }));
}

/** Which queue, and whose. */
export interface QueueQuery {
  run: string;
  stage: string;
  iteration?: number;
  nItems: number;
  reviewer: string;
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
  return asked(`api/judgment?run=${encodeURIComponent(run)}&row=${row}`);
}
