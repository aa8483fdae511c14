// Requests over HTTP that follow redirects with care: never from https to http, and no token to another host.
import { z } from 'zod';
import { DataError } from '../core/errors.js';
import { schemaProblems } from '../core/jsonl.js';
import { retryAfterMs } from '../core/retry-after.js';
import { printable } from '../core/text.js';
import { TransientFailure, withPatience, type Patience } from './patience.js';

const MAX_REDIRECTS = 5;
const REDIRECTS = [301, 302, 303, 307, 308];

/** A token and the only server that may see it. */
export interface Authorization {
  /** Scheme, host and port, as in `URL.origin`. */
  origin: string;
  token: string;
}

/** What every request needs. */
export interface WebOptions {
  /** Null sends none. */
  authorization: Authorization | null;
  patience: Patience;
  signal: AbortSignal;
}

/**
 * Asks for a document and follows redirects.
 * @returns the answer, whatever its status
 * @throws DataError for a redirect that is not followed; what `fetch` throws
 */
export async function request(
  address: string,
  options: { headers: Record<string, string>; authorization: Authorization | null; signal: AbortSignal },
): Promise<Response> {
  let url = new URL(address);
  let authorization = options.authorization;
  for (let nRedirects = 0; nRedirects <= MAX_REDIRECTS; nRedirects++) {
    // Once the token's host has been left, whoever sends back to it does not get it sent again.
    if (authorization?.origin !== url.origin) authorization = null;
    const response = await fetch(url, {
      headers: {
        ...options.headers,
        ...(authorization ? { authorization: `Bearer ${authorization.token}` } : {}),
      },
      redirect: 'manual',
      signal: options.signal,
    });
    const location = response.headers.get('location');
    if (!REDIRECTS.includes(response.status) || location === null) return response;
    await response.body?.cancel();
    url = redirected(location, url, address);
  }
  throw refusedRedirect(address, `more than ${MAX_REDIRECTS} redirects`);
}

function redirected(location: string, from: URL, address: string): URL {
  const to = URL.canParse(location, from.href) ? new URL(location, from) : null;
  if (to === null || !['http:', 'https:'].includes(to.protocol)) {
    throw refusedRedirect(address, `a redirect to ${printable(location, 80)}`);
  }
  if (from.protocol === 'https:' && to.protocol === 'http:') {
    throw refusedRedirect(address, `a redirect from https to http (${to.host})`);
  }
  return to;
}

function refusedRedirect(address: string, received: string): DataError {
  return new DataError({
    subject: address,
    expected: 'a few redirects to http or https addresses, never from https to http',
    received,
    remedy: 'Check the address of the server.',
  });
}

/** Throws what a status that is no success means: worth another attempt, or final. */
export function failForStatus(response: Response, address: string): never {
  const { status } = response;
  if (status === 408 || status === 429 || status >= 500) {
    const { headers } = response;
    const asked = retryAfterMs(headers.get('retry-after'), { date: headers.get('date'), now: Date.now() });
    throw new TransientFailure(`HTTP status ${status}`, { retryAfterMs: asked });
  }
  const isForbidden = status === 401 || status === 403;
  throw new DataError({
    subject: address,
    expected: 'a file',
    received: `HTTP status ${status}`,
    remedy: isForbidden
      ? 'If the data set asks for its terms to be accepted, accept them on its page and set HF_TOKEN.'
      : 'The file is not there (any more), or a mirror lacks it.',
  });
}

/** Runs a step that gives up when nothing happens for `stallMs`; the step says when something did. */
export async function unlessStalled<Result>(
  options: { patience: Patience; signal: AbortSignal },
  step: (context: { signal: AbortSignal; isAlive: () => void }) => Promise<Result>,
): Promise<Result> {
  const stalled = new AbortController();
  const timer = setTimeout(() => stalled.abort(), options.patience.stallMs);
  try {
    const signal = AbortSignal.any([options.signal, stalled.signal]);
    return await step({ signal, isAlive: () => timer.refresh() });
  } catch (thrown) {
    options.signal.throwIfAborted();
    if (!stalled.signal.aborted) throw thrown;
    throw new TransientFailure(`nothing for ${options.patience.stallMs / 1000} s`);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Gets a JSON document.
 * @returns the document and the address of the next page, as the `Link` header tells it (RFC 8288)
 * @throws DataError when the server cannot be reached, refuses, or answers something else; the signal's reason when it aborts
 */
export async function getJson<Schema extends z.ZodType>(
  address: string,
  schema: Schema,
  options: WebOptions,
): Promise<{ value: z.output<Schema>; next: string | null }> {
  const { authorization, patience, signal } = options;
  const attempt = (): Promise<{ text: string; link: string }> =>
    unlessStalled({ patience, signal }, async (context) => {
      const headers = { accept: 'application/json' };
      const response = await request(address, { headers, authorization, signal: context.signal });
      if (!response.ok) failForStatus(response, address);
      return { text: await response.text(), link: response.headers.get('link') ?? '' };
    });
  const { text, link } = await withPatience(attempt, { url: address, patience, signal });
  const next = /<([^>]+)>\s*;\s*rel="?next"?/.exec(link)?.[1];
  return { value: parseJson(text, schema, address), next: next ? new URL(next, address).href : null };
}

function parseJson<Schema extends z.ZodType>(
  text: string,
  schema: Schema,
  address: string,
): z.output<Schema> {
  let problems: string;
  try {
    const result = schema.safeParse(JSON.parse(text));
    if (result.success) return result.data;
    problems = schemaProblems(result.error);
  } catch {
    // Not quoted: a server may repeat the token that it was sent.
    problems = `${text.length} characters that are not JSON`;
  }
  throw new DataError({
    subject: address,
    expected: 'a JSON document as the hub gives it',
    received: problems,
    remedy: 'Check the address of the hub.',
  });
}
