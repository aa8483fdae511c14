// Lists as the OpenAI API cuts them: a limit, and the id after which to go on.
import { badRequest } from './api-error.js';

/** One page of a list. */
export interface Page<Item> {
  object: 'list';
  data: Item[];
  first_id: string | null;
  last_id: string | null;
  has_more: boolean;
}

/** The query of a request, as the framework read it. */
export type Query = Readonly<Record<string, string | string[] | undefined>>;

/**
 * The page that a query asks for.
 * @param items all items, in the order in which they are listed
 * @throws ApiError 400 for a limit out of range or an unknown `after`
 */
export function pageOf<Item extends { id: string }>(
  items: readonly Item[],
  query: Query,
  limits: { usual: number; most: number },
): Page<Item> {
  const limit = query.limit === undefined ? limits.usual : Number(query.limit);
  if (!Number.isInteger(limit) || limit < 1 || limit > limits.most) {
    throw badRequest(
      `limit: expected a whole number from 1 to ${limits.most}, received "${String(query.limit)}".`,
      {
        param: 'limit',
        code: 'invalid_value',
      },
    );
  }
  const { after } = query;
  const place = after === undefined ? -1 : items.findIndex(({ id }) => id === after);
  if (after !== undefined && place === -1) {
    throw badRequest(
      `after: there is no "${String(after).slice(0, 100)}" in this list. Use the last_id of a page.`,
      {
        param: 'after',
        code: 'invalid_value',
      },
    );
  }
  const start = place + 1;
  const page = items.slice(start, start + limit);
  return {
    object: 'list',
    data: page,
    first_id: page[0]?.id ?? null,
    last_id: page.at(-1)?.id ?? null,
    has_more: start + limit < items.length,
  };
}

/** @throws ApiError 400 for query parameters that the route does not know */
export function checkQuery(query: Query, known: readonly string[]): void {
  const unknown = Object.keys(query).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  throw badRequest(`Unknown query parameter "${unknown.slice(0, 64)}". Known here: ${known.join(', ')}.`, {
    param: unknown.slice(0, 64),
    code: 'unknown_parameter',
  });
}
