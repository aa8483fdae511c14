// The route that shares a view: asks the view what its page had asked, and writes the answers into one file.
import type { Hono } from 'hono';
import { z } from 'zod';
import { ConfigError, DataError } from '../core/errors.js';
import { foldersOf, MOST_BYTES, roomIn, shareFile, withoutPlaces } from './share-file.js';
import type { ComparedJudges } from './compare-records.js';
import {
  judgmentPath,
  READING_ROUTES,
  readingRoute,
  requestKey,
  type FilteredJudgments,
  type Listed,
  type ReadingRequest,
  type SharedCount,
  type SharedView,
  type WholeJudgment,
} from './view-records.js';

const sharedPlaceSchema = z.strictObject({
  hash: z.string().max(20_000),
  requests: z.array(z.strictObject({ path: z.string(), body: z.string().optional() })).max(1000),
});
/** A place, and what its page had asked for, the latest last. */
export type SharedPlace = z.output<typeof sharedPlaceSchema>;

/** How the view is asked, and what is not to leave the machine. */
export interface SharingView {
  /** @throws what is wrong with the request */
  ask: (request: ReadingRequest) => Promise<unknown>;
  /** See {@link withoutPlaces}. */
  secrets: readonly string[];
  /** ISO 8601. */
  at: string;
  /** Bytes of the file at most. */
  most?: number;
}

/** Adds the route that shares a place: it answers with the file and, in a header, how much that holds. */
export function addShareRoute(
  app: Hono,
  { token, resultsFolder }: { token: string; resultsFolder: string },
): void {
  app.post('/:token/api/share', async (context) => {
    const { host } = new URL(context.req.url);
    const ask = async (request: ReadingRequest): Promise<unknown> => {
      const { path, body = null } = request;
      const method = READING_ROUTES[readingRoute(request) ?? ''] ?? 'GET';
      const init = { method, body, headers: { host }, signal: context.req.raw.signal };
      const response = await app.request(`/${token}/${path}`, init);
      const answer = (await response.json()) as { error?: string };
      if (response.ok) return answer;
      throw new DataError({
        subject: 'share',
        expected: 'an answer to what the page had asked',
        received: answer.error ?? response.statusText,
        remedy: 'Load the page again.',
      });
    };
    const place = sharedPlaceSchema.parse(await context.req.json());
    const secrets = [...foldersOf(resultsFolder), token, host];
    const view = await sharedView(place, { ask, secrets, at: new Date().toISOString() });
    return context.html(shareFile(view), 200, { 'x-autodidact-shared': JSON.stringify(view.counts) });
  });
}

/**
 * What a file holds of a place: the answers that its page shows, the latest first where not all fit, then the judgments of its list.
 * @throws ConfigError for a request that is none of {@link READING_ROUTES}; what the view answers to a wrong one
 */
export async function sharedView(
  { hash, requests }: SharedPlace,
  { ask, secrets, at, most = MOST_BYTES }: SharingView,
): Promise<SharedView> {
  const room = roomIn(most);
  const view: SharedView = { hash, at, answers: {}, judgments: null, counts: [] };
  const lists: ReadingRequest[] = [];
  const compared: ComparedJudges[] = [];
  let nAnswers = 0;
  const latestFirst = [...requests].reverse();
  const figures = await missingFigures(latestFirst, ask);
  for (const request of figures ? [figures, ...latestFirst] : latestFirst) {
    const route = readingRoute(request);
    if (route === null) {
      throw new ConfigError({
        subject: 'share',
        expected: 'requests that change nothing',
        received: request.path.slice(0, 100),
        remedy: 'Load the page again.',
      });
    }
    if (route === 'api/judgments') {
      lists.push(request);
      continue;
    }
    const answer = withoutPlaces(await ask(request), secrets);
    if (route === 'api/compare') compared.push(answer as ComparedJudges);
    nAnswers += 1;
    const kept = Array.isArray(answer) ? answer.filter(room.takes) : answer;
    if (Array.isArray(answer) && Array.isArray(kept))
      view.counts.push({ what: 'runs', n: nReadable(kept), of: nReadable(answer) });
    if (Array.isArray(kept) || room.takes(kept)) view.answers[requestKey(request)] = kept;
  }
  const n = Object.keys(view.answers).length;
  const [shown] = compared;
  if (shown) view.counts.push(await addComparedJudgments(view, shown, { ask, secrets, room }));
  if (n < nAnswers) view.counts.push({ what: 'answers of the server', n, of: nAnswers });
  const [latest] = lists;
  if (latest) {
    const { run, items, facets, ...count } = await judgmentsOf(latest, { ask, secrets, room });
    view.judgments = { run, items, facets };
    view.counts.push({ what: 'judgments', n: items.length, ...count });
  }
  return view;
}

