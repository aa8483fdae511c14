// Views as the OpenAI API shows them: times in seconds, and lists cut by a limit and the id after which the page starts.
import { z } from 'zod';
import { badRequest } from './api-error.js';

/** Anything with an id, so that lists can be paged. */
export type View = { id: string } & Record<string, unknown>;

/** Seconds since 1970, from milliseconds; null stays null. */
export function seconds<Ms extends number | null>(ms: Ms): Ms {
  return (ms === null ? null : Math.floor(ms / 1000)) as Ms;
}

/** One page of a list. */
export interface Page<Item> {
  object: 'list';
  data: Item[];
  first_id: string | null;
  last_id: string | null;
  has_more: boolean;
}

/** The parameters of a list. @param usual items on a page by default @param most largest `limit` */
export function pageQuery(
  usual: number,
  most: number,
): z.ZodObject<{ limit: z.ZodDefault<z.ZodCoercedNumber>; after: z.ZodOptional<z.ZodString> }> {
  const error = `expected a whole number from 1 to ${most}`;
  const limit = z.coerce.number({ error }).int({ error }).min(1, { error }).max(most, { error });
  return z.object({ limit: limit.default(usual), after: z.string().optional() });
}

/**
 * The page that a query asks for.
 * @param items all items, in the order in which they are listed
 * @throws ApiError 400 for an unknown `after`
 */
export function pageOf<Item extends { id: string }>(
  items: readonly Item[],
  { limit, after }: { limit: number; after?: string | undefined },
): Page<Item> {
  const place = after === undefined ? -1 : items.findIndex(({ id }) => id === after);
  if (after !== undefined && place === -1) {
    throw badRequest(`after: there is no "${after.slice(0, 100)}" in this list. Use the last_id of a page.`, {
      param: 'after',
      code: 'invalid_value',
    });
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
