// What the pages ask their server for.
import type { JudgmentFilter } from './filter.js';
import type { FilteredJudgments, ListedRun, WholeJudgment } from '../../src/view/view-records.js';

/** @throws Error with the server's words */
async function asked<Answer>(path: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(path, init);
  const answer = (await response.json().catch(() => ({ error: response.statusText }))) as Answer & {
    error?: string;
  };
  if (!response.ok) throw new Error(answer.error ?? response.statusText);
  return answer;
}

export function listRuns(): Promise<ListedRun[]> {
  return asked('api/runs');
}

export function findJudgments(
  query: { run: string; filter: JudgmentFilter; offset: number; limit: number },
  signal: AbortSignal,
): Promise<FilteredJudgments> {
  const headers = { 'content-type': 'application/json' };
  return asked('api/judgments', { method: 'POST', headers, body: JSON.stringify(query), signal });
}

export function readJudgment(run: string, row: number): Promise<WholeJudgment> {
  return asked(`api/judgment?run=${encodeURIComponent(run)}&row=${row}`);
}