/** Of a list of runs, those that its page counts. */
function nReadable(listed: readonly Listed[]): number {
  return listed.filter(({ kind }) => kind !== 'unreadable').length;
}

const judgesSchema = z.object({ a: z.unknown(), b: z.unknown() });

/** The request for the figures of the comparison that is shown, where its page had no answer yet; null where there are none. */
async function missingFigures(
  requests: readonly ReadingRequest[],
  ask: SharingView['ask'],
): Promise<ReadingRequest | null> {
  const compared = requests.find((each) => readingRoute(each) === 'api/compare');
  if (!compared) return null;
  const { a, b } = judgesSchema.parse(JSON.parse(compared.body ?? ''));
  const figures = { path: 'api/compare-figures', body: JSON.stringify({ a, b }) };
  if (requests.some((each) => requestKey(each) === requestKey(figures))) return null;
  // Of judges that share no item there are none; the page says why.
  return ask(figures).then(
    () => figures,
    () => null,
  );
}

/** Adds the judgments of the items that a comparison shows to the answers of a file, as far as there is room. @returns how many */
async function addComparedJudgments(
  { answers }: SharedView,
  { items, ...sides }: ComparedJudges,
  { ask, secrets, room }: Pick<SharingView, 'ask' | 'secrets'> & { room: ReturnType<typeof roomIn> },
): Promise<SharedCount> {
  const requests = items.flatMap((item) =>
    (['a', 'b'] as const).flatMap((side) =>
      item[side].map(({ row }) => ({ path: judgmentPath(sides[side].run, row) })),
    ),
  );
  let n = 0;
  for (const request of requests) {
    const key = requestKey(request);
    const answer = key in answers ? null : withoutPlaces(await ask(request), secrets);
    if (answer !== null && !room.takes(answer)) break;
    if (answer !== null) answers[key] = answer;
    n += 1;
  }
  const ofShown = { nItems: items.length, nJudgments: requests.length };
  return { what: 'judgments', n, of: sides.nJudgments, ofShown };
}

const listQuerySchema = z.looseObject({ run: z.string(), offset: z.int().min(0).default(0) });

/** Judgments that are looked up at once. */
const LIMIT = 500;

/** The judgments of a list as far as there is room: from its page to its end, then those before it. */
async function judgmentsOf(
  { path, body = '' }: ReadingRequest,
  { ask, secrets, room }: Pick<SharingView, 'ask' | 'secrets'> & { room: ReturnType<typeof roomIn> },
): Promise<NonNullable<SharedView['judgments']> & Pick<SharedCount, 'of' | 'isAtLeast'>> {
  const { offset: shown, ...query } = listQuerySchema.parse(JSON.parse(body));
  const { run } = query;
  const items: WholeJudgment[] = [];
  let of = 0;
  let [offset, end] = [shown, Infinity];
  for (;;) {
    const limit = Math.min(LIMIT, end - offset);
    const page = (await ask({
      path,
      body: JSON.stringify({ ...query, offset, limit }),
    })) as FilteredJudgments;
    const { facets, judgments, isWhole } = page;
    of = Math.max(of, page.total);
    for (const { row } of judgments) {
      const asked = { path: judgmentPath(run, row) };
      const whole = withoutPlaces(await ask(asked), secrets) as WholeJudgment;
      if (!room.takes(whole)) return { run, items, facets, of, isAtLeast: !isWhole };
      items.push(whole);
    }
    offset += judgments.length;
    const isEnd = judgments.length < limit || offset >= end;
    if (isEnd && (shown === 0 || end === shown)) return { run, items, facets, of };
    if (isEnd) [offset, end] = [0, shown];
  }
}
